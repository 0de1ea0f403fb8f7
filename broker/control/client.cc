#include "control/client.h"

#include <algorithm>
#include <array>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "control/protocol.h"

namespace broker {
namespace {

using boost::json::object;
using boost::json::value;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds Until(steady_clock::time_point deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - steady_clock::now()), milliseconds{0});
}

Status NotTheProtocol(std::string_view what) {
  return {StatusCode::kCorrupt, "the broker's answer cannot be understood: " + std::string(what)};
}

StatusCode CodeOf(int64_t error) {
  switch (static_cast<RpcError>(error)) {
    case RpcError::kTooManyConnections:
      return StatusCode::kUnavailable;
    case RpcError::kTooSlow:
      return StatusCode::kTimeout;
    case RpcError::kNotPermitted:
      return StatusCode::kPermission;
    case RpcError::kInternal:
      return StatusCode::kInternal;
    default:
      return StatusCode::kInvalid;
  }
}

Status ReadError(const value& error) {
  const object* fields = error.if_object();
  const value* code = fields == nullptr ? nullptr : fields->if_contains("code");
  const value* message = fields == nullptr ? nullptr : fields->if_contains("message");
  if (code == nullptr || !code->is_int64() || message == nullptr || !message->is_string()) {
    return NotTheProtocol("its error has no code or message");
  }
  return {CodeOf(code->get_int64()),
          "the broker says: " + std::string(std::string_view(message->get_string()))};
}

Result<value> ReadAnswer(const std::string& line, int64_t id) {
  boost::system::error_code parse_error;
  const value json = boost::json::parse(line, parse_error);
  if (parse_error) return NotTheProtocol(parse_error.message());
  const object* answer = json.if_object();
  if (answer == nullptr) return NotTheProtocol("it is no object");
  if (const value* error = answer->if_contains("error")) return ReadError(*error);
  const value* result = answer->if_contains("result");
  const value* answered = answer->if_contains("id");
  if (result == nullptr || answered == nullptr || *answered != id) {
    return NotTheProtocol("it belongs to no request");
  }
  return *result;
}

}  // namespace

Result<ControlClient> ControlClient::Open(const std::string& path) {
  auto connection = Connect(path);
  if (!connection.ok()) return connection.status();
  return ControlClient(std::move(connection).value());
}

ControlClient::ControlClient(std::unique_ptr<ControlConnection> connection)
    : connection_(std::move(connection)), lines_(std::make_unique<LineSplitter>(kMaxAnswerBytes)) {}

Result<value> ControlClient::Call(std::string_view method, const value& params,
                                  milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  object request{{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}};
  if (!params.is_null()) request["params"] = params;
  const Status written = connection_->Write(boost::json::serialize(request) + "\n", timeout);
  // A broker that refused the connection has closed it, but its reason waits to be read.
  auto line = ReadLine(deadline);
  if (line.ok()) return ReadAnswer(line.value(), last_id_);
  return written.ok() ? line.status() : written;
}

Result<std::string> ControlClient::ReadLine(steady_clock::time_point deadline) {
  std::array<char, 16384> buffer{};
  while (true) {
    if (auto line = lines_->Next()) return *std::move(line);
    if (lines_->TooLong()) return NotTheProtocol("it is too long");
    const auto count = connection_->Read(buffer, Until(deadline));
    if (!count.ok()) return count.status();
    if (count.value() == 0) {
      return Status(StatusCode::kUnavailable, "the broker closed the connection");
    }
    lines_->Append({buffer.data(), count.value()});
  }
}

}  // namespace broker
