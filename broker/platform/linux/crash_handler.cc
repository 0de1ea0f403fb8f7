#include "plugin_host/crash_handler.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "platform/linux/stack_search.h"

namespace broker {
namespace {

constexpr std::array<int, 5> kSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr size_t kStackBytes = 65536;
// So much of a stack is searched for the plugin that a crash came from.
constexpr size_t kSearchedBytes = 65536;

struct State {
  CrashRecord& record;
  const pid_t pid = ::getpid();
  std::array<struct sigaction, kSignals.size()> before{};
};

/// All that a signal handler can reach.
std::atomic<State*> installed{nullptr};
thread_local CallSlot* this_threads_slot = nullptr;

/// Text without the heap.
class Sentence {
 public:
  Sentence& operator<<(std::string_view text) {
    const size_t count = std::min(text.size(), text_.size() - length_);
    std::memcpy(text_.data() + length_, text.data(), count);
    length_ += count;
    return *this;
  }
  Sentence& operator<<(uint64_t number) {
    std::array<char, 20> digits{};
    size_t at = digits.size();
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return *this << std::string_view(digits.data() + at, digits.size() - at);
  }
  void Write() const {
    // There is nobody to tell that it could not be told.
    (void)!::write(STDERR_FILENO, text_.data(), length_);
  }

 private:
  std::array<char, 512> text_{};
  size_t length_ = 0;
};

std::string_view NameOf(uint32_t fault) {
  switch (fault) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    case SIGABRT:
      return "SIGABRT";
    case CallSlot::kExit:
      return "exit()";
    default:
      return "an unknown signal";
  }
}

void Tell(const CallSlot& slot, uint32_t fault) {
  Sentence sentence;
  sentence << "usherd: plugin " << slot.instance << ": " << NameOf(fault) << " in ";
  const uint32_t call = slot.call;
  if (call == 0) {
    sentence << "a thread of its own";
  } else {
    sentence << Name(PluginCall{call}) << "()";
  }
  if (call != 0 && slot.seq != 0) sentence << " with event " << slot.seq.load();
  sentence << "; the broker ends, and the plugin gets a strike\n";
  sentence.Write();
}

bool Holds(const CallSlot& slot, uintptr_t address) {
  return address >= slot.code_begin && address < slot.code_end;
}

/// The first slot whose library the address is in; null if there is none.
CallSlot* FindByCode(const State& state, uintptr_t address) {
  for (CallSlot& slot : state.record.Slots()) {
    if (slot.instance[0] != '\0' && Holds(slot, address)) return &slot;
  }
  return nullptr;
}

/// The same for what the stack shows: where the functions at work were called from.
CallSlot* FindByStack(const State& state, uintptr_t top) {
  CallSlot* found = nullptr;
  SearchStack(top, top + kSearchedBytes, [&](uintptr_t address) {
    found = FindByCode(state, address);
    return found != nullptr;
  });
  return found;
}

/// Every instance of that library: which one the thread belongs to, nobody knows.
void MarkLibrary(const State& state, const CallSlot& found, uint32_t fault) {
  for (CallSlot& slot : state.record.Slots()) {
    if (slot.instance[0] != '\0' && slot.code_begin == found.code_begin) slot.fault = fault;
  }
}

void Mark(const State& state, uint32_t fault, const Registers& registers) {
  CallSlot* slot = this_threads_slot;
  if (slot != nullptr && slot->call != 0) {
    slot->fault = fault;
    Tell(*slot, fault);
    return;
  }
  slot = FindByCode(state, registers.code);
  if (slot == nullptr) slot = FindByCode(state, registers.caller);
  if (slot == nullptr) slot = FindByStack(state, registers.stack);
  if (slot == nullptr) return;
  MarkLibrary(state, *slot, fault);
  Tell(*slot, fault);
}

/// Lets what was there before have the signal.
void PassOn(const State& state, int signal) {
  for (size_t i = 0; i < kSignals.size(); ++i) {
    if (kSignals[i] == signal) ::sigaction(signal, &state.before[i], nullptr);
  }
}

void OnSignal(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const State* const state = installed;
  // What the kernel found out itself has a positive code; it comes again when this returns.
  const bool sent = info->si_code <= 0;
  if (state != nullptr && ::getpid() == state->pid) {
    const Registers registers = RegistersOf(context);
    if (sent && info->si_pid != state->pid) {
      state->record.NoteForeignSignal(static_cast<uint32_t>(signal));
    } else {
      Mark(*state, static_cast<uint32_t>(signal), registers);
    }
  }
  if (state != nullptr) PassOn(*state, signal);
  if (sent) ::raise(signal);
  errno = error;
}

/// A plugin has called exit(): what the broker has would be torn down under its threads.
void OnExit() {
  const State* const state = installed;
  if (state == nullptr || ::getpid() != state->pid) return;
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  Mark(*state, CallSlot::kExit, {.stack = here});
  ::_exit(EXIT_FAILURE);
}

class LinuxCrashHandler final : public CrashHandler {
 public:
  explicit LinuxCrashHandler(CrashRecord& record) : state_{record} {
    for (size_t i = 0; i < kSignals.size(); ++i) {
      struct sigaction action {};
      action.sa_sigaction = OnSignal;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK;
      sigemptyset(&action.sa_mask);
      ::sigaction(kSignals[i], &action, &state_.before[i]);
    }
    installed = &state_;
    std::atexit(OnExit);
  }
  ~LinuxCrashHandler() override {
    installed = nullptr;
    for (const int signal : kSignals) PassOn(state_, signal);
  }
  LinuxCrashHandler(const LinuxCrashHandler&) = delete;
  LinuxCrashHandler& operator=(const LinuxCrashHandler&) = delete;

 private:
  State state_;
};

}  // namespace

std::unique_ptr<CrashHandler> InstallCrashHandler(CrashRecord& record) {
  return std::make_unique<LinuxCrashHandler>(record);
}

struct CrashThread::Impl {
  std::unique_ptr<std::byte[]> memory = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  CallSlot* const slot_before = this_threads_slot;
  stack_t stack_before{};
};

CrashThread::CrashThread(CallSlot& slot) : impl_(std::make_unique<Impl>()) {
  stack_t stack{};
  stack.ss_sp = impl_->memory.get();
  stack.ss_size = kStackBytes;
  ::sigaltstack(&stack, &impl_->stack_before);
  this_threads_slot = &slot;
}

CrashThread::~CrashThread() {
  this_threads_slot = impl_->slot_before;
  ::sigaltstack(&impl_->stack_before, nullptr);
}

std::string FaultName(uint32_t fault) {
  return std::string(NameOf(fault));
}

}  // namespace broker
