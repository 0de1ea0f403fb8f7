#include "dispatch/known_instances.h"

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "event/utc.h"

namespace broker {
namespace {

constexpr uint64_t kMaxBytes = 1U << 20U;
constexpr uint32_t kMode = 0640;
constexpr int64_t kLifeUs = std::chrono::microseconds(kRemovedInstanceLife).count();

/// Instances by name, and since when they are missing; nullopt: they are configured.
using Known = std::map<std::string, std::optional<int64_t>>;

bool IsInstance(const std::string& name) {
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return name.find_first_not_of(kAllowed) == std::string::npos;
}

/// Where a time cannot be understood it begins again.
Known ParseKnown(const std::string& text) {
  Known known;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string time;
    words >> name >> time;
    if (!name.empty() && IsInstance(name)) known.emplace(name, ParseUtc(time));
  }
  return known;
}

Result<Known> ReadKnown(FileSystem& files, const std::string& path) {
  const Result<std::string> text = files.ReadAll(path, kMaxBytes);
  if (text.ok()) return ParseKnown(text.value());
  if (text.status().code() == StatusCode::kNotFound) return Known();
  return text.status();
}

std::string TextOf(const Known& known) {
  std::string text;
  for (const auto& [name, since_us] : known) {
    text += name;
    if (since_us) text.append(" ").append(FormatUtc(*since_us));
    text += '\n';
  }
  return text;
}

/// Also those that have but a cursor: the file may be lost.
Status AddFromCursors(FileSystem& files, const std::string& cursors, Known& known) {
  const auto names = files.List(cursors);
  if (!names.ok()) {
    return names.status().code() == StatusCode::kNotFound ? Status() : names.status();
  }
  for (const std::string& name : names.value()) {
    if (IsInstance(name)) known.emplace(name, std::nullopt);
  }
  return {};
}

/// Takes out those that have been missing for too long.
std::vector<std::string> TakeExpired(Known& known, int64_t now_us) {
  std::vector<std::string> expired;
  std::erase_if(known, [&](const auto& one) {
    const auto& [name, since_us] = one;
    const bool is_over = since_us && now_us - *since_us >= kLifeUs;
    if (is_over) expired.push_back(name);
    return is_over;
  });
  return expired;
}

Status RemoveCursors(FileSystem& files, const std::string& cursors,
                     const std::vector<std::string>& instances) {
  for (const std::string& name : instances) {
    Status removed = files.Remove(cursors + name);
    // It may have gone before it had one.
    if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
  }
  return {};
}

}  // namespace

NotedInstances NoteInstances(FileSystem& files, const std::string& state_directory,
                             const std::vector<std::string>& configured, int64_t now_us) {
  const std::string path = state_directory + "/instances";
  const std::string cursors = state_directory + "/cursors/";
  const auto noted = ReadKnown(files, path);
  if (!noted.ok()) return {{}, noted.status()};
  Known known = noted.value();
  Status done = AddFromCursors(files, cursors, known);
  if (!done.ok()) return {{}, done};
  const std::vector<std::string> expired = TakeExpired(known, now_us);
  const std::set<std::string> there(configured.begin(), configured.end());
  for (const std::string& name : there) known[name] = std::nullopt;
  std::vector<std::string> missing;
  for (auto& [name, since_us] : known) {
    if (there.contains(name)) continue;
    if (!since_us) since_us = now_us;
    missing.push_back(name);
  }
  // First what is noted: a note that stays would remove the cursor of one that has come back.
  if (known != noted.value()) done = files.Replace(path, TextOf(known), kMode);
  if (done.ok()) done = RemoveCursors(files, cursors, expired);
  return {std::move(missing), std::move(done)};
}

std::string WhyNotNoted(const Status& failure) {
  return "which plugins there are cannot be noted, so that what removed ones have left may stay: " +
         failure.message();
}

}  // namespace broker
