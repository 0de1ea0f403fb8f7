#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "plugin_host/crash_record.h"

namespace broker {

/// As long as it lives: a crash of this process, or a call of exit(), is noted in the record before
/// it takes its course, with one sentence on standard error. Nothing is kept from its end, and
/// other handlers (a sanitizer's) come behind this one. Once a process.
class CrashHandler {
 public:
  virtual ~CrashHandler() = default;
};

/// `record` must outlive it. Implemented once per system in platform/*/crash_handler.cc. Linux:
/// SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, sigaction(2).
std::unique_ptr<CrashHandler> InstallCrashHandler(CrashRecord& record);

/// As long as it lives a crash of the calling thread, also of its stack's size, is the slot's, if
/// that has an open call. Destroyed on the same thread. Linux: sigaltstack(2).
class CrashThread {
 public:
  explicit CrashThread(CallSlot& slot);
  ~CrashThread();
  CrashThread(const CrashThread&) = delete;
  CrashThread& operator=(const CrashThread&) = delete;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

/// "SIGSEGV", or "exit()" for CallSlot::kExit.
[[nodiscard]] std::string FaultName(uint32_t fault);

}  // namespace broker
