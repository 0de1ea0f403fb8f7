#include "plugin_host/plugin_call.h"

#include "event/text.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

constexpr size_t kMaxTextBytes = 1024;

}  // namespace

Status StatusOfCall(const char* call, usher_status status, const usher_error& error) {
  const std::string text = TextOf(error);
  return {status == USHER_STOPPED ? StatusCode::kStopped : StatusCode::kInternal,
          std::string(call) + "() answered " + StatusText(status) +
              (text.empty() ? std::string(", without a text") : ": " + text)};
}

Status StatusOfThrow(const char* call, const char* what) {
  std::string message = std::string(call) + "() threw an exception, which must not leave a plugin";
  if (const auto text = BoundedText(what, kMaxTextBytes); text && !text->empty()) {
    message.append(": ").append(ToUtf8(*text, kMaxTextBytes));
  }
  return {StatusCode::kInternal, std::move(message)};
}

}  // namespace broker
