#include "control/protocol.h"

#include <algorithm>
#include <array>
#include <exception>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace broker {
namespace {

using boost::json::object;
using boost::json::value;

/// Either asks, without parameters, or steers, with the name of an instance.
struct Method {
  std::string_view name;
  value (*ask)(ControlBackend&);
  Status (*steer)(ControlBackend&, const std::string& instance, const Peer&) = nullptr;
};

constexpr std::array<Method, 4> kMethods{{
    {"plugins", [](ControlBackend& backend) { return ToJson(backend.GetPlugins()); }},
    {"plugins.release", nullptr,
     [](ControlBackend& backend, const std::string& instance, const Peer& by) {
       return backend.ReleasePlugin(instance, by);
     }},
    {"sessions", [](ControlBackend& backend) { return ToJson(backend.GetSessions()); }},
    {"status", [](ControlBackend& backend) { return ToJson(backend.GetStatus()); }},
}};

constexpr std::string_view kInstance = "instance";

// The longest part of a request that an error repeats.
constexpr size_t kMaxQuoted = 64;

struct Failure {
  RpcError error;
  std::string message;
};

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

std::string FailureLine(const value& id, const Failure& failure) {
  object answer = Answer(id);
  answer["error"] = {{"code", static_cast<int32_t>(failure.error)}, {"message", failure.message}};
  return Line(answer);
}

std::string Quoted(std::string_view text) {
  if (text.size() <= kMaxQuoted) return boost::json::serialize(text);
  return "of " + std::to_string(text.size()) + " bytes";
}

std::string KnownMethods() {
  std::string names;
  for (const Method& method : kMethods) {
    if (!names.empty()) names += ", ";
    names += method.name;
  }
  return names;
}

std::optional<Failure> Parse(std::string_view line, value& out) {
  boost::json::parse_options options;
  options.max_depth = kMaxRequestDepth;
  boost::system::error_code error;
  out = boost::json::parse(line, error, {}, options);
  if (!error) return std::nullopt;
  if (error == boost::json::error::too_deep) {
    return Failure{RpcError::kParse, "the request is nested more than " +
                                         std::to_string(kMaxRequestDepth) + " levels deep"};
  }
  return Failure{RpcError::kParse, "the request is not JSON: " + error.message()};
}

Failure NotARequest(std::string message) {
  return {RpcError::kInvalidRequest, std::move(message)};
}

// Sets `id` to the request's id as soon as it is known to be one, so that errors can name it.
std::optional<Failure> ReadId(const object& json, std::optional<value>& id) {
  const value* found = json.if_contains("id");
  if (found == nullptr) return std::nullopt;
  if (!found->is_string() && !found->is_int64() && !found->is_uint64() && !found->is_null()) {
    return NotARequest("\"id\" must be a string, an integer or null");
  }
  id = *found;
  return std::nullopt;
}

std::optional<Failure> ReadRequest(const value& json, Request& out) {
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

std::optional<Failure> CheckNoParams(const Request& request) {
  if (const object* named = request.params.if_object(); named != nullptr && !named->empty()) {
    return Failure{RpcError::kInvalidParams,
                   "\"" + request.method + "\" has no parameter " + Quoted(named->begin()->key())};
  }
  const auto* listed = request.params.if_array();
  if (listed == nullptr || listed->empty()) return std::nullopt;
  return Failure{RpcError::kInvalidParams, "\"" + request.method + "\" takes no parameters"};
}

// Sets `out` to the one parameter of a method that steers.
std::optional<Failure> ReadInstance(const Request& request, std::string& out) {
  const object* named = request.params.if_object();
  const value* instance = named == nullptr ? nullptr : named->if_contains(kInstance);
  if (instance == nullptr || !instance->is_string() || named->size() != 1) {
    return Failure{RpcError::kInvalidParams,
                   "\"" + request.method + "\" takes one parameter, the text \"instance\""};
  }
  out = std::string_view(instance->get_string());
  return std::nullopt;
}

RpcError ErrorOf(StatusCode code) {
  const bool mistaken = code == StatusCode::kNotFound || code == StatusCode::kInvalid;
  return mistaken ? RpcError::kInvalidParams : RpcError::kFailed;
}

std::optional<Failure> Steer(const Method& method, const std::string& instance,
                             ControlBackend& backend, const Peer& by) {
  if (!by.privileged) {
    return Failure{RpcError::kNotPermitted,
                   "\"" + std::string(method.name) + "\" is for root only"};
  }
  const Status status = method.steer(backend, instance, by);
  if (status.ok()) return std::nullopt;
  return Failure{ErrorOf(status.code()), status.message()};
}

std::optional<Failure> Invoke(const Method& method, const std::string& instance,
                              ControlBackend& backend, const Peer& by, value& out) {
  try {
    if (method.steer != nullptr) {
      out = object();
      return Steer(method, instance, backend, by);
    }
    out = method.ask(backend);
    return std::nullopt;
  } catch (const std::exception& error) {
    return Failure{RpcError::kInternal, "the broker failed to answer \"" +
                                            std::string(method.name) + "\": " + error.what()};
  }
}

// Sets `out` to the result, unless the request is a notification: then there is only the check.
std::optional<Failure> Run(const Request& request, ControlBackend& backend, const Peer& by,
                           value& out) {
  const auto method = std::find_if(kMethods.begin(), kMethods.end(), [&](const Method& known) {
    return known.name == request.method;
  });
  if (method == kMethods.end()) {
    return Failure{RpcError::kUnknownMethod, "there is no method " + Quoted(request.method) +
                                                 "; known are " + KnownMethods()};
  }
  std::string instance;
  const bool steers = method->steer != nullptr;
  auto failure = steers ? ReadInstance(request, instance) : CheckNoParams(request);
  if (failure) return failure;
  if (!request.id) return std::nullopt;
  return Invoke(*method, instance, backend, by, out);
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
  const auto failure = Run(request, backend, by, result);
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
