#include "platform/linux/program_runner.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <exception>
#include <optional>
#include <utility>

#include "action/program_trust.h"
#include "platform/linux/forked_program.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int MillisecondsUntil(Condition::TimePoint at) {
  if (at == Condition::TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(at - steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

int Sooner(int a, int b) {
  if (a < 0) return b;
  return b < 0 ? a : std::min(a, b);
}

/// A script without its interpreter is told of as the kernel would.
RunEnd NotRunnable(const Status& why) {
  if (why.code() != StatusCode::kCorrupt) return NotStarted("policy", "", 0, why.message());
  return NotStarted("start", "execve", ENOENT, why.message());
}

}  // namespace

ProgramRunner::ProgramRunner(Diagnostics& diagnostics)
    : diagnostics_(diagnostics),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

ProgramRunner::~ProgramRunner() {
  stopping_ = true;
  Wake();
  thread_.join();
}

RunId ProgramRunner::Start(RunOrder order, std::shared_ptr<RunListener> listener) {
  const RunId id = ++last_;
  {
    const MutexLock lock(mutex_);
    wanted_.push_back({id, std::move(order), std::move(listener)});
  }
  Wake();
  return id;
}

void ProgramRunner::Cancel(RunId run) noexcept {
  {
    const MutexLock lock(mutex_);
    cancelled_.push_back(run);
  }
  Wake();
}

void ProgramRunner::Wake() noexcept {
  eventfd_write(wake_.get(), 1);
}

void ProgramRunner::Run() noexcept {
  if (ServiceManager::IsThere()) units_.StopLeftovers();
  while (!stopping_) {
    try {
      Turn();
    } catch (const std::exception& error) {
      diagnostics_.Log(Severity::kError, "runner",
                       std::string("running programs failed: ") + error.what());
    }
  }
  End();
}

void ProgramRunner::Turn() {
  TakeWishes();
  units_.Process();
  Look();
  Wait();
}

void ProgramRunner::TakeWishes() {
  std::vector<Wanted> wanted;
  std::vector<RunId> cancelled;
  {
    const MutexLock lock(mutex_);
    wanted.swap(wanted_);
    cancelled.swap(cancelled_);
  }
  for (Wanted& one : wanted) Begin(std::move(one));
  for (const RunId id : cancelled) {
    const auto found = running_.find(id);
    if (found != running_.end()) found->second.program->Cancel();
  }
}

void ProgramRunner::Begin(Wanted wanted) {
  const Status runnable = CheckProgram(wanted.order.program);
  if (!runnable.ok()) return wanted.listener->Ended(wanted.id, NotRunnable(runnable));
  Result<RunIo> io = RunIo::Open(wanted.order.input, wanted.order.output_limit);
  if (!io.ok()) {
    return wanted.listener->Ended(wanted.id, NotStarted("prepare", "", 0, io.status().message()));
  }
  RunEnd failure;
  auto program = Launch(wanted.order, io.value(), failure);
  if (program == nullptr) return wanted.listener->Ended(wanted.id, std::move(failure));
  io->Launched();
  running_.emplace(wanted.id, Running{std::move(wanted.listener), std::move(io).value(),
                                      std::move(program), steady_clock::now()});
}

std::unique_ptr<LaunchedProgram> ProgramRunner::Launch(const RunOrder& order, RunIo& io,
                                                       RunEnd& failure) {
  return ServiceManager::IsThere() ? units_.Start(order, io) : ForkProgram(order, io, failure);
}

void ProgramRunner::Look() {
  for (auto at = running_.begin(); at != running_.end();) {
    at = LookAt(at->first, at->second) ? running_.erase(at) : std::next(at);
  }
}

/// Whether it has ended.
bool ProgramRunner::LookAt(RunId id, Running& running) {
  running.io.Read();
  running.program->Look();
  if (!running.told && running.program->Pid() != 0) {
    running.told = true;
    running.begun = steady_clock::now();
    running.listener->Started(id, running.program->Pid());
  }
  if (!running.program->End()) return false;
  running.io.Read();  // What it wrote at last.
  RunEnd end = *running.program->End();
  end.output = std::move(running.io.Kept());
  end.dropped = running.io.Dropped();
  if (end.kind != RunEndKind::kNotStarted) {
    end.duration =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - running.begun);
  }
  running.listener->Ended(id, std::move(end));
  return true;
}

void ProgramRunner::Wait() {
  const PollWish units = units_.Wish();
  std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}, {units.fd, units.events, 0}};
  auto look_at = Condition::TimePoint::max();
  for (const auto& [id, running] : running_) {
    if (running.program->End()) return;  // Refused at once.
    polled.push_back({running.io.Output(), POLLIN, 0});
    for (const int fd : running.program->Fds()) polled.push_back({fd, POLLIN, 0});
    look_at = std::min(look_at, running.program->LookAt());
  }
  ::poll(polled.data(), polled.size(), Sooner(units.timeout_ms, MillisecondsUntil(look_at)));
  eventfd_t ignored = 0;
  if (polled.front().revents != 0) eventfd_read(wake_.get(), &ignored);
}

/// Who was asked to run something is gone by now; what runs is ended.
void ProgramRunner::End() {
  for (auto& [id, running] : running_) running.program->Cancel();
  units_.Flush();
  running_.clear();
}

}  // namespace broker
