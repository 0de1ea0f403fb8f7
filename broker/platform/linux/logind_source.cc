#include "platform/linux/logind_source.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "platform/linux/logind_loop.h"
#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A call on the bus may take longer; then the thread is left to end by itself.
constexpr milliseconds kStopDeadline{500};

Status NoThread(int error) {
  return {StatusCode::kUnavailable,
          "no thread can be started to follow logind: " + std::generic_category().message(error) +
              "; check the limits on tasks and open files"};
}

}  // namespace

LogindSource::LogindSource(LogindConnector connect, Diagnostics& diagnostics)
    : connect_(std::move(connect)), diagnostics_(diagnostics) {}

LogindSource::~LogindSource() {
  Stop();
}

void LogindSource::Remember(const std::vector<SessionRef>& sessions) {
  for (const SessionRef& session : sessions)
    remembered_.emplace(session->Id(), session->created_us);
}

Status LogindSource::Start(RawSink& sink) {
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return NoThread(errno);
  loop_ = std::make_shared<LogindLoop>(connect_, std::move(wake), std::move(remembered_), sink,
                                       diagnostics_);
  try {
    thread_ = std::thread([loop = loop_] { loop->Run(); });
  } catch (const std::system_error& error) {
    loop_.reset();
    return NoThread(error.code().value());
  }
  return {};
}

void LogindSource::Stop() noexcept {
  if (!thread_.joinable()) return;
  // The thread shares the loop, so one that is left behind finds everything it needs but its way
  // out, which is closed.
  if (loop_->Stop(steady_clock::now() + kStopDeadline)) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void LogindSource::RequestSnapshot() noexcept {
  if (loop_) loop_->RequestSnapshot();
}

void LogindSource::EndDelay(int64_t reported_us) noexcept {
  if (loop_) loop_->EndDelay(reported_us);
}

SourceCapabilities LogindSource::Capabilities() const {
  SourceCapabilities capabilities;
  capabilities.remote_disconnect = false;
  capabilities.lock_state = true;
  capabilities.delays = true;
  return capabilities;
}

}  // namespace broker
