#include "platform/linux/logind_bus.h"

#include <sdbus-c++/sdbus-c++.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "platform/linux/login_monitor.h"

namespace broker {
namespace {

constexpr const char* kLogind = "org.freedesktop.login1";
constexpr const char* kLogindPath = "/org/freedesktop/login1";
constexpr const char* kManager = "org.freedesktop.login1.Manager";
constexpr const char* kSession = "org.freedesktop.login1.Session";
constexpr const char* kSeat = "org.freedesktop.login1.Seat";
constexpr const char* kBus = "org.freedesktop.DBus";
constexpr const char* kBusPath = "/org/freedesktop/DBus";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

// So that a flood does not keep the source from reporting.
constexpr int kMessagesAtOnce = 256;

using Variants = std::map<std::string, sdbus::Variant>;
using ListedSession =
    sdbus::Struct<std::string, uint32_t, std::string, std::string, sdbus::ObjectPath>;
using ListedSeat = sdbus::Struct<std::string, sdbus::ObjectPath>;

std::optional<PropertyValue> ToValue(const sdbus::Variant& variant) {
  const std::string type = variant.peekValueType();
  if (type == "b") return variant.get<bool>();
  if (type == "s") return variant.get<std::string>();
  if (type == "u") return static_cast<uint64_t>(variant.get<uint32_t>());
  if (type == "t") return variant.get<uint64_t>();
  if (type == "(so)") {
    const auto object = variant.get<sdbus::Struct<std::string, sdbus::ObjectPath>>();
    return std::pair(std::get<0>(object), std::string(std::get<1>(object)));
  }
  if (type == "(uo)") {
    const auto user = variant.get<sdbus::Struct<uint32_t, sdbus::ObjectPath>>();
    return std::pair(std::to_string(std::get<0>(user)), std::string(std::get<1>(user)));
  }
  return std::nullopt;
}

PropertyMap ToProperties(const Variants& variants) {
  PropertyMap properties;
  for (const auto& [name, variant] : variants) {
    if (auto value = ToValue(variant)) properties.emplace(name, *std::move(value));
  }
  return properties;
}

void ReadTexts(sdbus::Message& message, size_t count, BusSignal& signal) {
  signal.texts.resize(count);
  for (std::string& text : signal.texts) message >> text;
}

void ReadNameAndPath(sdbus::Message& message, BusSignal& signal) {
  std::string name;
  sdbus::ObjectPath path;
  message >> name >> path;
  signal.texts = {std::move(name), std::move(path)};
}

void ReadChanges(sdbus::Message& message, BusSignal& signal) {
  std::string interface;
  Variants changed;
  message >> interface >> changed >> signal.invalidated;
  signal.texts = {std::move(interface)};
  signal.changed = ToProperties(changed);
}

BusSignal ReadSignal(sdbus::Message& message) {
  BusSignal signal;
  signal.path = message.getPath();
  signal.interface = message.getInterfaceName();
  signal.member = message.getMemberName();
  const std::string& member = signal.member;
  if (member == "PropertiesChanged") ReadChanges(message, signal);
  if (member == "NameOwnerChanged") ReadTexts(message, 3, signal);
  const bool of_session = member == "SessionNew" || member == "SessionRemoved";
  const bool of_seat = member == "SeatNew" || member == "SeatRemoved";
  if (of_session || of_seat) ReadNameAndPath(message, signal);
  if (member == "PrepareForSleep" || member == "PrepareForShutdown") message >> signal.flag;
  return signal;
}

Status Failure(const std::string& what, const sdbus::Error& error) {
  const std::string& name = error.getName();
  const bool gone = name == "org.freedesktop.DBus.Error.UnknownObject" ||
                    name == "org.freedesktop.login1.NoSuchSession" ||
                    name == "org.freedesktop.login1.NoSuchSeat";
  return {gone ? StatusCode::kNotFound : StatusCode::kUnavailable,
          what + ": " + error.getMessage() + " (" + name + ")"};
}

/// Whether somebody has answered, be it with an error.
bool IsAnswer(const sdbus::Error& error) {
  static constexpr std::array kSilence{
      "org.freedesktop.DBus.Error.NoReply",
      "org.freedesktop.DBus.Error.Timeout",
      "org.freedesktop.DBus.Error.TimedOut",
      "org.freedesktop.DBus.Error.Disconnected",
      "org.freedesktop.DBus.Error.ServiceUnknown",
      "org.freedesktop.DBus.Error.NameHasNoOwner",
      "System.Error.ETIMEDOUT",
      "System.Error.ENOTCONN",
      "System.Error.ECONNRESET",
  };
  return std::ranges::find(kSilence, error.getName()) == kSilence.end();
}

/// Logind on a connection of sdbus-c++. Signals are only taken note of while messages are
/// dispatched, and handed out by Receive: no call is made from within a callback.
class SdbusLogindBus final : public LogindBus {
 public:
  /// Subscribes. Throws sdbus::Error.
  SdbusLogindBus() : connection_(sdbus::createSystemBusConnection()) {
    connection_->setMethodCallTimeout(kLogindCallTimeout);
    Subscribe();
    owner_ = AskOwner();
  }

  [[nodiscard]] PollWish Wish() const override {
    const auto wish = connection_->getEventLoopPollData();
    return {wish.fd, wish.events, wish.getPollTimeout()};
  }

