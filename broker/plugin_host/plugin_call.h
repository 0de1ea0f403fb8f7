#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "event/status.h"
#include "usher/status.h"

namespace broker {

/// The Status for a call that answered `status`: a sentence with the plugin's own text, if it gave
/// one. `call` is the function's name.
[[nodiscard]] Status StatusOfCall(std::string_view call, usher_status status,
                                  const usher_error& error);

/// What complete() was told about an open event: OK, or a sentence as StatusOfCall's. `text` may be
/// null and is not trusted.
[[nodiscard]] Status StatusOfCompletion(usher_status status, const char* text);

/// The Status for a call that threw; `what` may be null and is not trusted.
[[nodiscard]] Status StatusOfThrow(std::string_view call, const char* what);

/// Makes one call into a plugin, `usher_status body(usher_error*)`. Whatever comes of it ends here:
/// a failure, a text without end, an exception that should not have left the plugin.
template <class Body>
[[nodiscard]] Status CallPlugin(std::string_view call, Body&& body) {
  usher_error error;
  error.size = sizeof error;
  error.text[0] = '\0';
  try {
    const usher_status status = std::forward<Body>(body)(&error);
    return status == USHER_OK ? Status() : StatusOfCall(call, status, error);
  } catch (const std::exception& thrown) {
    return StatusOfThrow(call, thrown.what());
  } catch (...) {
    return StatusOfThrow(call, nullptr);
  }
}

}  // namespace broker
