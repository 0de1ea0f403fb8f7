#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

constexpr size_t kMaxKeyBytes = 256;
constexpr size_t kMaxErrorBytes = 1024;

/// Reads the value at `key` with a member function of PluginConfig; `between` are its arguments
/// between key and out.
template <class Getter, class Out, class... Between>
usher_status Get(const usher_host* host, const char* key, Getter getter, Out* out,
                 Between... between) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    const auto name = BoundedText(key, kMaxKeyBytes);
    if (!name || out == nullptr) return USHER_INVALID_ARGUMENT;
    return (self.Config().*getter)(*name, between..., *out);
  });
}

usher_status GetString(const usher_host* host, const char* key, const char** out) noexcept {
  return Get(host, key, &PluginConfig::String, out);
}

usher_status GetInteger(const usher_host* host, const char* key, int64_t* out) noexcept {
  return Get(host, key, &PluginConfig::Integer, out);
}

usher_status GetNumber(const usher_host* host, const char* key, double* out) noexcept {
  return Get(host, key, &PluginConfig::Number, out);
}

usher_status GetBoolean(const usher_host* host, const char* key, int32_t* out) noexcept {
  return Get(host, key, &PluginConfig::Boolean, out);
}

usher_status GetCount(const usher_host* host, const char* key, uint32_t* out) noexcept {
  return Get(host, key, &PluginConfig::Count, out);
}

usher_status GetStringAt(const usher_host* host, const char* key, uint32_t index,
                         const char** out) noexcept {
  return Get(host, key, &PluginConfig::StringAt, out, index);
}

usher_status GetTableCount(const usher_host* host, const char* key, uint32_t* out) noexcept {
  return Get(host, key, &PluginConfig::TableCount, out);
}

usher_status ConfigError(const usher_host* host, const char* key, const char* text) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    const auto name = BoundedText(key, kMaxKeyBytes);
    if (!name || text == nullptr || self.GetPhase() > Host::Phase::kInit) {
      return USHER_INVALID_ARGUMENT;
    }
    self.Config().Refuse(*name, CutText(text, kMaxErrorBytes));
    return USHER_OK;
  });
}

constexpr usher_ext_config kTable{sizeof(usher_ext_config),
                                  GetString,
                                  GetInteger,
                                  GetNumber,
                                  GetBoolean,
                                  GetCount,
                                  GetStringAt,
                                  ConfigError,
                                  GetTableCount};

}  // namespace

const usher_ext_config& ConfigExtension() {
  return kTable;
}

}  // namespace broker
