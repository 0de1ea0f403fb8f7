#include "control/agents.h"

#include <utility>

#include "control/json_fields.h"
#include "event/utc.h"

namespace broker {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr size_t kMaxTextBytes = 256;

object AgentToJson(const AgentRow& row) {
  object out;
  out["instance"] = JsonText(row.instance);
  out["agent"] = JsonText(row.agent);
  out["session"] = JsonText(row.session);
  out["state"] = JsonText(row.state);
  out["pid"] = row.pid;
  out["restarts"] = row.restarts;
  out["last_exit"] = JsonText(row.last_exit);
  out["reason"] = JsonText(row.reason);
  out["next_try"] = row.next_try_us == 0 ? value() : value(FormatUtc(row.next_try_us));
  return out;
}

AgentRow AgentFromJson(JsonFields& in) {
  AgentRow row;
  in.Text("instance", row.instance);
  in.Text("agent", row.agent);
  in.Text("session", row.session);
  in.Text("state", row.state);
  in.Number("pid", row.pid);
  in.Number("restarts", row.restarts);
  in.Text("last_exit", row.last_exit);
  in.Text("reason", row.reason);
  in.TimeOrNull("next_try", row.next_try_us);
  return row;
}

bool IsText(const value* member) {
  return member != nullptr && member->is_string() && member->get_string().size() <= kMaxTextBytes;
}

}  // namespace

value ToJson(const AgentsResult& result) {
  array agents;
  for (const AgentRow& row : result.agents) agents.push_back(AgentToJson(row));
  object out;
  out["agents"] = std::move(agents);
  return out;
}

Result<AgentsResult> ParseAgentsResult(const value& json) {
  AgentsResult result;
  JsonFields in(json, "agents");
  in.Each("agents", [&](JsonFields& row) { result.agents.push_back(AgentFromJson(row)); });
  if (!in.status().ok()) return in.status();
  return result;
}

value ToJson(const AgentRequestResult& result) {
  array instances;
  for (const std::string& instance : result.instances) instances.push_back(JsonText(instance));
  object out;
  out["instances"] = std::move(instances);
  return out;
}

Result<AgentRequestResult> ParseAgentRequestResult(const value& json) {
  AgentRequestResult result;
  JsonFields in(json, "the answer");
  in.Texts("instances", result.instances);
  if (!in.status().ok()) return in.status();
  return result;
}

Result<AgentRequest> ParseAgentRequest(const value& params) {
  AgentRequest request;
  size_t known = 0;
  // Who asks with an id that turned out empty does not mean all.
  const auto read = [&](const char* key, std::string& out) {
    const object* members = params.if_object();
    const value* text = members == nullptr ? nullptr : members->if_contains(key);
    if (text == nullptr) return true;
    if (!IsText(text) || text->get_string().empty()) return false;
    out = std::string_view(text->get_string());
    ++known;
    return true;
  };
  const bool good = read("agent", request.agent) && read("session", request.session) &&
                    read("instance", request.instance);
  if (good && !request.agent.empty() && params.get_object().size() == known) return request;
  return Status(StatusCode::kInvalid,
                "takes the texts \"agent\" and, for one session or one plugin's only, "
                "\"session\" and \"instance\"");
}

}  // namespace broker
