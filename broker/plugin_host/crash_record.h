#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "event/mutex.h"
#include "plugin_host/call_monitor.h"
#include "plugin_host/mapped_file.h"

namespace broker {

/// Which call of an instance is open, where a crash leaves it. The first line of the cache is
/// written with every call, by plain stores of one thread; the crash handler writes `fault`.
struct alignas(64) CallSlot {
  static constexpr uint32_t kNoFault = 0;
  static constexpr uint32_t kExit = 1000;  ///< exit() was called; others are signals' numbers.

  static constexpr uint32_t kOpen = 0;
  static constexpr uint32_t kAbandoned = 1;  ///< It was struck for that.
  static constexpr uint32_t kKept = 2;  ///< It ended an earlier broker, and could not be struck.

  std::atomic<uint32_t> call = 0;   ///< PluginCall.
  std::atomic<uint32_t> fault = 0;  ///< What ended the process here.
  std::atomic<uint64_t> seq = 0;
  std::atomic<uint32_t> chain = 0;
  std::atomic<uint32_t> settled = 0;      ///< kOpen, …
  std::atomic<uintptr_t> code_begin = 0;  ///< The library's code in this process.
  std::atomic<uintptr_t> code_end = 0;
  std::atomic<int64_t> struck_us = 0;   ///< UTC of the strike that may not have been written.
  alignas(64) char instance[128] = {};  ///< Ends with NUL; empty: the slot is free.

  void Open(const RunningCall& now) noexcept {
    seq.store(now.seq, std::memory_order_relaxed);
    chain.store(now.chain, std::memory_order_relaxed);
    call.store(static_cast<uint32_t>(now.call), std::memory_order_release);
  }
  void Close() noexcept { call.store(0, std::memory_order_release); }
};

/// A call that was open when an earlier broker ended.
struct OpenCall {
  std::string instance;
  PluginCall call = PluginCall::kNone;  ///< kNone: it was a thread of the plugin's own.
  Seq seq = 0;
  uint32_t chain = 0;
  uint32_t fault = CallSlot::kNoFault;  ///< As CallSlot's.
  int64_t struck_us = 0;                ///< UTC of the strike; 0 = none yet.
};

/// What every instance is doing, in a file that survives the process however it ends, so that the
/// next broker knows whose fault that was.
///
/// Thread-safe.
class CrashRecord {
 public:
  /// Maps the file. What another boot left is of no interest: the power may have failed.
  static Result<std::unique_ptr<CrashRecord>> Open(const std::string& path,
                                                   const std::string& boot_id);

  CrashRecord(std::unique_ptr<MappedFile> file, const std::string& boot_id);

  /// Who is to blame for the end of the broker before this one: the instance that was struck by a
  /// signal or called exit(), else every one that was in a call. Nobody, where a signal came from
  /// outside or nothing was open. And whoever was kept before.
  [[nodiscard]] const std::vector<OpenCall>& Blamed() const { return blamed_; }

  /// Takes all of it out of the file but for `kept`, whom the next broker is to find again.
  void Forget(std::span<const OpenCall> kept = {});
  /// This instance is not kept any longer.
  void Forgive(const std::string& instance);

  /// A slot for an instance; null where there is none left. Give it back.
  CallSlot* Take(const std::string& instance);
  void GiveBack(CallSlot* slot);

  /// All of them, for the crash handler.
  [[nodiscard]] std::span<CallSlot> Slots() const;
  /// A signal came from outside: the open calls are not to blame.
  void NoteForeignSignal(uint32_t signal) noexcept;

 private:
  struct Header;
  [[nodiscard]] Header& Head() const;
  [[nodiscard]] std::vector<OpenCall> FindBlamed() const;
  void Keep(const OpenCall& call);

  const std::unique_ptr<MappedFile> file_;
  std::vector<OpenCall> blamed_;
  const std::string boot_id_;
  Mutex mutex_;
};

/// A slot for an instance as long as this lives; without a record, or where that is full, one in
/// memory that nobody will read.
class SlotLease {
 public:
  SlotLease(CrashRecord* record, const std::string& instance)
      : record_(record), slot_(record == nullptr ? nullptr : record->Take(instance)) {}
  ~SlotLease() {
    if (slot_ != nullptr) record_->GiveBack(slot_);
  }
  SlotLease(const SlotLease&) = delete;
  SlotLease& operator=(const SlotLease&) = delete;

  [[nodiscard]] CallSlot& Slot() { return slot_ == nullptr ? spare_ : *slot_; }
  [[nodiscard]] bool Recorded() const { return slot_ != nullptr; }

 private:
  CrashRecord* const record_;
  CallSlot* const slot_;
  CallSlot spare_;
};

}  // namespace broker
