#include "isolation/far_host.h"

#include <utility>

#include "isolation/plugin_messages.h"

namespace broker {
namespace {

MessageWriter Begin(ToHost call) {
  MessageWriter message;
  message.Number(static_cast<uint64_t>(call));
  return message;
}

usher_status StatusOf(const std::string& answer) {
  if (answer.empty()) return USHER_STOPPED;
  return static_cast<usher_status>(MessageReader(answer).Signed());
}

const void* GetExtension(const usher_host* host, const char* id) {
  FarHost* const self = FarHost::From(host);
  if (self == nullptr || id == nullptr) return nullptr;
  MessageWriter message = Begin(ToHost::kGetExtension);
  PutText(message, id);
  const std::string answer = self->Call(message);
  return MessageReader(answer).Number() == 0 ? nullptr : FindFarExtension(id);
}

usher_status Subscribe(const usher_host* host, const char* const* types, uint32_t count) {
  FarHost* const self = FarHost::From(host);
  if (self == nullptr || (types == nullptr && count != 0)) return USHER_INVALID_ARGUMENT;
  MessageWriter message = Begin(ToHost::kSubscribe);
  message.Number(count);
  for (uint32_t i = 0; i < count; ++i) PutText(message, types[i]);
  return StatusOf(self->Call(message));
}

usher_status Complete(const usher_host* host, uint64_t seq, usher_status status, const char* text) {
  FarHost* const self = FarHost::From(host);
  if (self == nullptr) return USHER_INVALID_ARGUMENT;
  MessageWriter message = Begin(ToHost::kComplete);
  message.Number(seq).Signed(status);
  PutText(message, text);
  return StatusOf(self->Call(message));
}

int32_t ShouldStop(const usher_host* host) {
  FarHost* const self = FarHost::From(host);
  if (self == nullptr) return 1;
  const std::string answer = self->Call(Begin(ToHost::kShouldStop));
  return answer.empty() ? 1 : static_cast<int32_t>(MessageReader(answer).Signed());
}

}  // namespace

FarHost::FarHost() {
  host_.size = sizeof host_;
  host_.abi_version = USHER_ABI_VERSION;
  host_.host_data = this;
  host_.get_extension = GetExtension;
  host_.subscribe = Subscribe;
  host_.complete = Complete;
  host_.should_stop = ShouldStop;
}

std::string FarHost::Call(const MessageWriter& message) const {
  Result<std::string> answer =
      peer_->Call(IsPluginThread() ? CallLane::kPlugin : CallLane::kAny, message);
  return answer.ok() ? std::move(answer).value() : std::string();
}

const char* FarHost::Keep(std::string_view text) {
  const std::lock_guard lock(mutex_);
  return kept_.emplace(text).first->c_str();
}

}  // namespace broker
