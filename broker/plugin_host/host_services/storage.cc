#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

/// Runs one operation on the instance's storage, `usher_status body(storage, key, why)`.
template <class Body>
usher_status OnStorage(const usher_host* host, const char* key, usher_error* error,
                       Body&& body) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    if (self.GetPhase() == Host::Phase::kCheck) return USHER_INVALID_ARGUMENT;
    std::string why;
    const auto name = BoundedText(key, USHER_STORAGE_MAX_KEY);
    const usher_status status = body(self.Storage(), name.value_or(""), why);
    if (status != USHER_OK) WriteError(error, why);
    return status;
  });
}

usher_status Put(const usher_host* host, const char* key, const void* value, size_t length,
                 usher_error* error) noexcept {
  if (value == nullptr && length != 0) return USHER_INVALID_ARGUMENT;
  const std::string_view bytes(static_cast<const char*>(value), length);
  return OnStorage(host, key, error,
                   [bytes](PluginStorage& storage, std::string_view name, std::string& why) {
                     return storage.Put(name, bytes, why);
                   });
}

usher_status Get(const usher_host* host, const char* key, void* buffer, size_t* length,
                 usher_error* error) noexcept {
  if (length == nullptr || (buffer == nullptr && *length != 0)) return USHER_INVALID_ARGUMENT;
  return OnStorage(host, key, error,
                   [&](PluginStorage& storage, std::string_view name, std::string& why) {
                     return storage.Get(name, {static_cast<char*>(buffer), *length}, *length, why);
                   });
}

usher_status Remove(const usher_host* host, const char* key, usher_error* error) noexcept {
  return OnStorage(host, key, error,
                   [](PluginStorage& storage, std::string_view name, std::string& why) {
                     return storage.Remove(name, why);
                   });
}

constexpr usher_ext_storage kTable{sizeof(usher_ext_storage), Put, Get, Remove};

}  // namespace

const usher_ext_storage& StorageExtension() {
  return kTable;
}

}  // namespace broker
