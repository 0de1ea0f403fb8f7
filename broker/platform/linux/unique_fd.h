#pragma once

#include <utility>

namespace broker {

/// Owns a file descriptor and closes it at the end. Not thread-safe.
class UniqueFd {
 public:
  /// Takes over `fd`; a negative one owns nothing, so that the result of open(2) may come in as is.
  explicit UniqueFd(int fd = -1) noexcept : fd_(fd) {}
  ~UniqueFd() { reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }

  /// The descriptor, still owned by this; -1 when there is none.
  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Gives the descriptor up without closing it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  /// Closes what it owns and takes over `fd`. errno stays as it was. An error of close(2) is not
  /// told: what must be on the disk is synced before, and the descriptor is gone either way.
  void reset(int fd = -1) noexcept;

 private:
  int fd_;
};

}  // namespace broker
