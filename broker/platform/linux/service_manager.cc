#include "platform/linux/service_manager.h"

#include <poll.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "platform/linux/os_error.h"

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

}  // namespace

std::string PathOfUnit(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode(kUnitPath, unit.c_str(), &path) < 0) return {};
  std::string text = path;
  std::free(path);
  return text;
}

std::string UnitOfPath(const std::string& path) {
  char* unit = nullptr;
  if (sd_bus_path_decode(path.c_str(), kUnitPath, &unit) <= 0) return {};
  std::string text = unit;
  std::free(unit);
  return text;
}

void ForEachUnit(sd_bus_message* answer, const TellUnit& tell) {
  if (sd_bus_message_enter_container(answer, 'a', "(ssssssouso)") < 0) return;
  while (sd_bus_message_enter_container(answer, 'r', "ssssssouso") > 0) {
    const char* name = nullptr;
    const char* active_state = nullptr;
    if (sd_bus_message_read(answer, "s", &name) < 0) return;
    if (sd_bus_message_skip(answer, "ss") < 0) return;
    if (sd_bus_message_read(answer, "s", &active_state) < 0) return;
    tell(name, active_state);
    if (sd_bus_message_skip(answer, "ssouso") < 0) return;
    if (sd_bus_message_exit_container(answer) < 0) return;
  }
}

bool IsLost(sd_bus_message* answer) {
  // sd-bus answers itself then, with the same error as after a long time.
  return sd_bus_is_open(sd_bus_message_get_bus(answer)) <= 0;
}

PollWish WishOf(sd_bus* bus) {
  uint64_t until_us = UINT64_MAX;
  PollWish wish{sd_bus_get_fd(bus), static_cast<short>(sd_bus_get_events(bus)), -1};
  if (sd_bus_get_timeout(bus, &until_us) < 0 || until_us == UINT64_MAX) return wish;
  const auto now = steady_clock::now().time_since_epoch();
  const auto left = microseconds(until_us) - std::chrono::duration_cast<microseconds>(now);
  wish.timeout_ms =
      static_cast<int>(std::max<int64_t>(std::chrono::ceil<milliseconds>(left).count(), 0));
  return wish;
}

int BusCall::Send(sd_bus* bus, sd_bus_message* message) {
  const auto answered = [](sd_bus_message* answer, void* self, sd_bus_error*) {
    // Who is told may let go of this call.
    const Answer tell = std::move(static_cast<BusCall*>(self)->answer_);
    tell(answer);
    return 0;
  };
  return sd_bus_call_async(bus, &slot_, message, answered, this, 0);
}

bool ServiceManager::IsThere() {
  return ::geteuid() == 0 && sd_booted() > 0 && ::access(kSocket, F_OK) == 0;
}

Status ServiceManager::Connect() {
  if (bus_ != nullptr) return {};
  int result = sd_bus_new(&bus_);
  if (result >= 0) result = sd_bus_set_address(bus_, kAddress);
  if (result >= 0) result = sd_bus_start(bus_);
  if (result >= 0) {
    const auto hear = [](sd_bus_message* message, void* self, sd_bus_error*) {
      static_cast<ServiceManager*>(self)->Hear(message);
      return 0;
    };
    result = sd_bus_add_filter(bus_, nullptr, hear, this);
  }
  if (result >= 0) return {};
  Close();
  return OsError("cannot speak to the service manager at", kSocket, -result);
}

Result<std::unique_ptr<BusCall>> ServiceManager::Ask(const char* method, const Fill& fill,
                                                     BusCall::Answer answer) {
  return Send(kPath, kManager, method, fill, std::move(answer));
}

Result<std::unique_ptr<BusCall>> ServiceManager::AskForProperties(const std::string& path,
                                                                  BusCall::Answer answer) {
  const auto of_all_interfaces = [](BusWriter& arguments) { arguments.Add("s", ""); };
  return Send(path, kProperties, "GetAll", of_all_interfaces, std::move(answer));
}

Result<std::unique_ptr<BusCall>> ServiceManager::Send(const std::string& path,
                                                      const char* interface, const char* method,
                                                      const Fill& fill, BusCall::Answer answer) {
  Status connected = Connect();
  if (!connected.ok()) return connected;
  sd_bus_message* made = nullptr;
  int result = sd_bus_message_new_method_call(bus_, &made, kName, path.c_str(), interface, method);
  const Message message(made);
  if (result >= 0) {
    BusWriter writer(made);
    fill(writer);
    result = writer.Result();
  }
  auto call = std::make_unique<BusCall>(std::move(answer));
  if (result >= 0) result = call->Send(bus_, made);
  if (result >= 0) return call;
  return OsError("cannot ask the service manager for " + std::string(method), -result);
}

void ServiceManager::Stop(const std::string& unit) {
  Tell("StopUnit", "ss", unit.c_str(), "replace");
}

void ServiceManager::ResetFailed(const std::string& unit) {
  Tell("ResetFailedUnit", "s", unit.c_str());
}

template <class... Values>
void ServiceManager::Tell(const char* method, const char* types, Values... values) {
  if (!Connect().ok()) return;
  const auto answered = [](sd_bus_message*, void* self, sd_bus_error*) {
    --static_cast<ServiceManager*>(self)->told_;
    return 0;
  };
  const int result = sd_bus_call_method_async(bus_, nullptr, kName, kPath, kManager, method,
                                              answered, this, types, values...);
  if (result >= 0) ++told_;
}

PollWish ServiceManager::Wish() const {
  return bus_ == nullptr ? PollWish() : WishOf(bus_);
}

void ServiceManager::Process() {
  for (int i = 0; bus_ != nullptr && i < kMessagesAtOnce; ++i) {
    const int result = sd_bus_process(bus_, nullptr);
    if (result == 0) return;
    if (result > 0) continue;
    Close();
    listener_.Lost();
  }
}

/// What it was told counts until it is answered: the service manager heeds only who is still there.
bool ServiceManager::HasMoreToSend() const {
  if (bus_ == nullptr) return false;
  return told_ > 0 || sd_bus_is_ready(bus_) == 0 || (sd_bus_get_events(bus_) & POLLOUT) != 0;
}

void ServiceManager::Close() {
  bus_ = sd_bus_close_unref(bus_);
  told_ = 0;
}

void ServiceManager::Flush() {
  const auto deadline = steady_clock::now() + kFlushTime;
  while (HasMoreToSend() && steady_clock::now() < deadline) {
    pollfd polled{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), 0};
    ::poll(&polled, 1, kFlushStepMs);
    if (sd_bus_process(bus_, nullptr) < 0) return;
  }
}

void ServiceManager::Hear(sd_bus_message* message) {
  if (sd_bus_message_is_signal(message, kProperties, "PropertiesChanged") > 0) {
    return listener_.UnitChanged(sd_bus_message_get_path(message), message);
  }
  if (sd_bus_message_is_signal(message, kManager, "Reloading") > 0) {
    int begins = 0;
    if (sd_bus_message_read(message, "b", &begins) > 0 && begins != 0) listener_.UnitsRead();
    return;
  }
  const bool ended = sd_bus_message_is_signal(message, kManager, "JobRemoved") > 0;
  if (!ended && sd_bus_message_is_signal(message, kManager, "JobNew") <= 0) return;
  uint32_t id = 0;
  const char* job = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (sd_bus_message_read(message, "uos", &id, &job, &unit) < 0) return;
  if (!ended) return listener_.JobMade(PathOfUnit(unit));
  if (sd_bus_message_read(message, "s", &result) < 0) return;
  listener_.JobEnded(PathOfUnit(unit), job, result);
}

}  // namespace broker
