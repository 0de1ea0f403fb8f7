#include "usherctl/status.h"

#include "control/results.h"
#include "usherctl/style.h"

namespace broker {
namespace {

constexpr size_t kLabel = 10;
constexpr size_t kMaxText = 200;
constexpr size_t kMaxSentence = 1000;
constexpr std::chrono::seconds kStatusTimeout{30};

void PrintLine(Streams& streams, std::string label, std::string_view text) {
  streams.out << Styled(Padded(std::move(label), kLabel), Style::kBold, streams.colour) << text
              << '\n';
}

std::string SourceLine(const StatusResult& status, bool colour) {
  const Style style = status.source_state == "lost" ? Style::kAlarm : Style::kPlain;
  return Shown(status.source, kMaxText) + ", " +
         Styled(Shown(status.source_state, kMaxText), style, colour) + " since " +
         ShownTime(status.source_since_us) + " UTC";
}

std::string LogLine(const StatusResult& status, bool colour) {
  std::string line = Shown(status.log_directory, kMaxText);
  line += status.last_seq == 0 ? ", empty" : ", last event " + std::to_string(status.last_seq);
  if (status.log_lost != 0) line += ", " + std::to_string(status.log_lost) + " events lost";
  if (!status.log_degraded) return line;
  const std::string waiting = "degraded: " + std::to_string(status.log_unwritten) + " unwritten";
  line += ", " + Styled(waiting, Style::kAlarm, colour);
  return line + ", " + Styled(Shown(status.log_trouble, kMaxText), Style::kAlarm, colour);
}

std::string PluginsLine(const StatusResult& status, bool colour) {
  std::string line = std::to_string(status.plugins_running) + " running";
  if (status.plugins_failed == 0) return line;
  const std::string failed = std::to_string(status.plugins_failed) + " failed";
  return line + ", " + Styled(failed, Style::kAlarm, colour);
}

void Print(const StatusResult& status, Streams& streams) {
  const bool colour = streams.colour;
  PrintLine(streams, "usherd",
            Shown(status.version, kMaxText) + ", process " + std::to_string(status.pid) +
                ", since " + ShownTime(status.started_us) + " UTC");
  PrintLine(streams, "source", SourceLine(status, colour));
  PrintLine(streams, "log", LogLine(status, colour));
  PrintLine(streams, "sessions", std::to_string(status.sessions));
  PrintLine(streams, "plugins", PluginsLine(status, colour));
  for (const std::string& loss : status.losses)
    PrintLine(streams, "lost", Shown(loss, kMaxSentence));
  for (const std::string& trouble : status.trouble) {
    PrintLine(streams, "trouble", Styled(Shown(trouble, kMaxSentence), Style::kAlarm, colour));
  }
  if (status.trouble.empty()) PrintLine(streams, "health", "good");
}

ExitCode Judge(const boost::json::value& json) {
  const auto status = ParseStatusResult(json);
  return status.ok() && status->trouble.empty() ? kExitDone : kExitFailed;
}

}  // namespace

int RunStatus(const AskOptions& options, Streams& streams) {
  const auto show = [&streams](const boost::json::value& json) -> Status {
    const auto status = ParseStatusResult(json);
    if (status.ok()) Print(status.value(), streams);
    return status.status();
  };
  return Ask(options, "status", streams, show, {}, kStatusTimeout, Judge);
}

}  // namespace broker
