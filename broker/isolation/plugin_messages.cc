#include "isolation/plugin_messages.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

// What a damaged message may make of a count.
constexpr uint64_t kMostElements = 1'000'000;

constexpr std::array kSessionTexts{
    &usher_session::id,         &usher_session::key,           &usher_session::user,
    &usher_session::user_id,    &usher_session::session_class, &usher_session::type,
    &usher_session::seat,       &usher_session::tty,           &usher_session::display,
    &usher_session::remote_host};

void PutSession(MessageWriter& out, const usher_session* session) {
  out.Number(session == nullptr ? 0 : 1);
  if (session == nullptr) return;
  out.Signed(session->state).Signed(session->locked).Number(session->active);
  out.Number(session->remote).Signed(session->logon_time_us);
  for (const auto text : kSessionTexts) PutText(out, session->*text);
}

void PutNames(MessageWriter& out, const std::vector<std::string>& names) {
  out.Number(names.size());
  for (const std::string& name : names) out.Text(name);
}

std::vector<std::string> TakeNames(MessageReader& in) {
  std::vector<std::string> names;
  const uint64_t count = std::min(in.Number(), kMostElements);
  for (uint64_t i = 0; i < count && !in.Failed(); ++i) names.emplace_back(in.Text());
  return names;
}

}  // namespace

void PutText(MessageWriter& out, const char* text) {
  out.Number(text == nullptr ? 0 : 1);
  if (text != nullptr) out.Text(text);
}

usher_error EmptyError() {
  usher_error error;
  error.size = sizeof error;
  error.text[0] = '\0';
  return error;
}

void PutOutcome(MessageWriter& out, usher_status status, const usher_error& error) {
  const auto* const end = std::find(std::begin(error.text), std::end(error.text), '\0');
  out.Signed(status).Text({error.text, static_cast<size_t>(end - error.text)});
}

usher_status TakeOutcome(MessageReader& in, usher_error* error) {
  const auto status = static_cast<usher_status>(in.Signed());
  const std::string_view text = in.Text();
  if (in.Failed()) return USHER_ERROR;
  if (!text.empty()) WriteError(error, text);
  return status;
}

void PutInfo(MessageWriter& out, const PluginInfo& info) {
  out.Text(info.id).Text(info.name).Text(info.version);
  out.Number(info.wants_own_events ? 1 : 0).Number(info.checks_config ? 1 : 0);
  PutNames(out, info.event_types);
  PutNames(out, info.required_extensions);
  PutNames(out, info.optional_extensions);
}

PluginInfo TakeInfo(MessageReader& in) {
  PluginInfo info;
  info.id = in.Text();
  info.name = in.Text();
  info.version = in.Text();
  info.wants_own_events = in.Number() != 0;
  info.checks_config = in.Number() != 0;
  info.event_types = TakeNames(in);
  info.required_extensions = TakeNames(in);
  info.optional_extensions = TakeNames(in);
  return info;
}

void PutDetails(MessageWriter& out, const usher_detail* const* details, uint32_t count) {
  out.Number(count);
  for (uint32_t i = 0; i < count; ++i) {
    PutText(out, details[i]->key);
    PutText(out, details[i]->value);
  }
}

void PutEvent(MessageWriter& out, const usher_event& event) {
  out.Signed(event.type).Number(event.seq).Number(event.cause).Signed(event.realtime_us);
  out.Signed(event.monotonic_us).Signed(event.origin).Number(event.flags);
  for (const char* text :
       {event.type_name, event.boot_id, event.source, event.reason, event.json}) {
    PutText(out, text);
  }
  PutSession(out, event.session);
  PutSession(out, event.before);
  PutDetails(out, event.details, event.detail_count);
}

void PutSnapshot(MessageWriter& out, const usher_snapshot& snapshot) {
  out.Signed(snapshot.reason).Number(snapshot.as_of_seq).Signed(snapshot.realtime_us);
  out.Number(snapshot.session_count);
  for (uint32_t i = 0; i < snapshot.session_count; ++i) PutSession(out, snapshot.sessions[i]);
}

void PutRunRequest(MessageWriter& out, const usher_run_request& request) {
  out.Signed(request.run_as).Signed(request.time_limit_us);
  out.Number(request.output_limit).Number(request.cause);
  for (const char* text : {request.program, request.session_id, request.directory}) {
    PutText(out, text);
  }
  out.Text({static_cast<const char*>(request.input), request.input_size});
  PutDetails(out, request.variables, request.variable_count);
  out.Number(request.argument_count);
  for (uint32_t i = 0; i < request.argument_count; ++i) PutText(out, request.arguments[i]);
}

