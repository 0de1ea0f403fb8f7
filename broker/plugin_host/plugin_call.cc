#include "plugin_host/plugin_call.h"

#include "event/text.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

constexpr size_t kMaxTextBytes = 1024;

Status Failure(const std::string& what, usher_status status, const std::string& text) {
  return {status == USHER_STOPPED ? StatusCode::kStopped : StatusCode::kInternal,
          what + " " + StatusText(status) + (text.empty() ? ", without a text" : ": " + text)};
}

}  // namespace

Status StatusOfCall(std::string_view call, usher_status status, const usher_error& error) {
  return Failure(std::string(call) + "() answered", status, TextOf(error));
}

Status StatusOfCompletion(usher_status status, const char* text) {
  if (status == USHER_OK) return {};
  return Failure("complete() was called with", status, CutText(text, kMaxTextBytes));
}

Status StatusOfThrow(std::string_view call, const char* what) {
  std::string message = std::string(call) + "() threw an exception, which must not leave a plugin";
  if (const auto text = BoundedText(what, kMaxTextBytes); text && !text->empty()) {
    message.append(": ").append(ToUtf8(*text, kMaxTextBytes));
  }
  return {StatusCode::kInternal, std::move(message)};
}

}  // namespace broker
