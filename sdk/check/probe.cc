#include "sdk/check/probe.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace broker::check {
namespace {

/// Notes a call for as long as it takes, also when it throws.
class Noted {
 public:
  Noted(CallNote& note, size_t slot, const char* call, const usher_event* event = nullptr)
      : note_(note), slot_(slot) {
    note.Begin(slot, call, event == nullptr ? 0 : event->seq,
               event == nullptr ? nullptr : event->type_name);
  }
  ~Noted() { note_.End(slot_); }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;

 private:
  CallNote& note_;
  const size_t slot_;
};

bool OffersInterrupt(const usher_plugin& plugin) {
  return plugin.size >= offsetof(usher_plugin, interrupt) + sizeof(usher_plugin::interrupt) &&
         plugin.interrupt != nullptr;
}

}  // namespace

/// An event as a later version of the broker might make it.
class NewerEvent {
 public:
  explicit NewerEvent(const usher_event& event) : event_(event) {
    if (event.type == USHER_EVENT_UNKNOWN) event_.type = kUnknownNumber;
    event_.origin = kUnknownNumber;
    event_.flags |= kUnknownFlag;
    event_.session = Renew(event.session, session_);
    event_.before = Renew(event.before, before_);
  }
  NewerEvent(const NewerEvent&) = delete;
  NewerEvent& operator=(const NewerEvent&) = delete;

  [[nodiscard]] const usher_event& Get() const { return event_; }

 private:
  static constexpr int32_t kUnknownNumber = 7777;
  static constexpr uint32_t kUnknownFlag = 1U << 31U;

  static const usher_session* Renew(const usher_session* from, usher_session& to) {
    if (from == nullptr) return nullptr;
    to = *from;
    to.state = to.locked = kUnknownNumber;
    return &to;
  }

  usher_event event_;
  usher_session session_{};
  usher_session before_{};
};

/// The instance as the broker sees it.
struct Probe::Wrapped {
  usher_plugin plugin{};
  const usher_plugin* real_plugin = nullptr;
  CallNote& note;
  const ProbeOptions options;
  GuardedCopies copies;
  ProbeCounts counts;

  Wrapped(CallNote& calls, ProbeOptions chosen)
      : note(calls), options(std::move(chosen)), copies(options.guard) {}

  static Wrapped& Of(const usher_plugin* plugin) {
    return *static_cast<Wrapped*>(plugin->plugin_data);
  }

  template <class Body>
  auto Call(const char* name, Body&& body) {
    const Noted noted(note, options.slot, name);
    return std::forward<Body>(body)();
  }

  static usher_status Init(const usher_plugin* plugin, usher_error* error) {
    Wrapped& self = Of(plugin);
    return self.Call("init", [&] { return self.real_plugin->init(self.real_plugin, error); });
  }

  static usher_status OnSnapshot(const usher_plugin* plugin, const usher_snapshot* snapshot,
                                 usher_error* error) {
    Wrapped& self = Of(plugin);
    const usher_snapshot& shown = self.copies.Copy(*snapshot);
    const usher_status status = self.Call("on_snapshot", [&] {
      return self.real_plugin->on_snapshot(self.real_plugin, &shown, error);
    });
    self.copies.Close();
    return status;
  }

  static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                              usher_error* error) {
    Wrapped& self = Of(plugin);
    const NewerEvent newer(*event);
    const usher_event& shown = self.copies.Copy(self.options.newer ? newer.Get() : *event);
    const auto begin = std::chrono::steady_clock::now();
    usher_status status = USHER_OK;
    {
      const Noted noted(self.note, self.options.slot, "on_event", event);
      status = self.real_plugin->on_event(self.real_plugin, &shown, error);
    }
    self.Count(std::chrono::steady_clock::now() - begin);
    self.copies.Close();
    return status;
  }

  static void Stop(const usher_plugin* plugin) {
    Wrapped& self = Of(plugin);
    self.Call("stop", [&] { self.real_plugin->stop(self.real_plugin); });
  }

  static void Destroy(const usher_plugin* plugin) {
    Wrapped& self = Of(plugin);
    const usher_plugin* const real = std::exchange(self.real_plugin, nullptr);
    self.Call("destroy", [&] { real->destroy(real); });
  }

  static void Interrupt(const usher_plugin* plugin) {
    const Wrapped& self = Of(plugin);
    self.real_plugin->interrupt(self.real_plugin);
  }

  void Count(std::chrono::nanoseconds duration) {
    ++counts.events;
    counts.event_ns += duration.count();
    counts.slowest_ns = std::max<int64_t>(counts.slowest_ns, duration.count());
  }

  const usher_plugin* Wrap(const usher_plugin* real) {
    if (real == nullptr || !CheckPlugin(*real).ok()) return real;
    real_plugin = real;
    plugin.size = sizeof plugin;
    plugin.plugin_data = this;
    plugin.init = Init;
    plugin.on_snapshot = real->on_snapshot == nullptr ? nullptr : OnSnapshot;
    plugin.on_event = real->on_event == nullptr ? nullptr : OnEvent;
    plugin.stop = real->stop == nullptr ? nullptr : Stop;
    plugin.destroy = Destroy;
    plugin.interrupt = OffersInterrupt(*real) ? Interrupt : nullptr;
    return &plugin;
  }
};

Probe::Probe(std::shared_ptr<const Library> library, PluginInfo info, CallNote& note,
             ProbeOptions options)
    : Module(std::move(info)),
      library_(std::move(library)),
      wrapped_(std::make_unique<Wrapped>(note, std::move(options))) {}

Probe::~Probe() = default;

usher_status Probe::CheckConfig(const usher_host* host, usher_error* error) const {
  if (!Info().checks_config) return USHER_OK;
  return wrapped_->Call("check_config",
                        [&] { return library_->Entry().descriptor->check_config(host, error); });
}

const usher_plugin* Probe::Create(const usher_host* host, usher_error* error) const {
  return wrapped_->Call("create",
                        [&] { return wrapped_->Wrap(library_->Entry().create(host, error)); });
}

const ProbeCounts& Probe::Counts() const {
  return wrapped_->counts;
}

bool Probe::HasInterrupt() const {
  return wrapped_->plugin.interrupt != nullptr;
}

void Probe::Interrupt() const {
  wrapped_->plugin.interrupt(&wrapped_->plugin);
}

}  // namespace broker::check
