#include "dispatch/removed_cursors.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "event/utc.h"

namespace broker {
namespace {

constexpr uint64_t kMaxBytes = 1U << 20U;
constexpr uint32_t kMode = 0640;
constexpr int64_t kLifeUs = std::chrono::microseconds(kRemovedCursorLife).count();

/// Instances by name, and since when they are missing.
using Missing = std::map<std::string, int64_t>;

/// Lines that cannot be understood are left out: the time of those begins again.
Result<Missing> ReadMissing(FileSystem& files, const std::string& path) {
  const Result<std::string> text = files.ReadAll(path, kMaxBytes);
  if (!text.ok()) {
    if (text.status().code() == StatusCode::kNotFound) return Missing();
    return text.status();
  }
  Missing missing;
  std::istringstream lines(text.value());
  for (std::string name, time; lines >> name >> time;) {
    if (const auto since_us = ParseUtc(time)) missing.emplace(name, *since_us);
  }
  return missing;
}

std::string TextOf(const Missing& missing) {
  std::string text;
  for (const auto& [name, since_us] : missing) text += name + " " + FormatUtc(since_us) + "\n";
  return text;
}

bool IsInstance(const std::string& name) {
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return name.find_first_not_of(kAllowed) == std::string::npos;
}

Result<std::vector<std::string>> InstancesIn(FileSystem& files, const std::string& cursors) {
  auto names = files.List(cursors);
  if (!names.ok() && names.status().code() == StatusCode::kNotFound) {
    return std::vector<std::string>();
  }
  if (names.ok()) std::erase_if(names.value(), [](const auto& name) { return !IsInstance(name); });
  return names;
}

}  // namespace

Result<std::vector<std::string>> ExpireCursors(FileSystem& files,
                                               const std::string& state_directory,
                                               const std::vector<std::string>& configured,
                                               int64_t now_us) {
  const std::string path = state_directory + "/removed";
  const std::string cursors = state_directory + "/cursors/";
  const auto before = ReadMissing(files, path);
  const auto instances = InstancesIn(files, cursors);
  if (!before.ok()) return before.status();
  if (!instances.ok()) return instances.status();
  Missing missing;
  std::vector<std::string> expired;
  for (const std::string& name : instances.value()) {
    const auto known = before->find(name);
    if (known != before->end() && now_us - known->second >= kLifeUs) {
      expired.push_back(name);
    } else if (std::ranges::find(configured, name) == configured.end()) {
      missing.emplace(name, known == before->end() ? now_us : known->second);
    }
  }
  // First what is noted: a note that stays would remove the cursor of one that has come back.
  Status noted = missing == before.value() ? Status() : files.Replace(path, TextOf(missing), kMode);
  for (const std::string& name : expired) {
    if (noted.ok()) noted = files.Remove(cursors + name);
  }
  if (!noted.ok()) return noted;
  std::vector<std::string> names;
  names.reserve(missing.size());
  for (const auto& [name, since_us] : missing) names.push_back(name);
  return names;
}

}  // namespace broker
