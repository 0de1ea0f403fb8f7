// usher/cpp/error.hpp: failures as exceptions on the plugin's side, as status and text on the
// ABI's.
#ifndef USHER_CPP_ERROR_HPP
#define USHER_CPP_ERROR_HPP

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "usher/status.h"

namespace usher {

/// What the wrapper throws when a call into the broker fails, and what a plugin throws to fail with
/// a status of its choice. Any other exception that leaves a plugin's method is USHER_ERROR.
class Error : public std::runtime_error {
 public:
  /// `text` is a sentence for the administrator: what failed, where, what to do.
  explicit Error(const std::string& text) : Error(USHER_ERROR, text) {}
  /// A `status` that is no failure counts as USHER_ERROR.
  Error(usher_status status, const std::string& text)
      : std::runtime_error(text), status_(status < 0 ? status : USHER_ERROR) {}

  [[nodiscard]] usher_status status() const noexcept { return status_; }

 private:
  usher_status status_;
};

namespace detail {

/// How many bytes of `text` fit into `capacity` without cutting a character.
inline size_t WholeCharacters(std::string_view text, size_t capacity) noexcept {
  if (text.size() <= capacity) return text.size();
  size_t length = capacity;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return length;
}

/// Puts `text` where the broker will read it.
inline void WriteText(usher_error* error, std::string_view text) noexcept {
  constexpr size_t kHeader = offsetof(usher_error, text);
  if (error == nullptr || error->size <= kHeader) return;
  const size_t capacity = std::min<size_t>(error->size - kHeader, USHER_ERROR_TEXT_SIZE);
  const size_t length = WholeCharacters(text, capacity - 1);
  std::memcpy(error->text, text.data(), length);
  error->text[length] = '\0';
}

inline usher_status Fail(usher_error* error, usher_status status, const char* text) noexcept {
  const bool silent = text == nullptr || *text == '\0';
  WriteText(error, silent ? "The plugin threw an exception without a text." : text);
  return status;
}

/// The exception at hand as a status. Call it in a catch block only.
inline usher_status FailWithCurrentException(usher_error* error) noexcept {
  try {
    throw;
  } catch (const Error& failure) {
    return Fail(error, failure.status(), failure.what());
  } catch (const std::bad_alloc&) {
    return Fail(error, USHER_ERROR, "The plugin ran out of memory.");
  } catch (const std::exception& failure) {
    return Fail(error, USHER_ERROR, failure.what());
  } catch (...) {
    return Fail(error, USHER_ERROR, "The plugin threw something that is no std::exception.");
  }
}

/// Runs `function`; what it throws becomes a status and a text.
template <class Function>
usher_status Guard(usher_error* error, Function&& function) noexcept {
  try {
    function();
    return USHER_OK;
  } catch (...) {
    return FailWithCurrentException(error);
  }
}

/// An empty error to hand to the broker.
inline usher_error EmptyError() noexcept {
  usher_error error{};
  error.size = sizeof(usher_error);
  return error;
}

/// What a status means, where no text came with it.
inline const char* Describe(usher_status status) noexcept {
  switch (status) {
    case USHER_INVALID_ARGUMENT:
      return "the broker takes the arguments for invalid";
    case USHER_NOT_FOUND:
      return "there is no such thing";
    case USHER_NOT_PERMITTED:
      return "the configuration does not permit it";
    case USHER_WRONG_TYPE:
      return "the value is of another type";
    case USHER_TOO_SMALL:
      return "the buffer is too small";
    case USHER_LIMIT:
      return "a limit is reached";
    case USHER_STOPPED:
      return "the instance is stopped";
    case USHER_IO:
      return "the system reported an I/O error";
    default:
      return "the broker reported a failure";
  }
}

/// Throws unless `status` is USHER_OK. `what` begins the sentence, `text` is the broker's.
inline void Check(usher_status status, const std::string& what, const char* text = "") {
  if (status == USHER_OK) return;
  throw Error(status, what + ": " + (*text == '\0' ? Describe(status) : text));
}

}  // namespace detail
}  // namespace usher

#endif
