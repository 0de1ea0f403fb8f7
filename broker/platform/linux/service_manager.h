#pragma once

#include <systemd/sd-bus.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "event/status.h"
#include "platform/linux/bus_writer.h"
#include "platform/linux/logind_bus.h"

namespace broker {

/// What the service manager tells of its units, each by the path of its object.
class UnitListener {
 public:
  virtual ~UnitListener() = default;
  /// A PropertiesChanged signal: see ReadUnitChange.
  virtual void UnitChanged(std::string_view path, sd_bus_message* change) = 0;
  /// There is something to be done with it: it is to be started or stopped.
  virtual void JobMade(std::string_view path) = 0;
  /// That is over; `result` is "done" or what was in the way, "failed", "canceled", …
  virtual void JobEnded(std::string_view path, std::string_view job, std::string_view result) = 0;
  /// It reads, or has read, its units' files anew; it says so also before it replaces itself.
  virtual void UnitsRead() = 0;
  /// The service manager has gone, or has replaced itself: the connection is gone, and with it what
  /// was asked. It may be asked anew.
  virtual void Lost() = 0;
};

/// A call that is on its way: nobody hears of its answer once this is gone.
///
/// Not thread-safe.
class BusCall {
 public:
  /// Gets the answer, which may be an error (sd_bus_message_get_error).
  using Answer = std::function<void(sd_bus_message* answer)>;

  explicit BusCall(Answer answer) : answer_(std::move(answer)) {}
  ~BusCall() { sd_bus_slot_unref(slot_); }
  BusCall(const BusCall&) = delete;
  BusCall& operator=(const BusCall&) = delete;

  /// Sends `message`; 0 or more, or a negative errno. sd_bus_call_async(3).
  int Send(sd_bus* bus, sd_bus_message* message);

 private:
  Answer answer_;
  sd_bus_slot* slot_ = nullptr;
};

/// The connection to the system's service manager, at its own socket: that needs no bus, whose
/// connections are limited, and root only. It hears of every unit of the system, so that there is
/// one only as long as somebody needs it.
///
/// Not thread-safe; nothing waits. Source: org.freedesktop.systemd1(5), sd-bus(3).
class ServiceManager {
 public:
  using Fill = std::function<void(BusWriter& arguments)>;

  /// `listener` must outlive this; it may hear things from Process() only.
  explicit ServiceManager(UnitListener& listener) : listener_(listener) {}
  ~ServiceManager() { sd_bus_close_unref(bus_); }
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// Whether there is a service manager that does such things for this process.
  [[nodiscard]] static bool IsThere();

  /// Does nothing if there is a connection.
  Status Connect();
  [[nodiscard]] bool IsConnected() const { return bus_ != nullptr; }
  /// What was asked and not answered yet is answered no more.
  void Close();

  /// Calls a method of the manager; `answer` is called from Process(), with an error of sd-bus's
  /// own where the manager is lost meanwhile.
  Result<std::unique_ptr<BusCall>> Ask(const char* method, const Fill& fill,
                                       BusCall::Answer answer);
  /// Asks for all properties of the unit with this path.
  Result<std::unique_ptr<BusCall>> AskForProperties(const std::string& path,
                                                    BusCall::Answer answer);
  /// Stops a unit, however that comes out.
  void Stop(const std::string& unit);
  /// Has a unit that has failed be as one that has not, however that comes out: one that is there
  /// only as it has failed is gone then.
  void ResetFailed(const std::string& unit);

  [[nodiscard]] PollWish Wish() const;
  /// Takes in what came and sends what is left to be sent.
  void Process();
  /// The same until all is sent, for a moment at most.
  void Flush();
  [[nodiscard]] bool HasMoreToSend() const;

 private:
  Result<std::unique_ptr<BusCall>> Send(const std::string& path, const char* interface,
                                        const char* method, const Fill& fill,
                                        BusCall::Answer answer);
  template <class... Values>
  void Tell(const char* method, const char* types, Values... values);
  void Hear(sd_bus_message* message);

  UnitListener& listener_;
  sd_bus* bus_ = nullptr;
  int told_ = 0;  ///< And not answered.
};

/// The path of a unit's object.
[[nodiscard]] std::string PathOfUnit(const std::string& unit);
/// The unit of an object; empty where that is none.
[[nodiscard]] std::string UnitOfPath(const std::string& path);

/// Gets the name of a unit, and its ActiveState.
using TellUnit = std::function<void(const char* name, std::string_view active_state)>;
/// Calls `tell` for each unit in the answer to ListUnitsByPatterns; with none where that is an
/// error.
void ForEachUnit(sd_bus_message* answer, const TellUnit& tell);

/// Whether an answer says that the connection is gone, rather than what was asked for.
[[nodiscard]] bool IsLost(sd_bus_message* answer);

/// What poll(2) is to watch for `bus`.
[[nodiscard]] PollWish WishOf(sd_bus* bus);

}  // namespace broker
