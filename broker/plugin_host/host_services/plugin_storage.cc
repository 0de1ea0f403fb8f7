#include "plugin_host/host_services/plugin_storage.h"

#include <algorithm>
#include <utility>

#include "usher/ext/storage.h"

namespace broker {
namespace {

constexpr uint32_t kFileMode = 0600;
constexpr uint32_t kDirectoryMode = 0700;
// Behind every key, so that no key is the name of another one's temporary file.
constexpr std::string_view kSuffix = ".value";

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

usher_status BadKey(std::string& why) {
  why = "a key of the storage has 1 to " + std::to_string(USHER_STORAGE_MAX_KEY) +
        " characters of a-z, 0-9, '.', '_' and '-', and does not begin with a dot";
  return USHER_INVALID_ARGUMENT;
}

usher_status Failed(const Status& status, std::string& why) {
  why = status.message();
  return USHER_IO;
}

}  // namespace

bool IsStorageKey(std::string_view key) {
  return !key.empty() && key.size() <= USHER_STORAGE_MAX_KEY && key.front() != '.' &&
         std::all_of(key.begin(), key.end(), IsKeyCharacter);
}

PluginStorage::PluginStorage(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string PluginStorage::PathOf(std::string_view key) const {
  return directory_ + "/" + std::string(key) + std::string(kSuffix);
}

usher_status PluginStorage::LoadKeys(std::string& why) {
  if (keys_) return USHER_OK;
  const Result<std::vector<std::string>> names = files_.List(directory_);
  if (!names.ok() && names.status().code() != StatusCode::kNotFound) {
    return Failed(names.status(), why);
  }
  keys_.emplace();
  if (!names.ok()) return USHER_OK;
  for (std::string_view name : names.value()) {
    if (!name.ends_with(kSuffix)) continue;
    name.remove_suffix(kSuffix.size());
    if (IsStorageKey(name)) keys_->emplace(name);
  }
  return USHER_OK;
}

usher_status PluginStorage::Put(std::string_view key, std::string_view value, std::string& why) {
  if (!IsStorageKey(key)) return BadKey(why);
  if (value.size() > USHER_STORAGE_MAX_VALUE) {
    why = "a value of " + std::to_string(value.size()) + " bytes is too large, at most " +
          std::to_string(USHER_STORAGE_MAX_VALUE) + " are stored";
    return USHER_LIMIT;
  }
  if (const usher_status loaded = LoadKeys(why); loaded != USHER_OK) return loaded;
  if (!keys_->contains(key) && keys_->size() >= USHER_STORAGE_MAX_KEYS) {
    why = "there are " + std::to_string(USHER_STORAGE_MAX_KEYS) +
          " values already, which is all an instance may store; remove one first";
    return USHER_LIMIT;
  }
  Status status = files_.MakeDirectories(directory_, kDirectoryMode);
  if (status.ok()) status = files_.Replace(PathOf(key), value, kFileMode);
  if (!status.ok()) return Failed(status, why);
  keys_->emplace(key);
  return USHER_OK;
}

usher_status PluginStorage::Get(std::string_view key, std::span<char> buffer, size_t& size,
                                std::string& why) {
  if (!IsStorageKey(key)) return BadKey(why);
  const Result<std::string> value = files_.ReadAll(PathOf(key), USHER_STORAGE_MAX_VALUE);
  if (!value.ok()) {
    const usher_status status = Failed(value.status(), why);
    return value.status().code() == StatusCode::kNotFound ? USHER_NOT_FOUND : status;
  }
  size = value.value().size();
  if (size > buffer.size()) {
    why = "the buffer has " + std::to_string(buffer.size()) + " bytes, the value " +
          std::to_string(size);
    return USHER_TOO_SMALL;
  }
  std::copy(value.value().begin(), value.value().end(), buffer.begin());
  return USHER_OK;
}

usher_status PluginStorage::Remove(std::string_view key, std::string& why) {
  if (!IsStorageKey(key)) return BadKey(why);
  if (const usher_status loaded = LoadKeys(why); loaded != USHER_OK) return loaded;
  Status status = files_.Remove(PathOf(key));
  if (status.code() == StatusCode::kNotFound)
    status = {};
  else if (status.ok())
    status = files_.SyncDirectory(directory_);
  if (!status.ok()) return Failed(status, why);
  keys_->erase(std::string(key));
  return USHER_OK;
}

}  // namespace broker
