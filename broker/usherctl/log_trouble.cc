#include "usherctl/log_trouble.h"

namespace broker {

std::string Describe(const LogDefect& defect) {
  std::string text = defect.file + ":";
  if (defect.line != 0) text += std::to_string(defect.line) + ":";
  text += " " + defect.what;
  if (defect.expected != 0) text += "; event " + std::to_string(defect.expected) + " was due there";
  return text;
}

void ComplainAbout(const LogDefect& defect, Streams& streams) {
  Complain(streams, Describe(defect) + "; passed over");
}

ExitCode Explain(const Status& status, const std::string& directory, Streams& streams,
                 std::string_view needs) {
  switch (status.code()) {
    case StatusCode::kPermission:
      Complain(streams, (status.message() + "; ").append(needs));
      return kExitNotPermitted;
    case StatusCode::kNotFound:
      Complain(streams, "there is no event log in " + directory +
                            "; usherd writes it, and --dir names another place");
      return kExitFailed;
    default:
      Complain(streams, status.message());
      return kExitFailed;
  }
}

}  // namespace broker
