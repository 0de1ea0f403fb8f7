#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/mutex.h"
#include "event/status.h"
#include "isolation/channel.h"

namespace broker {

/// Puts values behind each other into a message. Numbers have eight bytes, the lowest first; a text
/// is its size and its bytes.
class MessageWriter {
 public:
  MessageWriter& Number(uint64_t number);
  MessageWriter& Signed(int64_t number) { return Number(static_cast<uint64_t>(number)); }
  MessageWriter& Text(std::string_view text);
  /// All values of another one.
  MessageWriter& Append(const MessageWriter& other);

  [[nodiscard]] const std::string& Bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Takes the values out of a message again, which may be anything: behind its end there are zeros
/// and empty texts, and Failed() is true.
class MessageReader {
 public:
  /// `bytes` must outlive this and the texts taken.
  explicit MessageReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Number();
  int64_t Signed() { return static_cast<int64_t>(Number()); }
  std::string_view Text();

  [[nodiscard]] bool Failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// The most bytes one message may have.
inline constexpr uint64_t kMaxMessageBytes = 256ULL << 20U;

/// Sends and receives whole messages. Send from any thread; Receive from one.
class MessageChannel {
 public:
  /// `channel` must outlive this.
  explicit MessageChannel(Channel& channel) : channel_(channel) {}

  /// kStopped: the other side is gone.
  Status Send(const MessageWriter& message);

  /// The next message; kStopped: none will come, kTimeout: none came until `deadline`.
  Result<std::string> Receive(Condition::TimePoint deadline);

 private:
  std::optional<std::string> TakeMessage();

  Channel& channel_;
  Mutex writing_;
  std::string received_;  ///< Behind the last message taken.
};

}  // namespace broker
