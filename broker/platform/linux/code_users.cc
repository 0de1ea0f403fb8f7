#include "plugin_host/code_users.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "event/mutex.h"
#include "platform/linux/proc_stat.h"
#include "platform/linux/stack_search.h"
#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Who is told to run at once answers within some microseconds; a busy machine needs its time.
constexpr milliseconds kAnswerLimit{100};
constexpr microseconds kPoll{100};
// As much as any thread's stack has; what lies further from the thread's own data is none of it.
constexpr uintptr_t kMostStackBytes = 64 << 20;
constexpr uintptr_t kSearchedBytes = 65536;
constexpr int64_t kGone = -1;
// A plugin's library and those that came with it.
constexpr size_t kMostRanges = 64;

struct AtomicRange {
  std::atomic<uintptr_t> begin = 0;
  std::atomic<uintptr_t> end = 0;
};

/// The question that is put to threads, all that their signal handlers can reach. An answer that
/// comes late, to an earlier question, does not count.
struct Question {
  Mutex mutex;  ///< Of who asks.
  std::array<AtomicRange, kMostRanges> code;
  std::atomic<size_t> code_count = 0;
  /// From the highest: 32 bits the question's number, 16 how many are inside, 16 how many are not.
  std::atomic<uint64_t> answers = 0;
};
constexpr uint64_t kInside = 1 << 16;
constexpr uint64_t kOutside = 1;
constexpr unsigned kNumberShift = 32;

Question question;

int TheSignal() {
  return SIGRTMAX - 1;
}

/// Where the calling thread's stack ends: its own data lie there, or, where it has a stack of
/// another kind, nobody knows where.
uintptr_t StackEnd(uintptr_t top) {
  const auto own_data = reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
  const bool known = own_data > top && own_data - top < kMostStackBytes;
  return known ? own_data : top + kSearchedBytes;
}

/// The range that the address is in; null if none is.
const AtomicRange* RangeOf(std::span<const AtomicRange> code, uintptr_t address) {
  const auto found = std::find_if(code.begin(), code.end(), [=](const AtomicRange& range) {
    return address >= range.begin && address < range.end;
  });
  return found == code.end() ? nullptr : &*found;
}

/// Nullopt where the stack cannot be read.
std::optional<bool> IsInside(const Registers& registers) {
  const std::span code(question.code.data(), question.code_count);
  const auto holds = [=](uintptr_t address) { return RangeOf(code, address) != nullptr; };
  if (holds(registers.code) || holds(registers.caller)) return true;
  return SearchStack(registers.stack, StackEnd(registers.stack), [=](uintptr_t address) {
    const AtomicRange* const range = RangeOf(code, address);
    return range != nullptr && FollowsCall(range->begin, address);
  });
}

void OnQuestion(int /*signal*/, siginfo_t* info, void* context) {
  const int error = errno;
  const auto number = std::bit_cast<uintptr_t>(info->si_value.sival_ptr);
  const std::optional<bool> inside = IsInside(RegistersOf(context));
  const uint64_t answer = inside.value_or(false) ? kInside : kOutside;
  uint64_t answers = question.answers;
  while (inside && answers >> kNumberShift == number &&
         !question.answers.compare_exchange_weak(answers, answers + answer)) {
  }
  errno = error;
}

/// False where somebody else has taken the signal.
bool Prepare() {
  struct sigaction before {};
  if (::sigaction(TheSignal(), nullptr, &before) != 0) return false;
  const bool ours = (before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction == OnQuestion;
  if (ours) return true;
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return false;
  struct sigaction action {};
  action.sa_sigaction = OnQuestion;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return ::sigaction(TheSignal(), &action, nullptr) == 0;
}

/// Whether what was asked of a thread failed as there is no such thread any more.
bool IsGone(int error) {
  return error == ENOENT || error == ESRCH;
}

/// 0 or an errno.
int Ask(pid_t thread, uintptr_t number) {
  siginfo_t info{};
  info.si_signo = TheSignal();
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_ptr = std::bit_cast<void*>(number);
  const bool sent = ::syscall(SYS_rt_tgsigqueueinfo, ::getpid(), thread, TheSignal(), &info) == 0;
  return sent ? 0 : errno;
}

/// A file of the kernel's about a thread; or an errno.
int Read(const std::filesystem::path& path, std::string& text) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno;
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t count = ::read(file.get(), part.data(), part.size());
    if (count == 0) return 0;
    if (count > 0) text.append(part.data(), static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) return errno;
  }
}

