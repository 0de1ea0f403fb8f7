#include "platform/linux/unit_manager.h"

#include <poll.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "platform/linux/bus_writer.h"
#include "platform/linux/os_error.h"
#include "platform/linux/unit_properties.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kSocket = "/run/systemd/private";
constexpr const char* kAddress = "unix:path=/run/systemd/private";
constexpr const char* kName = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kUnitPath = "/org/freedesktop/systemd1/unit";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

constexpr milliseconds kFlushTime{500};
constexpr int kFlushStepMs = 20;
constexpr int kMessagesAtOnce = 256;

struct MessageUnref {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, MessageUnref>;

std::string RandomHex() {
  uint64_t random = 0;
  static_cast<void>(!::getrandom(&random, sizeof random, 0));
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(random));
  return text.data();
}

std::string PathOfUnit(const std::string& name) {
  char* path = nullptr;
  if (sd_bus_path_encode(kUnitPath, name.c_str(), &path) < 0) return {};
  std::string text = path;
  std::free(path);
  return text;
}

}  // namespace

/// A unit; the manager knows it as long as it lives.
class UnitManager::Program final : public LaunchedProgram {
 public:
  Program(UnitManager& manager, std::string name, microseconds limit)
      : manager_(manager),
        name_(std::move(name)),
        path_(PathOfUnit(name_)),
        out_of_time_at_(steady_clock::now() + limit) {}
  ~Program() override {
    sd_bus_slot_unref(answer_);
    manager_.Forget(*this);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] int64_t Pid() const override { return state.job_result == "done" ? state.pid : 0; }
  [[nodiscard]] const std::optional<RunEnd>& End() const override { return end; }

  void Look() override {
    if (end) return;
    end = EndOfUnit(state, steady_clock::now() >= out_of_time_at_);
    if (end && cancelled_ && end->kind != RunEndKind::kNotStarted) {
      end = EndOfProgram(RunEndKind::kCancelled, 0);
    }
  }

  void Cancel() noexcept override {
    if (end || std::exchange(cancelled_, true)) return;
    manager_.AskForStop(name_);
  }

  /// The service manager does not want to start it, or cannot be asked.
  void Refuse(const sd_bus_error& why) {
    if (end) return;
    const bool lost = sd_bus_error_has_name(&why, SD_BUS_ERROR_DISCONNECTED) > 0 ||
                      sd_bus_error_has_name(&why, SD_BUS_ERROR_NO_REPLY) > 0;
    const std::string text = why.message == nullptr ? why.name : why.message;
    end = lost ? EndOfProgram(RunEndKind::kLost, 0)
               : NotStarted("start", kStartUnitCall, sd_bus_error_get_errno(&why),
                            "the service manager refuses it: " + text);
  }

  /// Where the slot of the call that asks for it is to be put.
  [[nodiscard]] sd_bus_slot** Answer() { return &answer_; }
  [[nodiscard]] const std::string& Name() const { return name_; }
  [[nodiscard]] const std::string& Path() const { return path_; }

  UnitState state;
  std::optional<RunEnd> end;

 private:
  UnitManager& manager_;
  const std::string name_;
  const std::string path_;
  const Condition::TimePoint out_of_time_at_;
  bool cancelled_ = false;
  sd_bus_slot* answer_ = nullptr;
};

UnitManager::UnitManager() : prefix_("usher-run-" + RandomHex() + "-") {}

UnitManager::~UnitManager() {
  sd_bus_close_unref(bus_);
}

bool UnitManager::IsThere() {
  return ::geteuid() == 0 && sd_booted() > 0 && ::access(kSocket, F_OK) == 0;
}

std::unique_ptr<LaunchedProgram> UnitManager::Start(const RunOrder& order, const RunIo& io) {
  auto program = std::make_unique<Program>(*this, prefix_ + std::to_string(++last_) + ".service",
                                           order.time_limit);
  Status asked = Connect();
  if (asked.ok()) {
    programs_[program->Path()] = program.get();
    asked = AskForUnit(*program, order, io);
  }
  if (!asked.ok()) program->end = NotStarted("start", kStartUnitCall, 0, asked.message());
  return program;
}

Status UnitManager::Connect() {
  if (bus_ != nullptr) return {};
  int result = sd_bus_new(&bus_);
  if (result >= 0) result = sd_bus_set_address(bus_, kAddress);
  if (result >= 0) result = sd_bus_start(bus_);
  if (result >= 0) {
    const auto hear = [](sd_bus_message* message, void* self, sd_bus_error*) {
      static_cast<UnitManager*>(self)->Hear(message);
      return 0;
    };
    result = sd_bus_add_filter(bus_, nullptr, hear, this);
  }
  if (result >= 0) return {};
  bus_ = sd_bus_close_unref(bus_);
  return OsError("cannot speak to the service manager at", kSocket, -result);
}

