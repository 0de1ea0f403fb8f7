#include "control/conversation.h"

#include <algorithm>
#include <array>
#include <optional>

#include "control/line_splitter.h"
#include "control/protocol.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// One peer's requests and answers.
class Conversation {
 public:
  Conversation(ControlConnection& connection, ControlBackend& backend, const ControlLimits& limits)
      : connection_(connection), backend_(backend), limits_(limits) {}

  void Run() {
    while (AnswerComplete() && ReadMore()) {
    }
  }

 private:
  // Answers the requests that have arrived whole. False when the connection must end.
  bool AnswerComplete() {
    while (const auto line = lines_.Next()) {
      if (!AnswerLine(*line)) return false;
      RenewDeadline();
    }
    if (!lines_.TooLong()) return true;
    Complain(RpcError::kTooLong,
             "a request may have " + std::to_string(kMaxRequestBytes) + " bytes; closing");
    return false;
  }

  bool AnswerLine(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return true;
    const auto answer = AnswerRequest(line, backend_, connection_.Other());
    return !answer || connection_.Write(*answer, limits_.answer).ok();
  }

  bool ReadMore() {
    std::array<char, 16384> buffer{};
    const auto count = connection_.Read(buffer, Remaining());
    if (!count.ok() && count.status().code() == StatusCode::kTimeout && lines_.Partial()) {
      Complain(RpcError::kTooSlow, "the request was not complete in time; closing");
    }
    if (!count.ok() || count.value() == 0) return false;
    lines_.Append({buffer.data(), count.value()});
    return true;
  }

  // The connection ends anyway: whether the peer takes this does not matter.
  void Complain(RpcError error, std::string_view message) {
    (void)connection_.Write(ErrorLine(error, message), limits_.answer);
  }

  void RenewDeadline() { deadline_ = steady_clock::now() + limits_.request; }

  // Bytes that trickle in do not move the deadline, only complete requests do.
  [[nodiscard]] milliseconds Remaining() const {
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - steady_clock::now());
    return std::max(left, milliseconds{0});
  }

  ControlConnection& connection_;
  ControlBackend& backend_;
  const ControlLimits& limits_;
  LineSplitter lines_{kMaxRequestBytes};
  steady_clock::time_point deadline_ = steady_clock::now() + limits_.request;
};

}  // namespace

void Converse(ControlConnection& connection, ControlBackend& backend, const ControlLimits& limits) {
  Conversation(connection, backend, limits).Run();
}

}  // namespace broker
