#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "tests/unit/plugin_host/host_fixture.h"

namespace broker::testing {

/// The host as a plugin meets it: through its C functions only.
class CHostFixture : public HostFixture {
 protected:
  static PluginInfo InfoOf(std::vector<std::string> types) {
    PluginInfo info;
    info.id = "org.example.me";
    info.event_types = std::move(types);
    return info;
  }

  explicit CHostFixture(std::vector<std::string> types = {})
      : host_(context_, PluginOf("me", "x", "name = 'n'\n"), InfoOf(std::move(types)),
              directory_ / "state/plugins/me"),
        c_(host_.Get()) {
    host_.BindThread();
  }

  static usher_status OnTimer(void*, usher_timer, usher_error*) { return USHER_OK; }

  template <class Table>
  const Table& Get(const char* id) {
    const void* table = c_->get_extension(c_, id);
    if (table == nullptr) throw std::runtime_error(std::string("no extension ") + id);
    return *static_cast<const Table*>(table);
  }

  const usher_ext_config& config_ = ConfigExtension();
  const usher_ext_storage& storage_ = StorageExtension();
  const usher_ext_sessions& list_ = SessionsExtension();
  const usher_ext_timer& timer_ = TimerExtension();
  Host host_;
  const usher_host* c_;
};

}  // namespace broker::testing
