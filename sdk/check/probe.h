#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "plugin_host/module.h"
#include "sdk/check/call_note.h"
#include "sdk/check/event_copy.h"

namespace broker::check {

/// What a probe does beyond noting the calls. A value.
struct ProbeOptions {
  size_t slot = 0;  ///< Of the CallNote.
  Guard guard = Guard::kNone;
  bool newer = false;  ///< Events are as of a later broker: with numbers that are not known yet.
};

/// What the probe saw.
struct ProbeCounts {
  uint64_t events = 0;     ///< Calls of on_event.
  int64_t event_ns = 0;    ///< How long they took, all together.
  int64_t slowest_ns = 0;  ///< The longest of them.
};

/// A plugin behind which each call is noted: what the instance and the plugin say to each other
/// goes through here, unchanged. It makes one instance, and must outlive that.
///
/// Used from the instance's thread.
class Probe final : public Module {
 public:
  /// `note` must outlive this.
  Probe(std::shared_ptr<const Library> library, PluginInfo info, CallNote& note,
        ProbeOptions options);
  ~Probe() override;

  usher_status CheckConfig(const usher_host* host, usher_error* error) const override;
  const usher_plugin* Create(const usher_host* host, usher_error* error) const override;

  [[nodiscard]] const ProbeCounts& Counts() const;

  /// Whether the instance, which must be there, has an interrupt().
  [[nodiscard]] bool HasInterrupt() const;
  /// Calls it. From any thread.
  void Interrupt() const;

 private:
  struct Wrapped;

  const std::shared_ptr<const Library> library_;
  const std::unique_ptr<Wrapped> wrapped_;
};

}  // namespace broker::check
