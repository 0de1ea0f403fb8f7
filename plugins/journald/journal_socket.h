#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace journald {

/// The journal's socket, by the journal's native protocol. Never waits.
///
/// Rationale: sd_journal_sendv() of libsystemd speaks the same protocol, but waits for ever where
/// the socket is full, and answers that all is well where there is none: an event would be lost, or
/// its plugin abandoned.
///
/// Source: systemd, "Native Journal Protocol" (systemd.io/JOURNAL_NATIVE_PROTOCOL).
///
/// Thread-safe: keeps nothing but the socket that it sends from.
class JournalSocket {
 public:
  /// `path`: the journal's socket, which may come and go. Throws usher::Error (USHER_IO) if there
  /// is no socket to be had to send from.
  explicit JournalSocket(std::string path);
  JournalSocket(const JournalSocket&) = delete;
  JournalSocket& operator=(const JournalSocket&) = delete;
  ~JournalSocket();

  /// Hands one record over (Record::bytes), through a file in memory where it is too large for the
  /// socket. On failure, e.g. where nobody listens or the socket is full, nothing was sent; try
  /// again later.
  [[nodiscard]] std::error_code Send(std::string_view record) const noexcept;

 private:
  const std::string path_;
  const int socket_;
};

}  // namespace journald
