#pragma once

#include <cstdint>
#include <span>

#include <usher/cpp/event_type.hpp>

namespace journald {

/// How much a record matters. The numbers are syslog's. Source: RFC 5424, section 6.2.1.
enum class Priority : int32_t {
  kEmergency = 0,
  kAlert,
  kCritical,
  kError,
  kWarning,
  kNotice,
  kInfo,
  kDebug,
};

/// What the journal is told about all events of one type.
struct EventKind {
  usher::EventType type = usher::EventType::kUnknown;
  /// 32 hexadecimal digits, drawn once (systemd-id128 new) and never changed: by it usher.catalog
  /// explains the event, and people have it in their queries.
  const char* message_id = "";
  Priority priority = Priority::kInfo;  ///< Where the configuration says nothing else.
  const char* sentence = "";            ///< MESSAGE: see sentence.h.
};

/// All there are; the first one is for events whose type has no number.
[[nodiscard]] std::span<const EventKind> EventKinds();

/// The one of this type; the first one where there is none.
[[nodiscard]] const EventKind& KindOf(usher::EventType type);

}  // namespace journald
