#include "usherctl/verify.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "control/json_fields.h"
#include "event/text.h"
#include "eventlog/verify.h"
#include "usherctl/log_trouble.h"

namespace broker {
namespace {

std::string Counted(uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string Summary(const LogVerification& found) {
  std::string text = Counted(found.segments, "segment") + ", " + Counted(found.events, "event");
  if (found.events != 0) {
    text += " (" + std::to_string(found.first) + " to " + std::to_string(found.last) + ")";
  }
  if (found.recorded_gaps != 0) text += ", " + Counted(found.recorded_gaps, "recorded gap");
  return text + ", " + (found.defects == 0 ? "no defects" : Counted(found.defects, "defect"));
}

void Print(const boost::json::object& json, Streams& streams) {
  streams.out << boost::json::serialize(json) << '\n';
}

void PrintDefect(const LogDefect& defect, bool json, Streams& streams) {
  if (!json) {
    streams.out << EscapeForTerminal(Describe(defect)) << '\n';
    return;
  }
  Print({{"file", JsonText(defect.file)},
         {"line", defect.line},
         {"expected", defect.expected},
         {"what", JsonText(defect.what)}},
        streams);
}

void PrintSummary(const LogVerification& found, bool json, Streams& streams) {
  if (!json) {
    streams.out << Summary(found) << '\n';
    return;
  }
  Print({{"segments", found.segments},
         {"events", found.events},
         {"first", found.first},
         {"last", found.last},
         {"recorded_gaps", found.recorded_gaps},
         {"defects", found.defects}},
        streams);
}

}  // namespace

int RunVerify(const VerifyOptions& options, FileSystem& files, Streams& streams) {
  const auto found = VerifyLog(files, options.directory, [&](const LogDefect& defect) {
    PrintDefect(defect, options.json, streams);
  });
  if (!found.ok()) return Explain(found.status(), options.directory, streams);
  PrintSummary(found.value(), options.json, streams);
  const ExitCode written = FinishOutput(streams);
  return found->defects == 0 ? written : kExitFailed;
}

}  // namespace broker
