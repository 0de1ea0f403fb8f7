#include "usherctl/ask.h"

#include <boost/json/serialize.hpp>

#include "control/client.h"

namespace broker {
namespace {

using boost::json::value;

}  // namespace

Status WhyNotReached(const Status& status) {
  const char* const hint =
      status.code() == StatusCode::kPermission ? "; the broker answers root and the group usher"
      : status.code() == StatusCode::kNotFound
          ? "; is usherd running? Where control.socket was changed, it answers "
            "at the old one (--socket) until it is started again"
          : "";
  return {status.code(), status.message() + hint};
}

namespace {

Result<value> Call(const std::string& socket, std::string_view method, const value& params,
                   std::chrono::milliseconds timeout) {
  auto client = ControlClient::Open(socket);
  if (!client.ok()) return WhyNotReached(client.status());
  return client.value().Call(method, params, timeout);
}

}  // namespace

ExitCode ExplainAnswer(const Status& status, Streams& streams) {
  switch (status.code()) {
    case StatusCode::kPermission:
      Complain(streams, status.message());
      return kExitNotPermitted;
    case StatusCode::kNotFound:
      Complain(streams, status.message());
      return kExitNotReachable;
    case StatusCode::kInvalid:
    case StatusCode::kCorrupt:
    case StatusCode::kInternal:
      Complain(streams, status.message());
      return kExitFailed;
    default:
      Complain(streams, status.message());
      return kExitNotReachable;
  }
}

int Ask(const AskOptions& options, std::string_view method, Streams& streams,
        const std::function<Status(const value&)>& show, const value& params,
        std::chrono::milliseconds timeout, const std::function<ExitCode(const value&)>& judge) {
  const auto answer = Call(options.socket, method, params, timeout);
  if (!answer.ok()) return ExplainAnswer(answer.status(), streams);
  if (options.json) {
    streams.out << boost::json::serialize(answer.value()) << '\n';
  } else {
    const Status shown = show(answer.value());
    if (!shown.ok()) return ExplainAnswer(shown.Annotate("the broker's answer"), streams);
  }
  const ExitCode written = FinishOutput(streams);
  return judge && written == kExitDone ? judge(answer.value()) : written;
}

}  // namespace broker
