#include "source/logind_signal.h"

#include <utility>

namespace broker {
namespace {

constexpr std::string_view kBusInterface = "org.freedesktop.DBus";
constexpr std::string_view kPropertiesInterface = "org.freedesktop.DBus.Properties";
constexpr std::string_view kManagerInterface = "org.freedesktop.login1.Manager";
constexpr std::string_view kSessionInterface = "org.freedesktop.login1.Session";
constexpr std::string_view kSeatInterface = "org.freedesktop.login1.Seat";
constexpr std::string_view kLogindName = "org.freedesktop.login1";

using Decoded = std::optional<LogindSignal>;

LogindSignal Plain(LogindSays says) {
  LogindSignal signal;
  signal.says = says;
  return signal;
}

Decoded OfSession(LogindSays says, const BusSignal& signal) {
  auto id = SessionIdOfPath(signal.path);
  if (!id) return std::nullopt;
  return LogindSignal{says, *std::move(id), signal.path, signal.changed};
}

Decoded OfOwner(const BusSignal& signal) {
  if (signal.member != "NameOwnerChanged" || signal.texts.size() < 3) return std::nullopt;
  if (signal.texts[0] != kLogindName) return std::nullopt;
  return Plain(signal.texts[2].empty() ? LogindSays::kGone : LogindSays::kBack);
}

/// What it is to a session or a seat, which the signal names together with its path.
std::optional<LogindSays> OfObject(std::string_view member) {
  if (member == "SessionNew") return LogindSays::kSessionNew;
  if (member == "SessionRemoved") return LogindSays::kSessionRemoved;
  if (member == "SeatNew") return LogindSays::kSeatNew;
  if (member == "SeatRemoved") return LogindSays::kSeatRemoved;
  return std::nullopt;
}

Decoded OfManager(const BusSignal& signal) {
  if (signal.member == "PrepareForSleep") {
    return Plain(signal.flag ? LogindSays::kSuspending : LogindSays::kResumed);
  }
  if (signal.member == "PrepareForShutdown") {
    return Plain(signal.flag ? LogindSays::kShuttingDown : LogindSays::kStaysUp);
  }
  const auto says = OfObject(signal.member);
  if (!says || signal.texts.size() < 2) return std::nullopt;
  return LogindSignal{*says, signal.texts[0], signal.texts[1], {}};
}

Decoded OfRequest(const BusSignal& signal) {
  if (signal.member == "Lock") return OfSession(LogindSays::kLock, signal);
  if (signal.member == "Unlock") return OfSession(LogindSays::kUnlock, signal);
  return std::nullopt;
}

Decoded OfSeat(const BusSignal& signal) {
  auto seat = SeatNameOfPath(signal.path);
  if (!seat) return std::nullopt;
  return LogindSignal{LogindSays::kSeatChanged, *std::move(seat), signal.path, signal.changed};
}

Decoded OfProperties(const BusSignal& signal) {
  if (signal.member != "PropertiesChanged" || signal.texts.empty()) return std::nullopt;
  if (signal.texts[0] == kSeatInterface) return OfSeat(signal);
  if (signal.texts[0] != kSessionInterface) return std::nullopt;
  return OfSession(
      signal.invalidated.empty() ? LogindSays::kSessionChanged : LogindSays::kSessionOutdated,
      signal);
}

}  // namespace

Decoded DecodeSignal(const BusSignal& signal) {
  if (signal.interface == kBusInterface) return OfOwner(signal);
  if (signal.interface == kManagerInterface) return OfManager(signal);
  if (signal.interface == kSessionInterface) return OfRequest(signal);
  if (signal.interface == kPropertiesInterface) return OfProperties(signal);
  return std::nullopt;
}

}  // namespace broker
