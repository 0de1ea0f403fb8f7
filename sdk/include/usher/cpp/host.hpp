// usher/cpp/host.hpp: the broker as one plugin instance sees it.
#ifndef USHER_CPP_HOST_HPP
#define USHER_CPP_HOST_HPP

#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

#include "usher/cpp/config.hpp"
#include "usher/cpp/emitter.hpp"
#include "usher/cpp/error.hpp"
#include "usher/cpp/event_type.hpp"
#include "usher/cpp/extension.hpp"
#include "usher/cpp/launcher.hpp"
#include "usher/cpp/runner.hpp"
#include "usher/cpp/session_control.hpp"
#include "usher/cpp/storage.hpp"
#include "usher/cpp/timer.hpp"
#include "usher/cpp/views.hpp"
#include "usher/ext/log.h"
#include "usher/ext/sessions.h"
#include "usher/ext/thread_check.h"
#include "usher/plugin.h"

namespace usher {

/// What the broker offers. A pointer, copied freely, valid until the plugin's destructor returned.
/// Not to be used in a plugin's constructor, where the broker is not ready for calls yet.
class Host {
 public:
  explicit Host(const usher_host* raw) noexcept : raw_(raw) {}

  /// Sentences for the administrator, in the broker's diagnostics, named by the instance. They
  /// never fail; a NUL ends the text. [any-thread]
  void LogDebug(std::string_view text) const noexcept { Log(USHER_LOG_DEBUG, text); }
  void LogInfo(std::string_view text) const noexcept { Log(USHER_LOG_INFO, text); }
  void LogWarning(std::string_view text) const noexcept { Log(USHER_LOG_WARNING, text); }
  void LogError(std::string_view text) const noexcept { Log(USHER_LOG_ERROR, text); }

  /// True once the call at hand has overrun its time, or the instance is to stop: return from the
  /// call, and let own threads come to an end, soon. [any-thread]
  [[nodiscard]] bool ShouldStop() const noexcept { return raw_->should_stop(raw_) != 0; }

  /// Narrows what OnEvent gets to these types (EventType, or names as const char*), which the
  /// descriptor must include. A later call replaces an earlier one. Throws Error if the broker
  /// refuses. [plugin-thread & init]
  template <class... Types>
  void Subscribe(Types... types) const {
    static_assert(sizeof...(Types) > 0, "name the types; without a call all of them come");
    const std::array<const char*, sizeof...(Types)> names{detail::TypeName(types)...};
    const auto count = static_cast<uint32_t>(names.size());
    detail::Check(raw_->subscribe(raw_, names.data(), count), "subscribing to event types");
  }

  /// The instance's configuration and store. Throw Error where the broker lacks the extension.
  [[nodiscard]] usher::Config Config() const {
    return usher::Config(raw_, Require<usher_ext_config>(USHER_EXT_CONFIG));
  }
  [[nodiscard]] usher::Storage Storage() const {
    return usher::Storage(raw_, Require<usher_ext_storage>(USHER_EXT_STORAGE));
  }

  /// Extensions that the plugin can do without; name them in usher::Optional.
  [[nodiscard]] Extension<usher::Timers> Timers() const noexcept { return Wrap<usher::Timers>(); }
  [[nodiscard]] Extension<usher::Emitter> Emitter() const noexcept {
    return Wrap<usher::Emitter>();
  }
  [[nodiscard]] Extension<usher::Launcher> Launcher() const noexcept {
    return Wrap<usher::Launcher>();
  }
  [[nodiscard]] Extension<usher::SessionControl> SessionControl() const noexcept {
    return Wrap<usher::SessionControl>();
  }
  [[nodiscard]] Extension<usher::Runner> Runner() const noexcept { return Wrap<usher::Runner>(); }

  /// Whether the calling thread is the instance's own; true where the broker cannot tell.
  /// [any-thread]
  [[nodiscard]] bool IsPluginThread() const noexcept {
    const auto* table = Find<usher_ext_thread_check>(USHER_EXT_THREAD_CHECK);
    return table == nullptr || table->is_plugin_thread(raw_) != 0;
  }

  /// Calls `function(const Snapshot&)` once, before it returns, with all sessions as of the last
  /// committed event, which may be ahead of the one at hand. Throws what `function` throws, and
  /// Error when the broker reports a failure. [any-thread]
  template <class Function>
  void VisitSessions(Function&& function) const {
    Visit<std::remove_reference_t<Function>> visit{function, nullptr};
    const auto& table = Require<usher_ext_sessions>(USHER_EXT_SESSIONS);
    const usher_status status =
        table.visit(raw_, &Visit<std::remove_reference_t<Function>>::Call, &visit);
    if (visit.failure) std::rethrow_exception(visit.failure);
    detail::Check(status, "reading the sessions");
  }

  /// The function table of an extension, for those without a wrapper; null if the broker has none
  /// or the configuration does not grant it. `Table` must be what belongs to `id`. [any-thread]
  template <class Table>
  [[nodiscard]] const Table* Find(const char* id) const noexcept {
    return static_cast<const Table*>(raw_->get_extension(raw_, id));
  }

  /// The same, but its absence throws Error (USHER_NOT_PERMITTED).
  template <class Table>
  [[nodiscard]] const Table& Require(const char* id) const {
    if (const auto* table = Find<Table>(id)) return *table;
    detail::ThrowNotGranted(id);
  }

  /// For calls into function tables.
  [[nodiscard]] const usher_host* raw() const noexcept { return raw_; }

 private:
  /// Takes a function through the C callback, and its exception out again.
  template <class Function>
  struct Visit {
    Function& function;
    std::exception_ptr failure;

    static void Call(void* context, const usher_snapshot* snapshot) noexcept {
      auto& self = *static_cast<Visit*>(context);
      try {
        self.function(Snapshot(*snapshot));
      } catch (...) {
        self.failure = std::current_exception();
      }
    }
  };

  template <class Wrapper>
  [[nodiscard]] Extension<Wrapper> Wrap() const noexcept {
    const auto* table = Find<typename Wrapper::Table>(Wrapper::kId);
    if (table == nullptr) return {Wrapper::kId, std::nullopt};
    return {Wrapper::kId, Wrapper(raw_, *table)};
  }

  void Log(usher_log_severity severity, std::string_view text) const noexcept {
    const auto* table = Find<usher_ext_log>(USHER_EXT_LOG);
    if (table == nullptr) return;
    try {
      table->log(raw_, severity, std::string(text).c_str());
    } catch (const std::bad_alloc&) {
      table->log(raw_, severity, "(a text was lost: out of memory)");
    }
  }

  const usher_host* raw_;
};

}  // namespace usher

#endif
