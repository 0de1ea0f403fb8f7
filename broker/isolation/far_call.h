#pragma once

#include <string>

#include "isolation/far_host.h"
#include "isolation/message.h"
#include "isolation/plugin_messages.h"
#include "usher/ext/launch.h"

namespace broker {

/// A call to the broker: its arguments are added, then it is made, then its answer is read.
class FarCall {
 public:
  FarCall(const usher_host* host, ToHost call) : host_(FarHost::From(host)) {
    message_.Number(static_cast<uint64_t>(call));
  }

  MessageWriter& Arguments() { return message_; }
  FarHost& Host() { return *host_; }

  /// The answer; one that is empty is that of a broker that is gone.
  MessageReader Make() {
    if (host_ != nullptr) answer_ = host_->Call(message_);
    return MessageReader(answer_);
  }

  /// The status that an answer begins with.
  usher_status Status(MessageReader& answer) const {
    if (host_ == nullptr) return USHER_INVALID_ARGUMENT;
    return answer_.empty() ? USHER_STOPPED : static_cast<usher_status>(answer.Signed());
  }
  /// The same, with an error's text.
  usher_status Outcome(MessageReader& answer, usher_error* error) const {
    if (host_ == nullptr) return USHER_INVALID_ARGUMENT;
    return answer_.empty() ? USHER_STOPPED : TakeOutcome(answer, error);
  }

 private:
  FarHost* const host_;
  MessageWriter message_;
  std::string answer_;
};

/// The table of usher/ext/launch.h, whose functions are calls to the broker.
[[nodiscard]] const usher_ext_launch& FarLaunchExtension();

}  // namespace broker