Status UnitManager::AskForUnit(Program& program, const RunOrder& order, const RunIo& io) {
  sd_bus_message* made = nullptr;
  int result = sd_bus_message_new_method_call(bus_, &made, kName, kPath, kManager, kStartUnitCall);
  const Message message(made);
  if (result >= 0) {
    BusWriter writer(made);
    writer.Add("ss", program.Name().c_str(), "replace").Open('a', "(sv)");
    AddRunProperties(writer, order, io);
    writer.Close().Open('a', "(sa(sv))").Close();
    result = writer.Result();
  }
  const auto answered = [](sd_bus_message* answer, void* asked, sd_bus_error*) {
    if (const sd_bus_error* const error = sd_bus_message_get_error(answer); error != nullptr) {
      static_cast<Program*>(asked)->Refuse(*error);
    }
    return 0;
  };
  if (result >= 0) result = sd_bus_call_async(bus_, program.Answer(), made, answered, &program, 0);
  if (result < 0) return OsError("cannot ask the service manager for a unit", -result);
  return {};
}

void UnitManager::AskForStop(const std::string& name) {
  if (!Connect().ok()) return;  // Its time limit ends it.
  sd_bus_call_method_async(bus_, nullptr, kName, kPath, kManager, "StopUnit", nullptr, nullptr,
                           "ss", name.c_str(), "replace");
}

PollWish UnitManager::Wish() const {
  if (bus_ == nullptr) return {};
  uint64_t until_us = UINT64_MAX;
  PollWish wish{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), -1};
  if (sd_bus_get_timeout(bus_, &until_us) < 0 || until_us == UINT64_MAX) return wish;
  const auto now = steady_clock::now().time_since_epoch();
  const auto left = microseconds(until_us) - std::chrono::duration_cast<microseconds>(now);
  wish.timeout_ms =
      static_cast<int>(std::max<int64_t>(std::chrono::ceil<milliseconds>(left).count(), 0));
  return wish;
}

void UnitManager::Process() {
  for (int i = 0; bus_ != nullptr && i < kMessagesAtOnce; ++i) {
    const int result = sd_bus_process(bus_, nullptr);
    if (result < 0) return Lose();
    if (result == 0) break;
  }
  if (bus_ != nullptr && programs_.empty() && !HasMoreToSend()) bus_ = sd_bus_close_unref(bus_);
}

/// What was asked last, a stop say, may still be on its way.
bool UnitManager::HasMoreToSend() const {
  return sd_bus_is_ready(bus_) == 0 || (sd_bus_get_events(bus_) & POLLOUT) != 0;
}

void UnitManager::Flush() {
  const auto deadline = steady_clock::now() + kFlushTime;
  while (bus_ != nullptr && HasMoreToSend() && steady_clock::now() < deadline) {
    pollfd polled{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), 0};
    ::poll(&polled, 1, kFlushStepMs);
    if (sd_bus_process(bus_, nullptr) < 0) return;
  }
}

void UnitManager::Hear(sd_bus_message* message) {
  if (sd_bus_message_is_signal(message, kManager, "JobRemoved") > 0) return HearJob(message);
  if (sd_bus_message_is_signal(message, kProperties, "PropertiesChanged") <= 0) return;
  const auto found = programs_.find(std::string_view(sd_bus_message_get_path(message)));
  if (found != programs_.end()) ReadUnitChange(message, found->second->state);
}

/// Of the jobs of a unit the first one is that of its start.
void UnitManager::HearJob(sd_bus_message* message) {
  uint32_t id = 0;
  const char* job = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0) return;
  const auto found = programs_.find(PathOfUnit(unit));
  if (found == programs_.end()) return;
  std::string& known = found->second->state.job_result;
  if (known.empty()) known = result;
}

void UnitManager::Forget(const Program& program) {
  programs_.erase(program.Path());
}

/// The service manager has gone, or has replaced itself: what it knew is lost with the connection.
void UnitManager::Lose() {
  bus_ = sd_bus_close_unref(bus_);
  for (const auto& [path, program] : programs_) {
    if (program->end) continue;
    program->end = EndOfProgram(RunEndKind::kLost, 0);
    AskForStop(program->Name());
  }
}

}  // namespace broker
