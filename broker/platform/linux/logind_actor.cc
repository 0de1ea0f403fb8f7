#include "platform/linux/logind_actor.h"

#include <systemd/sd-bus.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace broker {
namespace {

constexpr const char* kName = "org.freedesktop.login1";
constexpr const char* kPath = "/org/freedesktop/login1";
constexpr const char* kManager = "org.freedesktop.login1.Manager";
constexpr const char* kSession = "org.freedesktop.login1.Session";
constexpr uint64_t kTimeoutUs = 1'000'000;

struct BusUnref {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, BusUnref>;

struct MessageUnref {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, MessageUnref>;

/// What a call answered with instead.
class BusError {
 public:
  BusError() = default;
  ~BusError() { sd_bus_error_free(&error_); }
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;

  [[nodiscard]] sd_bus_error* Get() { return &error_; }
  [[nodiscard]] Status ToStatus(const std::string& what) const {
    const bool gone = sd_bus_error_has_name(&error_, "org.freedesktop.login1.NoSuchSession") > 0 ||
                      sd_bus_error_has_name(&error_, SD_BUS_ERROR_UNKNOWN_OBJECT) > 0;
    const std::string why = error_.message == nullptr ? "it does not answer" : error_.message;
    return {gone ? StatusCode::kNotFound : StatusCode::kUnavailable, what + ": " + why};
  }

 private:
  sd_bus_error error_ = SD_BUS_ERROR_NULL;
};

Result<Bus> Connect() {
  sd_bus* made = nullptr;
  const int result = sd_bus_open_system(&made);
  Bus bus(made);
  if (result < 0) {
    return Status(StatusCode::kUnavailable, "the system bus cannot be reached; is it running?");
  }
  sd_bus_set_method_call_timeout(made, kTimeoutUs);
  return bus;
}

Result<std::string> PathOf(sd_bus* bus, const Session& session) {
  BusError error;
  sd_bus_message* answer = nullptr;
  const std::string id(session.Id());
  const int result = sd_bus_call_method(bus, kName, kPath, kManager, "GetSession", error.Get(),
                                        &answer, "s", id.c_str());
  const Message message(answer);
  if (result < 0) return error.ToStatus("logind does not find session '" + id + "'");
  const char* path = nullptr;
  if (sd_bus_message_read(answer, "o", &path) < 0) {
    return Status(StatusCode::kCorrupt, "logind's answer about session '" + id + "' is none");
  }
  return std::string(path);
}

/// Ids are used again: it must have been made when the session was.
Status CheckAge(sd_bus* bus, const std::string& path, const Session& session) {
  BusError error;
  uint64_t created_us = 0;
  const std::string id(session.Id());
  if (sd_bus_get_property_trivial(bus, kName, path.c_str(), kSession, "TimestampMonotonic",
                                  error.Get(), 't', &created_us) < 0) {
    return error.ToStatus("logind does not know since when session '" + id + "' exists");
  }
  if (created_us == static_cast<uint64_t>(session.created_us)) return {};
  return {StatusCode::kNotFound, "session '" + id + "' is gone, and its id is another's"};
}

const char* MethodOf(SessionAction action) {
  if (action == SessionAction::kLock) return "Lock";
  if (action == SessionAction::kLogOff) return "Terminate";
  return action == SessionAction::kSwitchTo ? "Activate" : nullptr;
}

Status Ask(SessionAction action, const Session& session) {
  const char* const method = MethodOf(action);
  if (method == nullptr) {
    return {StatusCode::kInvalid, "logind cannot " + std::string(Name(action)) + " a session"};
  }
  const Result<Bus> bus = Connect();
  if (!bus.ok()) return bus.status();
  sd_bus* const raw = bus.value().get();
  const Result<std::string> path = PathOf(raw, session);
  if (!path.ok()) return path.status();
  Status same = CheckAge(raw, path.value(), session);
  if (!same.ok()) return same;
  BusError error;
  if (sd_bus_call_method(raw, kName, path->c_str(), kSession, method, error.Get(), nullptr, "") >=
      0) {
    return {};
  }
  return error.ToStatus("logind does not " + std::string(Name(action)) + " session '" +
                        std::string(session.Id()) + "'");
}

}  // namespace

LogindActor::~LogindActor() {
  std::thread thread;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    wishes_.clear();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void LogindActor::Act(SessionAction action, SessionRef session, Done done) {
  const MutexLock lock(mutex_);
  if (stopping_) return;
  wishes_.push_back({action, std::move(session), std::move(done)});
  if (std::exchange(working_, true)) return;
  if (thread_.joinable()) thread_.join();  // It has nothing left to do but to end.
  thread_ = std::thread([this] { Work(); });
}

bool LogindActor::Take(Wish& wish) {
  const MutexLock lock(mutex_);
  working_ = !stopping_ && !wishes_.empty();
  if (!working_) return false;
  wish = std::move(wishes_.front());
  wishes_.erase(wishes_.begin());
  return true;
}

void LogindActor::Work() noexcept {
  Wish wish;
  while (Take(wish)) {
    try {
      wish.done(Ask(wish.action, *wish.session));
    } catch (const std::exception& error) {
      diagnostics_.Log(Severity::kError, "session",
                       std::string("acting upon a session failed: ") + error.what());
    }
  }
}

}  // namespace broker
