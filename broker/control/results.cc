#include "control/results.h"

#include "control/json_fields.h"
#include "event/utc.h"

namespace broker {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

value TimeOrNull(int64_t time_us) {
  return time_us == 0 ? value() : value(FormatUtc(time_us));
}

object SessionToJson(const Session& session) {
  object out;
  out["id"] = JsonText(session.Id());
  out["key"] = JsonText(session.Key());
  out["user"] = JsonText(session.User());
  out["user_id"] = JsonText(session.UserId());
  out["class"] = JsonText(session.Class());
  out["type"] = JsonText(session.Type());
  out["seat"] = JsonText(session.Seat());
  out["tty"] = JsonText(session.Tty());
  out["display"] = JsonText(session.Display());
  out["remote"] = session.remote;
  out["remote_host"] = JsonText(session.RemoteHost());
  out["state"] = Name(session.state);
  out["active"] = session.active;
  out["locked"] = Name(session.locked);
  out["created_us"] = session.created_us;
  out["logon_time"] = TimeOrNull(session.logon_time_us);
  return out;
}

Session SessionFromJson(JsonFields& in) {
  SessionFacts session;
  in.Text("id", session.id);
  in.Text("key", session.key);
  in.Text("user", session.user);
  in.Text("user_id", session.user_id);
  in.Text("class", session.session_class);
  in.Text("type", session.type);
  in.Text("seat", session.seat);
  in.Text("tty", session.tty);
  in.Text("display", session.display);
  in.Boolean("remote", session.remote);
  in.Text("remote_host", session.remote_host);
  in.Named("state", ParseSessionState, session.state);
  in.Boolean("active", session.active);
  in.Named("locked", ParseLocked, session.locked);
  in.Number("created_us", session.created_us);
  in.TimeOrNull("logon_time", session.logon_time_us);
  return Session(session);
}

object PluginToJson(const PluginRow& row) {
  object out;
  out["name"] = JsonText(row.name);
  out["state"] = JsonText(row.state);
  out["id"] = JsonText(row.id);
  out["version"] = JsonText(row.version);
  out["library"] = JsonText(row.library);
  out["strikes"] = row.strikes;
  out["acknowledged"] = row.acknowledged;
  out["lag"] = row.lag;
  out["last_error"] = JsonText(row.last_error);
  out["quarantined_since"] = TimeOrNull(row.quarantined_us);
  out["behind_us"] = row.behind_us;
  out["skipped"] = row.skipped;
  return out;
}

PluginRow PluginFromJson(JsonFields& in) {
  PluginRow row;
  in.Text("name", row.name);
  in.Text("state", row.state);
  in.Text("id", row.id);
  in.Text("version", row.version);
  in.Text("library", row.library);
  in.Number("strikes", row.strikes);
  in.Number("acknowledged", row.acknowledged);
  in.Number("lag", row.lag);
  in.Text("last_error", row.last_error);
  in.TimeOrNull("quarantined_since", row.quarantined_us);
  in.Number("behind_us", row.behind_us);
  in.Number("skipped", row.skipped);
  return row;
}

object CallToJson(const TraceRow& row) {
  object out;
  out["begin"] = FormatUtc(row.begin_us);
  out["call"] = JsonText(row.call);
  out["seq"] = nullptr;
  if (row.seq != 0) out["seq"] = row.seq;
  out["duration_us"] = row.duration_us;
  out["result"] = JsonText(row.result);
  return out;
}

TraceRow CallFromJson(JsonFields& in) {
  TraceRow row;
  in.Time("begin", row.begin_us);
  in.Text("call", row.call);
  in.NumberOrNull("seq", row.seq);
  in.Number("duration_us", row.duration_us);
  in.Text("result", row.result);
  return row;
}

array TextsToJson(const std::vector<std::string>& texts) {
  array out;
  for (const std::string& text : texts) out.push_back(JsonText(text));
  return out;
}

}  // namespace

value ToJson(const StatusResult& result) {
  object out;
  out["version"] = JsonText(result.version);
  out["pid"] = result.pid;
  out["started"] = FormatUtc(result.started_us);
  out["source"] = {{"name", JsonText(result.source)},
                   {"state", JsonText(result.source_state)},
                   {"since", FormatUtc(result.source_since_us)},
                   {"dropped", result.source_dropped}};
  out["log"] = {{"directory", JsonText(result.log_directory)},
                {"last_seq", result.last_seq},
                {"degraded", result.log_degraded},
                {"degraded_since", TimeOrNull(result.log_degraded_since_us)},
                {"unwritten", result.log_unwritten},
                {"lost", result.log_lost},
                {"trouble", JsonText(result.log_trouble)}};
  out["sessions"] = result.sessions;
  out["plugins"] = {{"running", result.plugins_running}, {"failed", result.plugins_failed}};
  out["trouble"] = TextsToJson(result.trouble);
  out["losses"] = TextsToJson(result.losses);
  return out;
}

