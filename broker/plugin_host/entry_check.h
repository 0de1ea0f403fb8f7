#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/status.h"
#include "usher/plugin.h"

namespace broker {

/// What a plugin's descriptor says, copied and checked.
struct PluginInfo {
  std::string id;
  std::string name;
  std::string version;
  std::vector<std::string> event_types;  ///< Dotted names; empty = every type.
  bool wants_own_events = false;         ///< Events that the instance caused come as well.
  std::vector<std::string> required_extensions;
  std::vector<std::string> optional_extensions;  ///< Not necessarily known to this broker.
  bool checks_config = false;                    ///< It has a check_config.
};

/// Reads what a library's `usher_plugin_entry` says, before any of its functions is called. Trusts
/// none of it: no byte beyond a `size` is read, strings are bounded and must be UTF-8. `extensions`
/// are the ids that this broker has. The error is a sentence that begins with a verb, to be put
/// behind the library's name, and says what to do.
[[nodiscard]] Result<PluginInfo> ReadEntry(const usher_plugin_entry_t& entry,
                                           std::span<const std::string_view> extensions);

/// Whether what create() made can be called; the same kind of error.
[[nodiscard]] Status CheckPlugin(const usher_plugin& plugin);

/// The optional function of a plugin that passed; null if it has none.
using InterruptFunction = void (*)(const usher_plugin*);
[[nodiscard]] InterruptFunction InterruptOf(const usher_plugin& plugin);

}  // namespace broker
