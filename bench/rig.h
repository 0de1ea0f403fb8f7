#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "busy_desktop.h"
#include "counter.h"
#include "daemon/event_pump.h"
#include "dispatch/hub.h"
#include "event/diagnostics.h"
#include "eventlog/writer.h"
#include "placement.h"
#include "platform/simulated/session_source.h"
#include "plugin_host/registry.h"

namespace bench {

/// What a bench of the whole pipeline can vary.
struct RigOptions {
  broker::SyncMode sync = broker::SyncMode::kNever;
  size_t instances = 8;
  size_t sessions = 40;
  Placement placement = Placement::kFree;
  bool clocked = false;  ///< When the source reports is noted: see NoteWay.
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

  /// From `first` on it is noted when the source reports each event, and when that arrives at the
  /// first instance.
  void NoteWay(broker::Seq first, std::vector<int64_t>& sent, std::vector<int64_t>& arrived);

  /// Returns once every instance has seen `last`. Throws if one saw events out of order, or does
  /// not see it within a minute.
  void WaitUntilSeen(broker::Seq last) const;

 private:
  class Silence final : public broker::Diagnostics {
   public:
    void Log(broker::Severity severity, std::string_view component,
             std::string_view text) noexcept override;
  };

  /// Between source and pump: notes when reports come by.
  class Departures final : public broker::RawSink {
   public:
    explicit Departures(broker::RawSink& to) : to_(to) {}
    void Note(std::span<int64_t> moments) { moments_ = moments; }
    void Submit(broker::RawEvent raw) noexcept override;
    bool WaitForRoom(std::chrono::milliseconds timeout) noexcept override {
      return to_.WaitForRoom(timeout);
    }

   private:
    broker::RawSink& to_;
    std::span<int64_t> moments_;  ///< Those to come.
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
  std::unique_ptr<Departures> departures_;
  std::unique_ptr<broker::CursorStore> cursors_;
  std::vector<std::unique_ptr<Counter>> counters_;
  std::unique_ptr<broker::PluginRegistry> plugins_;
  uint64_t acts_ = 0;
};

}  // namespace bench
