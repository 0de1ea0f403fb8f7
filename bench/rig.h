#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "busy_desktop.h"
#include "counter.h"
#include "daemon/event_pump.h"
#include "event/diagnostics.h"
#include "eventlog/writer.h"
#include "platform/simulated/session_source.h"
#include "plugin_host/registry.h"

namespace bench {

/// What a bench of the whole pipeline can vary.
struct RigOptions {
  broker::SyncMode sync = broker::SyncMode::kNever;
  size_t instances = 8;
  size_t sessions = 40;
};

/// The broker from the simulated source to plugins in this process, wired as the daemon does it.
/// Use from one thread.
class Rig {
 public:
  explicit Rig(const RigOptions& options);
  ~Rig();

  /// Somebody does something: one event. Waits for room first, every now and then.
  void Act();

  /// The seq of the next event, once nothing is under way any more.
  [[nodiscard]] broker::Seq NextSeq() const;

  /// From `first` on each event's arrival at the first instance is written to `arrivals`.
  void NoteArrivals(broker::Seq first, std::vector<int64_t>& arrivals);

  /// Returns once every instance has seen `last`. Throws if one saw events out of order, or does
  /// not see it within a minute.
  void WaitUntilSeen(broker::Seq last) const;

 private:
  class Silence final : public broker::Diagnostics {
   public:
    void Log(broker::Severity severity, std::string_view component,
             std::string_view text) noexcept override;
  };

  void StartPlugins();

  const RigOptions options_;
  const std::string directory_;
  Silence diagnostics_;
  const std::unique_ptr<broker::FileSystem> files_;
  BusyDesktop busy_;
  broker::SimulatedSource source_;
  broker::LogRecovery recovery_;
  std::unique_ptr<broker::LogWriter> log_;
  broker::SessionTable table_;
  broker::CommittedSessions committed_;
  std::unique_ptr<broker::Normalizer> normalizer_;
  broker::Hub hub_;
  std::unique_ptr<broker::EventPump> pump_;
  std::unique_ptr<broker::CursorStore> cursors_;
  std::vector<std::unique_ptr<Counter>> counters_;
  std::unique_ptr<broker::PluginRegistry> plugins_;
  uint64_t acts_ = 0;
};

}  // namespace bench
