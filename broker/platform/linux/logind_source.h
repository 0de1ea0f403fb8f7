#pragma once

#include <memory>
#include <string>
#include <thread>

#include "event/diagnostics.h"
#include "platform/linux/logind_bus.h"
#include "platform/linux/logind_reporter.h"
#include "source/source.h"

namespace broker {

class LogindLoop;

/// The sessions of this machine as systemd-logind tells them.
///
/// One thread of its own, one connection to the system bus. It lives on when logind restarts or the
/// bus goes away, and then reports all there is.
class LogindSource final : public Source {
 public:
  /// `connect` is called on the source's thread; `diagnostics` must outlive this.
  LogindSource(LogindConnector connect, Diagnostics& diagnostics);
  ~LogindSource() override;

  void Remember(const std::vector<SessionRef>& sessions) override;
  Status Start(RawSink& sink) override;
  void Stop() noexcept override;
  void RequestSnapshot() noexcept override;
  void EndDelay(int64_t reported_us) noexcept override;
  [[nodiscard]] std::string Name() const override { return "logind"; }
  [[nodiscard]] SourceCapabilities Capabilities() const override;
  [[nodiscard]] const Clock& SourceClock() const override { return clock_; }

 private:
  const LogindConnector connect_;
  Diagnostics& diagnostics_;
  const SystemClock clock_;
  RememberedSessions remembered_;
  std::shared_ptr<LogindLoop> loop_;
  std::thread thread_;
};

}  // namespace broker
