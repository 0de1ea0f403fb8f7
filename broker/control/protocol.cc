#include "control/protocol.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "control/methods.h"

namespace broker {
namespace {

using boost::json::object;
using boost::json::value;

// A request that has the form of one.
struct Request {
  std::string method;
  value params;             // Null when left out.
  std::optional<value> id;  // Absent in a notification.
};

std::string Line(const object& answer) {
  std::string line = boost::json::serialize(answer);
  line.push_back('\n');
  return line;
}

object Answer(const value& id) {
  return {{"jsonrpc", "2.0"}, {"id", id}};
}

std::string FailureLine(const value& id, const MethodFailure& failure) {
  object answer = Answer(id);
  answer["error"] = {{"code", static_cast<int32_t>(failure.error)}, {"message", failure.message}};
  return Line(answer);
}

std::optional<MethodFailure> Parse(std::string_view line, value& out) {
  boost::json::parse_options options;
  options.max_depth = kMaxRequestDepth;
  boost::system::error_code error;
  out = boost::json::parse(line, error, {}, options);
  if (!error) return std::nullopt;
  if (error == boost::json::error::too_deep) {
    return MethodFailure{RpcError::kParse, "the request is nested more than " +
                                               std::to_string(kMaxRequestDepth) + " levels deep"};
  }
  return MethodFailure{RpcError::kParse, "the request is not JSON: " + error.message()};
}

MethodFailure NotARequest(std::string message) {
  return {RpcError::kInvalidRequest, std::move(message)};
}

// Sets `id` to the request's id as soon as it is known to be one, so that errors can name it.
std::optional<MethodFailure> ReadId(const object& json, std::optional<value>& id) {
  const value* found = json.if_contains("id");
  if (found == nullptr) return std::nullopt;
  if (!found->is_string() && !found->is_int64() && !found->is_uint64() && !found->is_null()) {
    return NotARequest("\"id\" must be a string, an integer or null");
  }
  id = *found;
  return std::nullopt;
}

std::optional<MethodFailure> ReadRequest(const value& json, Request& out) {
  if (json.is_array()) return NotARequest("batches are not supported: send one request a line");
  const object* request = json.if_object();
  if (request == nullptr) return NotARequest("a request is a JSON object");
  if (auto failure = ReadId(*request, out.id)) return failure;
  const value* version = request->if_contains("jsonrpc");
  if (version == nullptr || *version != "2.0") return NotARequest("\"jsonrpc\" must be \"2.0\"");
  const value* method = request->if_contains("method");
  if (method == nullptr || !method->is_string()) {
    return NotARequest("\"method\" must name the method");
  }
  out.method = std::string_view(method->get_string());
  const value* params = request->if_contains("params");
  if (params == nullptr) return std::nullopt;
  if (!params->is_structured()) return NotARequest("\"params\" must be an object or an array");
  out.params = *params;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> AnswerRequest(std::string_view line, ControlBackend& backend,
                                         const Peer& by) {
  value json;
  Request request;
  auto malformed = Parse(line, json);
  if (!malformed) malformed = ReadRequest(json, request);
  if (malformed) return FailureLine(request.id.value_or(nullptr), *malformed);

  value result;
  const MethodCall call{request.method, request.params, by, !request.id};
  const auto failure = CallMethod(call, backend, result);
  if (!request.id) return std::nullopt;
  if (failure) return FailureLine(*request.id, *failure);
  object answer = Answer(*request.id);
  answer["result"] = std::move(result);
  return Line(answer);
}

std::string ErrorLine(RpcError error, std::string_view message) {
  return FailureLine(nullptr, {error, std::string(message)});
}

}  // namespace broker