  Status Receive(std::vector<LogindSignal>& signals) override {
    Status status;
    try {
      for (int i = 0; i < kMessagesAtOnce && connection_->processPendingRequest(); ++i) {
      }
    } catch (const sdbus::Error& error) {
      status = Failure("the connection to the system bus broke", error);
    }
    for (LogindSignal& signal : heard_) signals.push_back(std::move(signal));
    heard_.clear();
    return status;
  }

  Result<std::vector<LogindObject>> Sessions() override {
    return Listed<ListedSession, 4>("ListSessions");
  }

  Result<std::vector<LogindObject>> Seats() override { return Listed<ListedSeat, 1>("ListSeats"); }

  Result<PropertyMap> SessionProperties(const std::string& path) override {
    return Properties(path, kSession);
  }

  Result<PropertyMap> SeatProperties(const std::string& path) override {
    return Properties(path, kSeat);
  }

  Result<DelayInhibitor> Inhibit() override {
    try {
      const auto manager = sdbus::createProxy(*connection_, kLogind, kLogindPath);
      sdbus::UnixFd lock;
      manager->callMethod("Inhibit")
          .onInterface(kManager)
          .withArguments("sleep:shutdown", "usherd", "Plugins are told first", "delay")
          .storeResultsTo(lock);
      const auto max_us =
          manager->getProperty("InhibitDelayMaxUSec").onInterface(kManager).get<uint64_t>();
      return DelayInhibitor{UniqueFd(lock.release()), static_cast<int64_t>(max_us)};
    } catch (const sdbus::Error& error) {
      const Status failure = Failure("logind did not give a delay inhibitor", error);
      return IsAnswer(error) ? Status(StatusCode::kPermission, failure.message()) : failure;
    }
  }

 private:
  void Subscribe() {
    const std::string logind = std::string("type='signal',sender='") + kLogind + "',";
    Match(std::string("type='signal',sender='") + kBus + "',member='NameOwnerChanged',arg0='" +
          kLogind + "'");
    Match(logind + "path='" + kLogindPath + "',interface='" + kManager + "'");
    Match(logind + "path_namespace='" + kLogindPath + "',interface='" + kSession + "'");
    for (const char* interface : {kSession, kSeat}) {
      Match(logind + "path_namespace='" + kLogindPath + "',interface='" + kProperties +
            "',member='PropertiesChanged',arg0='" + interface + "'");
    }
  }

  void Match(const std::string& rule) {
    connection_->addMatch(
        rule, [this](sdbus::Message& message) { Take(message); }, sdbus::floating_slot);
  }

  /// Nothing may be thrown through the C code that calls this.
  void Take(sdbus::Message& message) noexcept {
    try {
      TakeSignal(message);
    } catch (const std::exception&) {
      // A signal of another shape than documented says nothing that could be used.
    }
  }

  void TakeSignal(sdbus::Message& message) {
    // The match rules hold back what is broadcast; anybody may still send a signal straight to us.
    const std::string sender = message.getSender();
    if (sender != kBus && (owner_.empty() || sender != owner_)) return;
    const BusSignal bus_signal = ReadSignal(message);
    if ((sender == kBus) != (bus_signal.member == "NameOwnerChanged")) return;
    auto signal = DecodeSignal(bus_signal);
    if (!signal) return;
    if (sender == kBus) owner_ = bus_signal.texts[2];
    heard_.push_back(*std::move(signal));
  }

  /// The unique name behind logind's, empty when it is not running.
  std::string AskOwner() {
    std::string owner;
    try {
      sdbus::createProxy(*connection_, kBus, kBusPath)
          ->callMethod("GetNameOwner")
          .onInterface(kBus)
          .withArguments(std::string(kLogind))
          .storeResultsTo(owner);
    } catch (const sdbus::Error& error) {
      if (error.getName() != "org.freedesktop.DBus.Error.NameHasNoOwner") throw;
    }
    return owner;
  }

  template <class Entry, size_t PathAt>
  Result<std::vector<LogindObject>> Listed(const std::string& method) {
    try {
      std::vector<Entry> entries;
      sdbus::createProxy(*connection_, kLogind, kLogindPath)
          ->callMethod(method)
          .onInterface(kManager)
          .storeResultsTo(entries);
      std::vector<LogindObject> objects;
      objects.reserve(entries.size());
      for (const Entry& entry : entries) {
        objects.push_back({std::get<0>(entry), std::get<PathAt>(entry)});
      }
      return objects;
    } catch (const sdbus::Error& error) {
      return Failure("logind did not answer " + method, error);
    }
  }

  Result<PropertyMap> Properties(const std::string& path, const char* interface) {
    try {
      Variants variants;
      sdbus::createProxy(*connection_, kLogind, path)
          ->callMethod("GetAll")
          .onInterface(kProperties)
          .withArguments(std::string(interface))
          .storeResultsTo(variants);
      return ToProperties(variants);
    } catch (const sdbus::Error& error) {
      return Failure("logind did not answer GetAll of " + path, error);
    }
  }

  std::unique_ptr<sdbus::IConnection> connection_;
  std::string owner_;
  std::vector<LogindSignal> heard_;
};

}  // namespace

Result<LogindLink> ConnectToLogind() {
  LogindLink link;
  try {
    link.bus = std::make_unique<SdbusLogindBus>();
  } catch (const sdbus::Error& error) {
    return Failure("no connection to the system bus", error);
  }
  Result<std::unique_ptr<LoginMonitor>> monitor = WatchLogins();
  if (!monitor.ok()) return monitor.status();
  link.monitor = std::move(monitor).value();
  return link;
}

}  // namespace broker
