#include "platform/linux/login_record.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace broker {
namespace {

int64_t NumberIn(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Status Over(const Session& session) {
  return {StatusCode::kNotFound, "session " + std::string(session.Id()) + " is over"};
}

}  // namespace

Result<LoginRecord> ReadLoginRecord(const std::string& folder, const Session& session) {
  std::error_code ignored;
  std::ifstream file(folder + "/" + std::string(session.Id()));
  if (!file && !std::filesystem::exists(folder, ignored)) return LoginRecord();
  if (!file || session.Id().empty()) return Over(session);
  LoginRecord record;
  std::string line;
  while (std::getline(file, line)) {
    const size_t equals = std::min(line.find('='), line.size());
    const std::string_view name = std::string_view(line).substr(0, equals);
    const std::string value = equals < line.size() ? line.substr(equals + 1) : "";
    if (name == "SCOPE") record.scope = value;
    if (name == "LEADER") record.leader = NumberIn(value);
    if (name == "STATE" && value == "closing") return Over(session);
    // Ids come back: the time of its creation tells them apart.
    if (name == "MONOTONIC" && NumberIn(value) != session.created_us) return Over(session);
    if (name == "UID" && value != session.UserId()) return Over(session);
  }
  return record;
}

}  // namespace broker
