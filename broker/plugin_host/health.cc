#include "plugin_host/health.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "event/utc.h"

namespace broker {
namespace {

constexpr uint64_t kMaxBytes = 16384;
constexpr uint32_t kFileMode = 0640;
constexpr uint32_t kDirectoryMode = 0750;
// More than count; what else is kept tells which events have failed.
constexpr size_t kMostStrikes = 32;
constexpr std::string_view kQuarantined = "quarantined";
constexpr std::string_view kDisabled = "disabled";
constexpr std::string_view kError = "error\n";

/// The text up to the separator, which is taken away with it.
std::string_view Take(std::string_view& text, char separator) {
  const std::string_view word = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

std::optional<PluginCall> ParseCall(std::string_view name) {
  for (uint32_t number = 0; !Name(PluginCall{number}).empty(); ++number) {
    if (Name(PluginCall{number}) == name) return PluginCall{number};
  }
  return std::nullopt;
}

bool ParseLine(std::string_view line, Health& health) {
  const std::string_view kind = Take(line, ' ');
  const auto time = ParseUtc(Take(line, ' '));
  if (!time) return false;
  if (kind == kQuarantined || kind == kDisabled) {
    (kind == kDisabled ? health.disabled_us : health.quarantined_us) = *time;
    return line.empty();
  }
  const auto call = ParseCall(Take(line, ' '));
  Strike strike{*time, call.value_or(PluginCall::kNone), 0};
  const char* const end = line.data() + line.size();
  const auto [stopped, error] = std::from_chars(line.data(), end, strike.seq);
  health.strikes.push_back(strike);
  return kind == "strike" && call && error == std::errc() && stopped == end;
}

std::optional<Health> ParseHealth(std::string_view text) {
  Health health;
  while (!text.empty()) {
    if (text.starts_with(kError)) {
      health.last_error = text.substr(kError.size());
      return health;
    }
    if (!ParseLine(Take(text, '\n'), health)) return std::nullopt;
  }
  return health;
}

std::string ToText(const Health& health) {
  std::string text;
  for (const auto& [time_us, call, seq] : health.strikes) {
    text.append("strike ").append(FormatUtc(time_us)).append(" ").append(Name(call));
    text.append(" ").append(std::to_string(seq)).append("\n");
  }
  const auto since = [&text](std::string_view what, int64_t time_us) {
    if (time_us != 0) text.append(what).append(" ").append(FormatUtc(time_us)).append("\n");
  };
  since(kQuarantined, health.quarantined_us);
  since(kDisabled, health.disabled_us);
  return text.append(kError).append(health.last_error);
}

}  // namespace

uint32_t Health::Add(const Strike& strike, std::string error) {
  strikes.push_back(strike);
  if (strikes.size() > kMostStrikes) strikes.pop_front();
  last_error = std::move(error);
  const uint32_t count = Count(strike.time_us);
  if (count >= kLimit && quarantined_us == 0) quarantined_us = strike.time_us;
  return count;
}

uint32_t Health::Count(int64_t now_us) const {
  const auto count = std::count_if(strikes.begin(), strikes.end(), [now_us](const Strike& each) {
    return each.time_us > now_us - kWindowUs && each.time_us < now_us + kWindowUs;
  });
  return std::min(static_cast<uint32_t>(count), kLimit);
}

uint32_t Health::Failures(Seq seq) const {
  return static_cast<uint32_t>(std::count_if(
      strikes.begin(), strikes.end(),
      [seq](const Strike& each) { return each.seq == seq && each.call == PluginCall::kOnEvent; }));
}

HealthStore::HealthStore(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

HealthStore::Entry& HealthStore::At(const std::string& instance) {
  const MutexLock lock(mutex_);
  return entries_[instance];
}

Result<Health> HealthStore::Load(const std::string& instance) {
  Entry& entry = At(instance);
  const MutexLock lock(entry.mutex);
  return Read(instance, entry);
}

Status HealthStore::See(const std::string& instance,
                        const std::function<void(const Health&)>& see) {
  Entry& entry = At(instance);
  const MutexLock lock(entry.mutex);
  const Result<Health> health = Read(instance, entry);
  if (health.ok()) see(health.value());
  return health.status();
}

Status HealthStore::Update(const std::string& instance,
                           const std::function<void(Health&)>& change) {
  Entry& entry = At(instance);
  const MutexLock lock(entry.mutex);
  Result<Health> health = Read(instance, entry);
  if (!health.ok() && health.status().code() != StatusCode::kCorrupt) return health.status();
  entry.known = health.ok() ? std::move(health).value() : Health();
  change(*entry.known);
  return Write(instance, entry);
}

Status HealthStore::SaveAgain(const std::string& instance) {
  Entry& entry = At(instance);
  const MutexLock lock(entry.mutex);
  return entry.unwritten ? Write(instance, entry) : Status();
}

Result<Health> HealthStore::Read(const std::string& instance, Entry& entry) {
  if (entry.unwritten) return *entry.known;
  const std::string path = directory_ + "/" + instance;
  const Result<std::string> text = files_.ReadAll(path, kMaxBytes);
  const bool none = text.status().code() == StatusCode::kNotFound;
  if (!text.ok() && !none) return entry.known ? Result<Health>(*entry.known) : text.status();
  std::optional<Health> health = none ? Health() : ParseHealth(text.value());
  if (!health) {
    return Status(StatusCode::kCorrupt, "'" + path +
                                            "' does not say how often the instance has failed; "
                                            "remove it to forget that");
  }
  entry.known = *health;
  return *std::move(health);
}

Status HealthStore::Write(const std::string& instance, Entry& entry) {
  Status written = files_.MakeDirectories(directory_, kDirectoryMode);
  if (written.ok()) {
    written = files_.Replace(directory_ + "/" + instance, ToText(*entry.known), kFileMode);
  }
  entry.unwritten = !written.ok();
  return written;
}

}  // namespace broker
