#include "memory.h"

#include <sstream>
#include <utility>
#include <vector>

namespace agents {
namespace {

constexpr const char* kStoppedKey = "stopped";
constexpr const char* kBegunKey = "begun";
constexpr const char* kObeyedKey = "obeyed";
constexpr const char* kAll = "all";
constexpr const char* kSome = "some";

/// A value is lines of fields with tabs between them, which no field has.
std::vector<std::vector<std::string>> ReadLines(const std::string& value) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream text(value);
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    lines.emplace_back();
    for (std::string field; std::getline(fields, field, '\t');) lines.back().push_back(field);
  }
  return lines;
}

}  // namespace

Memory::Memory(usher::Host host) : host_(host) {
  ReadObeyed();
  ReadStopped();
  ReadBegun();
}

void Memory::ReadObeyed() {
  std::istringstream(host_.Storage().Get(kObeyedKey).value_or("")) >> obeyed_;
}

void Memory::SetObeyed(uint64_t seq) {
  obeyed_ = seq;
  Write(kObeyedKey, std::to_string(seq));
}

void Memory::ReadStopped() {
  for (const auto& fields : ReadLines(host_.Storage().Get(kStoppedKey).value_or(""))) {
    if (fields.size() < 3) continue;
    Stopped& stopped = stopped_[fields[0]];
    stopped.boot_id = fields[1];
    stopped.all = fields[2] == kAll;
    stopped.others.insert(fields.begin() + 3, fields.end());
  }
}

void Memory::ReadBegun() {
  for (const auto& fields : ReadLines(host_.Storage().Get(kBegunKey).value_or(""))) {
    if (fields.size() == 2) begun_.emplace(fields[0], fields[1]);
  }
}

/// What was said in another boot does not count any more.
Memory::Stopped& Memory::Of(const std::string& agent, const std::string& boot_id) {
  Stopped& stopped = stopped_[agent];
  if (stopped.boot_id != boot_id) stopped = {boot_id, false, {}};
  return stopped;
}

void Memory::Stop(const std::string& agent, const std::string& boot_id) {
  stopped_[agent] = {boot_id, true, {}};
  WriteStopped();
}

void Memory::Start(const std::string& agent) {
  if (stopped_.erase(agent) != 0) WriteStopped();
}

void Memory::Stop(const std::string& agent, const std::string& boot_id, const std::string& place) {
  Stopped& stopped = Of(agent, boot_id);
  stopped.all ? static_cast<void>(stopped.others.erase(place))
              : static_cast<void>(stopped.others.insert(place));
  WriteStopped();
}

void Memory::Start(const std::string& agent, const std::string& place) {
  const auto stopped = stopped_.find(agent);
  if (stopped == stopped_.end()) return;
  stopped->second.all ? static_cast<void>(stopped->second.others.insert(place))
                      : static_cast<void>(stopped->second.others.erase(place));
  WriteStopped();
}

bool Memory::IsStopped(const std::string& agent, const std::string& place,
                       const std::string& session_key) const {
  const auto stopped = stopped_.find(agent);
  if (stopped == stopped_.end() || !session_key.starts_with(stopped->second.boot_id)) return false;
  return stopped->second.all != (stopped->second.others.count(place) != 0);
}

void Memory::SetBegun(const std::string& agent, const std::string& session_key, bool begun) {
  const std::pair<std::string, std::string> entry(agent, session_key);
  const bool changed = begun ? begun_.insert(entry).second : begun_.erase(entry) != 0;
  if (changed) WriteBegun();
}

void Memory::KeepBegun(const std::set<std::string>& session_keys) {
  const size_t erased = std::erase_if(
      begun_, [&](const auto& entry) { return session_keys.count(entry.second) == 0; });
  if (erased != 0) WriteBegun();
}

void Memory::WriteStopped() {
  std::string value;
  for (const auto& [agent, stopped] : stopped_) {
    value.append(agent).append("\t").append(stopped.boot_id).append("\t");
    value += stopped.all ? kAll : kSome;
    for (const std::string& place : stopped.others) value.append("\t").append(place);
    value += '\n';
  }
  Write(kStoppedKey, value);
}

void Memory::WriteBegun() {
  std::string value;
  for (const auto& [agent, session_key] : begun_) {
    value.append(agent).append("\t").append(session_key).append("\n");
  }
  Write(kBegunKey, value);
}

void Memory::Write(const std::string& key, const std::string& value) {
  try {
    host_.Storage().Put(key, value);
  } catch (const usher::Error& error) {
    host_.LogWarning("what agents were told is forgotten when the broker ends: " +
                     std::string(error.what()));
  }
}

}  // namespace agents