/// What stands behind `name` in a thread's status; proc(5).
std::string_view FieldOf(std::string_view status, std::string_view name) {
  const size_t at = status.find(name);
  return at == std::string_view::npos ? std::string_view() : status.substr(at + name.size());
}

enum class Ear : int32_t {
  kOpen,
  kShut,    ///< It has blocked the signal.
  kEnding,  ///< Likewise, and it runs: as who is at its very end does.
};

Ear EarOf(pid_t thread) {
  std::string status;
  if (Read("/proc/self/task/" + std::to_string(thread) + "/status", status) != 0) return Ear::kOpen;
  const std::string_view mask = FieldOf(status, "\nSigBlk:\t");
  uint64_t blocked = 0;
  std::from_chars(mask.data(), mask.data() + mask.size(), blocked, 16);
  if ((blocked >> (TheSignal() - 1) & 1) == 0) return Ear::kOpen;
  return FieldOf(status, "\nState:\t").starts_with('S') ? Ear::kShut : Ear::kEnding;
}

/// In ticks since the machine started; kGone for a thread that is gone, nullopt where it cannot be
/// told.
std::optional<int64_t> StartOf(const std::filesystem::path& task) {
  std::string text;
  const int error = Read(task / "stat", text);
  if (IsGone(error)) return kGone;
  return error == 0 ? StartTicksIn(text) : std::nullopt;
}

bool WasThere(const ThreadMark& mark, pid_t thread, int64_t start) {
  const std::pair<int64_t, int64_t> sought(thread, start);
  return std::find(mark.others.begin(), mark.others.end(), sought) != mark.others.end();
}

struct Threads {
  std::vector<std::pair<int64_t, int64_t>> found;  ///< As ThreadMark's.
  size_t unknown = 0;  ///< Of which it cannot be told whether they are among those.
};

Threads ThreadsSince(const ThreadMark& since) {
  Threads threads;
  std::error_code error;
  std::filesystem::directory_iterator task("/proc/self/task", error);
  for (; !error && task != std::filesystem::directory_iterator(); task.increment(error)) {
    const std::string name = task->path().filename();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    if (thread == ::gettid() || thread == since.thread) continue;
    const std::optional<int64_t> start = StartOf(task->path());
    if (!start) {
      ++threads.unknown;
    } else if (*start >= since.time && !WasThere(since, thread, *start)) {
      threads.found.emplace_back(thread, *start);
    }
  }
  if (error) ++threads.unknown;
  return threads;
}

/// Its number. Nobody answers before he is asked.
uint64_t PutQuestion(std::span<const CodeRange> code) USHER_REQUIRES(question.mutex) {
  const uint64_t number = (question.answers >> kNumberShift) + 1;
  question.answers = number << kNumberShift;
  for (size_t i = 0; i < code.size(); ++i) {
    question.code[i].begin = code[i].begin;
    question.code[i].end = code[i].end;
  }
  question.code_count = code.size();
  return number;
}

}  // namespace

ThreadMark MarkThread() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const int64_t ticks = ::sysconf(_SC_CLK_TCK);
  ThreadMark mark{now.tv_sec * ticks + now.tv_nsec * ticks / 1'000'000'000, ::gettid(), {}};
  mark.others = ThreadsSince(mark).found;
  return mark;
}

CodeUsers FindCodeUsers(std::span<const CodeRange> code, const ThreadMark& since) {
  if (code.size() > kMostRanges) return {0, 1, 1};
  const MutexLock lock(question.mutex);
  const bool prepared = Prepare();
  const uint64_t number = PutQuestion(code);
  const Threads threads = ThreadsSince(since);
  size_t deaf = 0;
  size_t unknown = threads.unknown;
  size_t asked = 0;
  for (const auto& [number_of_thread, start] : threads.found) {
    const auto thread = static_cast<pid_t>(number_of_thread);
    const Ear ear = prepared ? EarOf(thread) : Ear::kShut;
    if (ear != Ear::kOpen) {
      ++(ear == Ear::kShut ? deaf : unknown);
      continue;
    }
    const int error = Ask(thread, number);
    if (error == 0) ++asked;
    if (error != 0 && !IsGone(error)) ++unknown;
  }
  const auto deadline = steady_clock::now() + kAnswerLimit;
  while (true) {
    const uint64_t answers = question.answers;
    const size_t inside = answers / kInside % kInside;
    const size_t answered = inside + answers % kInside;
    if (answered >= asked || steady_clock::now() >= deadline) {
      return {inside, deaf + unknown + asked - answered, deaf};
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace broker