void PutRunResult(MessageWriter& out, const usher_run_result& result) {
  out.Signed(result.end).Signed(result.code).Number(result.output_dropped);
  out.Signed(result.duration_us);
  for (const char* text : {result.stage, result.call, result.meaning}) PutText(out, text);
  out.Text({result.output, result.output_size});
}

const char* ReceivedCall::Text() {
  if (in_.Number() == 0) return nullptr;
  return texts_.emplace_back(in_.Text()).c_str();
}

const usher_session* ReceivedCall::Session() {
  if (in_.Number() == 0) return nullptr;
  usher_session& session = sessions_.emplace_back();
  session.size = sizeof session;
  session.state = static_cast<usher_session_state>(in_.Signed());
  session.locked = static_cast<usher_locked>(in_.Signed());
  session.active = static_cast<uint8_t>(in_.Number());
  session.remote = static_cast<uint8_t>(in_.Number());
  session.logon_time_us = in_.Signed();
  for (const auto text : kSessionTexts) session.*text = Text();
  return &session;
}

const std::vector<const usher_detail*>& ReceivedCall::Details() {
  const uint64_t count = std::min(in_.Number(), kMostElements);
  for (uint64_t i = 0; i < count && !in_.Failed(); ++i) {
    const char* const key = Text();
    detail_pointers_.push_back(&details_.emplace_back(usher_detail{key, Text()}));
  }
  return detail_pointers_;
}

const usher_event& ReceivedCall::Event() {
  event_.size = sizeof event_;
  event_.type = static_cast<usher_event_type>(in_.Signed());
  event_.seq = in_.Number();
  event_.cause = in_.Number();
  event_.realtime_us = in_.Signed();
  event_.monotonic_us = in_.Signed();
  event_.origin = static_cast<usher_origin>(in_.Signed());
  event_.flags = static_cast<uint32_t>(in_.Number());
  for (const char** text :
       {&event_.type_name, &event_.boot_id, &event_.source, &event_.reason, &event_.json}) {
    *text = Text();
  }
  event_.session = Session();
  event_.before = Session();
  event_.details = Details().data();
  event_.detail_count = static_cast<uint32_t>(detail_pointers_.size());
  return event_;
}

const usher_run_request& ReceivedCall::RunRequest() {
  run_request_.size = sizeof run_request_;
  run_request_.run_as = static_cast<usher_run_user>(in_.Signed());
  run_request_.time_limit_us = in_.Signed();
  run_request_.output_limit = in_.Number();
  run_request_.cause = in_.Number();
  for (const char** text :
       {&run_request_.program, &run_request_.session_id, &run_request_.directory}) {
    *text = Text();
  }
  const std::string& input = texts_.emplace_back(in_.Text());
  run_request_.input = input.data();
  run_request_.input_size = input.size();
  run_request_.variables = Details().data();
  run_request_.variable_count = static_cast<uint32_t>(detail_pointers_.size());
  const uint64_t count = std::min(in_.Number(), kMostElements);
  for (uint64_t i = 0; i < count && !in_.Failed(); ++i) arguments_.push_back(Text());
  run_request_.arguments = arguments_.data();
  run_request_.argument_count = static_cast<uint32_t>(arguments_.size());
  return run_request_;
}

const usher_run_result& ReceivedCall::RunResult() {
  run_result_.size = sizeof run_result_;
  run_result_.end = static_cast<usher_run_end>(in_.Signed());
  run_result_.code = static_cast<int32_t>(in_.Signed());
  run_result_.output_dropped = in_.Number();
  run_result_.duration_us = in_.Signed();
  for (const char** text : {&run_result_.stage, &run_result_.call, &run_result_.meaning}) {
    *text = Text();
  }
  const std::string& output = texts_.emplace_back(in_.Text());
  run_result_.output = output.c_str();
  run_result_.output_size = output.size();
  return run_result_;
}

const usher_snapshot& ReceivedCall::Snapshot() {
  snapshot_.size = sizeof snapshot_;
  snapshot_.reason = static_cast<usher_snapshot_reason>(in_.Signed());
  snapshot_.as_of_seq = in_.Number();
  snapshot_.realtime_us = in_.Signed();
  const uint64_t count = std::min(in_.Number(), kMostElements);
  for (uint64_t i = 0; i < count && !in_.Failed(); ++i) session_pointers_.push_back(Session());
  snapshot_.sessions = session_pointers_.data();
  snapshot_.session_count = static_cast<uint32_t>(session_pointers_.size());
  return snapshot_;
}

}  // namespace broker