value ToJson(const SessionsResult& result) {
  array sessions;
  for (const Session& session : result.sessions) sessions.push_back(SessionToJson(session));
  object out;
  out["as_of"] = result.as_of;
  out["sessions"] = std::move(sessions);
  return out;
}

value ToJson(const PluginsResult& result) {
  array plugins;
  for (const PluginRow& row : result.plugins) plugins.push_back(PluginToJson(row));
  object out;
  out["plugins"] = std::move(plugins);
  return out;
}

value ToJson(const TraceResult& result) {
  array calls;
  for (const TraceRow& row : result.calls) calls.push_back(CallToJson(row));
  object out;
  out["calls"] = std::move(calls);
  out["next"] = result.next;
  out["lost"] = result.lost;
  return out;
}

value ToJson(const ReloadResult& result) {
  array failed;
  for (const ReloadFailure& each : result.failed) {
    failed.push_back({{"instance", JsonText(each.instance)}, {"error", JsonText(each.error)}});
  }
  object out;
  out["errors"] = TextsToJson(result.errors);
  out["started"] = TextsToJson(result.started);
  out["restarted"] = TextsToJson(result.restarted);
  out["stopped"] = TextsToJson(result.stopped);
  out["failed"] = std::move(failed);
  out["needs_restart"] = TextsToJson(result.needs_restart);
  return out;
}

Result<StatusResult> ParseStatusResult(const value& json) {
  StatusResult result;
  JsonFields in(json, "status");
  in.Text("version", result.version);
  in.Number("pid", result.pid);
  in.Time("started", result.started_us);
  in.Inside("source", [&](JsonFields& source) {
    source.Text("name", result.source);
    source.Text("state", result.source_state);
    source.Time("since", result.source_since_us);
    source.Number("dropped", result.source_dropped);
  });
  in.Inside("log", [&](JsonFields& log) {
    log.Text("directory", result.log_directory);
    log.Number("last_seq", result.last_seq);
    log.Boolean("degraded", result.log_degraded);
    log.TimeOrNull("degraded_since", result.log_degraded_since_us);
    log.Number("unwritten", result.log_unwritten);
    log.Number("lost", result.log_lost);
    log.Text("trouble", result.log_trouble);
  });
  in.Number("sessions", result.sessions);
  in.Inside("plugins", [&](JsonFields& plugins) {
    plugins.Number("running", result.plugins_running);
    plugins.Number("failed", result.plugins_failed);
  });
  in.Texts("trouble", result.trouble);
  in.Texts("losses", result.losses);
  if (!in.status().ok()) return in.status();
  return result;
}

Result<SessionsResult> ParseSessionsResult(const value& json) {
  SessionsResult result;
  JsonFields in(json, "sessions");
  in.Number("as_of", result.as_of);
  in.Each("sessions", [&](JsonFields& row) { result.sessions.push_back(SessionFromJson(row)); });
  if (!in.status().ok()) return in.status();
  return result;
}

Result<PluginsResult> ParsePluginsResult(const value& json) {
  PluginsResult result;
  JsonFields in(json, "plugins");
  in.Each("plugins", [&](JsonFields& row) { result.plugins.push_back(PluginFromJson(row)); });
  if (!in.status().ok()) return in.status();
  return result;
}

Result<TraceResult> ParseTraceResult(const value& json) {
  TraceResult result;
  JsonFields in(json, "trace");
  in.Each("calls", [&](JsonFields& row) { result.calls.push_back(CallFromJson(row)); });
  in.Number("next", result.next);
  in.Number("lost", result.lost);
  if (!in.status().ok()) return in.status();
  return result;
}

Result<ReloadResult> ParseReloadResult(const value& json) {
  ReloadResult result;
  JsonFields in(json, "reload");
  in.Texts("errors", result.errors);
  in.Texts("started", result.started);
  in.Texts("restarted", result.restarted);
  in.Texts("stopped", result.stopped);
  in.Each("failed", [&](JsonFields& row) {
    ReloadFailure failure;
    row.Text("instance", failure.instance);
    row.Text("error", failure.error);
    result.failed.push_back(std::move(failure));
  });
  in.Texts("needs_restart", result.needs_restart);
  if (!in.status().ok()) return in.status();
  return result;
}

}  // namespace broker
