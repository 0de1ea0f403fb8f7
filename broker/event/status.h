#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace broker {

/// What kind of failure a Status reports; the message says the rest.
enum class StatusCode : int32_t {
  kOk = 0,
  kInvalid,      ///< The caller's input is wrong.
  kNotFound,     ///< The thing named does not exist.
  kExists,       ///< It exists already, or somebody else holds it.
  kPermission,   ///< Not allowed, or not trusted.
  kUnavailable,  ///< Not now: try again later.
  kCorrupt,      ///< Stored data is damaged.
  kIo,           ///< The operating system reported an I/O error.
  kNoSpace,      ///< The disk or a quota is full.
  kTimeout,      ///< A bound in time was passed.
  kStopped,      ///< The broker or the instance is stopping.
  kInternal,     ///< A bug.
};

/// The outcome of an operation: success, or a code and a sentence for the person who must act.
///
/// A value: copied freely, no thread affinity.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const { return code_ == StatusCode::kOk; }
  [[nodiscard]] StatusCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  /// The same failure with `context` before its message ("context: message"); success stays as it
  /// is.
  [[nodiscard]] Status Annotate(std::string_view context) const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

/// A value, or the Status that says why there is none. Reading the absent half is a bug (asserted).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {}

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] T& value() & { return *value_; }
  [[nodiscard]] const T& value() const& { return *value_; }
  [[nodiscard]] T&& value() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace broker
