#include "control/methods.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <boost/json/serialize.hpp>

namespace broker {
namespace {

using boost::json::object;
using boost::json::value;

/// What methods may take.
enum class Takes { kNothing, kInstance, kInstanceAndAfter, kEmission, kAgent };

struct Parameters {
  std::string instance;
  uint64_t after = 0;
  Emission emission;
  AgentRequest agent;
};

struct Method {
  std::string_view name;
  Takes takes = Takes::kNothing;
  bool for_all = false;  ///< Not only for root.
  Result<value> (*call)(ControlBackend&, const Parameters&, const Peer&) = nullptr;
};

using SteerFunction = Status (ControlBackend::*)(const std::string&, const Peer&);

template <SteerFunction Function>
Result<value> Steer(ControlBackend& backend, const Parameters& parameters, const Peer& by) {
  Status status = (backend.*Function)(parameters.instance, by);
  if (!status.ok()) return status;
  return value(object());
}

template <auto Function>
Result<value> Ask(ControlBackend& backend, const Parameters& /*none*/, const Peer& /*anybody*/) {
  return ToJson((backend.*Function)());
}

Result<value> Trace(ControlBackend& backend, const Parameters& parameters, const Peer& /*by*/) {
  const Result<TraceResult> trace = backend.TracePlugin(parameters.instance, parameters.after);
  if (!trace.ok()) return trace.status();
  return ToJson(trace.value());
}

Result<value> Emit(ControlBackend& backend, const Parameters& parameters, const Peer& by) {
  Status status = backend.Emit(parameters.emission, by);
  if (!status.ok()) return status;
  return value(object());
}

template <const std::string_view& Method>
Result<value> SteerAgents(ControlBackend& backend, const Parameters& parameters, const Peer& by) {
  const auto result = backend.SteerAgents(std::string(Method), parameters.agent, by);
  if (!result.ok()) return result.status();
  return ToJson(result.value());
}

constexpr std::string_view kReset = "agents.reset";
constexpr std::string_view kRestart = "agents.restart";
constexpr std::string_view kStart = "agents.start";
constexpr std::string_view kStop = "agents.stop";

Result<value> Reload(ControlBackend& backend, const Parameters& /*none*/, const Peer& by) {
  const Result<ReloadResult> result = backend.Reload(by);
  if (!result.ok()) return result.status();
  return ToJson(result.value());
}

constexpr std::array<Method, 15> kMethods{{
    {"agents", Takes::kNothing, true, Ask<&ControlBackend::GetAgents>},
    {kReset, Takes::kAgent, false, SteerAgents<kReset>},
    {kRestart, Takes::kAgent, false, SteerAgents<kRestart>},
    {kStart, Takes::kAgent, false, SteerAgents<kStart>},
    {kStop, Takes::kAgent, false, SteerAgents<kStop>},
    {"emit", Takes::kEmission, false, Emit},
    {"plugins", Takes::kNothing, true, Ask<&ControlBackend::GetPlugins>},
    {"plugins.disable", Takes::kInstance, false, Steer<&ControlBackend::DisablePlugin>},
    {"plugins.enable", Takes::kInstance, false, Steer<&ControlBackend::EnablePlugin>},
    {"plugins.release", Takes::kInstance, false, Steer<&ControlBackend::ReleasePlugin>},
    {"plugins.reload", Takes::kInstance, false, Steer<&ControlBackend::ReloadPlugin>},
    {"plugins.trace", Takes::kInstanceAndAfter, false, Trace},
    {"reload", Takes::kNothing, false, Reload},
    {"sessions", Takes::kNothing, true, Ask<&ControlBackend::GetSessions>},
    {"status", Takes::kNothing, true, Ask<&ControlBackend::GetStatus>},
}};

constexpr std::string_view kInstance = "instance";
constexpr std::string_view kAfter = "after";

// The longest part of a request that an error repeats.
constexpr size_t kMaxQuoted = 64;

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

std::optional<MethodFailure> Wrong(const MethodCall& call, const std::string& what) {
  return MethodFailure{RpcError::kInvalidParams, "\"" + std::string(call.method) + "\" " + what};
}

std::optional<MethodFailure> ReadNothing(const MethodCall& call) {
  if (const object* named = call.params.if_object(); named != nullptr && !named->empty()) {
    return Wrong(call, "has no parameter " + Quoted(named->begin()->key()));
  }
  const auto* listed = call.params.if_array();
  if (listed == nullptr || listed->empty()) return std::nullopt;
  return Wrong(call, "takes no parameters");
}

bool ReadAfter(const value& json, uint64_t& out) {
  boost::system::error_code error;
  out = json.to_number<uint64_t>(error);
  return !error && (json.is_int64() || json.is_uint64());
}

std::optional<MethodFailure> ReadEmission(const MethodCall& call, Emission& out) {
  Result<Emission> emission = ParseEmission(call.params);
  if (!emission.ok()) return MethodFailure{RpcError::kInvalidParams, emission.status().message()};
  out = std::move(emission).value();
  return std::nullopt;
}

std::optional<MethodFailure> ReadAgent(const MethodCall& call, AgentRequest& out) {
  Result<AgentRequest> request = ParseAgentRequest(call.params);
  if (!request.ok()) return Wrong(call, request.status().message());
  out = std::move(request).value();
  return std::nullopt;
}

std::optional<MethodFailure> ReadParameters(const MethodCall& call, Takes takes, Parameters& out) {
  if (takes == Takes::kNothing) return ReadNothing(call);
  if (takes == Takes::kEmission) return ReadEmission(call, out.emission);
  if (takes == Takes::kAgent) return ReadAgent(call, out.agent);
  const object* named = call.params.if_object();
  const value* instance = named == nullptr ? nullptr : named->if_contains(kInstance);
  bool good = instance != nullptr && instance->is_string();
  size_t known = 1;
  if (good) out.instance = std::string_view(instance->get_string());
  if (good && takes == Takes::kInstanceAndAfter) {
    const value* after = named->if_contains(kAfter);
    if (after != nullptr) good = ReadAfter(*after, out.after);
    known += after == nullptr ? 0 : 1;
  }
  if (good && named->size() == known) return std::nullopt;
  return Wrong(call,
               takes == Takes::kInstance
                   ? "takes one parameter, the text \"instance\""
                   : "takes the text \"instance\" and the number \"after\", or only the first");
}

/// That of an event: only there kPermission means whoever asks.
RpcError ErrorOf(StatusCode code, Takes takes) {
  if (code == StatusCode::kPermission && takes == Takes::kEmission) return RpcError::kNotPermitted;
  const bool mistaken = code == StatusCode::kNotFound || code == StatusCode::kInvalid;
  return mistaken ? RpcError::kInvalidParams : RpcError::kFailed;
}

std::optional<MethodFailure> Invoke(const Method& method, const Parameters& parameters,
                                    const Peer& by, ControlBackend& backend, value& out) {
  const std::string name = "\"" + std::string(method.name) + "\"";
  if (!method.for_all && !by.privileged) {
    const bool of_agent = method.takes == Takes::kAgent;
    backend.NoteRefused(std::string(method.name),
                        of_agent ? parameters.agent.agent : parameters.instance, by);
    return MethodFailure{RpcError::kNotPermitted, name + " is for root only"};
  }
  try {
    Result<value> answer = method.call(backend, parameters, by);
    if (!answer.ok()) {
      return MethodFailure{ErrorOf(answer.status().code(), method.takes),
                           answer.status().message()};
    }
    out = std::move(answer).value();
    return std::nullopt;
  } catch (const std::exception& error) {
    return MethodFailure{RpcError::kInternal,
                         "the broker failed to answer " + name + ": " + error.what()};
  }
}

}  // namespace

std::optional<MethodFailure> CallMethod(const MethodCall& call, ControlBackend& backend,
                                        value& out) {
  const auto method = std::find_if(kMethods.begin(), kMethods.end(),
                                   [&](const Method& known) { return known.name == call.method; });
  if (method == kMethods.end()) {
    return MethodFailure{RpcError::kUnknownMethod, "there is no method " + Quoted(call.method) +
                                                       "; known are " + KnownMethods()};
  }
  Parameters parameters;
  if (auto failure = ReadParameters(call, method->takes, parameters)) return failure;
  if (call.only_check) return std::nullopt;
  return Invoke(*method, parameters, call.by, backend, out);
}

}  // namespace broker
