#include "isolation/launch_messages.h"

#include <algorithm>

namespace broker {
namespace {

// More than any call may have; what is behind is refused for its count.
constexpr uint64_t kMostElements = 1024;

}  // namespace

void PutLaunchRequest(MessageWriter& out, const usher_launch_request& request) {
  out.Signed(request.token).Signed(request.desktop).Signed(request.scope);
  for (const uint64_t limit : {request.limits.memory_bytes, request.limits.tasks,
                               request.limits.open_files, request.limits.cpu_percent}) {
    out.Number(limit);
  }
  out.Number(request.ready_when).Number(request.keep).Signed(request.ready_timeout_us);
  out.Signed(request.stop_time_us).Number(request.cause);
  for (const char* text : {request.agent, request.session_id, request.program, request.directory}) {
    PutText(out, text);
  }
  PutDetails(out, request.variables, request.variable_count);
  out.Number(request.argument_count);
  for (uint32_t i = 0; i < request.argument_count; ++i) PutText(out, request.arguments[i]);
}

void PutLaunchNews(MessageWriter& out, const usher_launch_news& news) {
  out.Signed(news.change).Signed(news.code).Signed(news.adopted).Signed(news.pid);
  out.Signed(news.duration_us).Signed(news.remedy).Signed(news.until);
  for (const char* text : {news.stage, news.call, news.meaning, news.advice}) PutText(out, text);
}

void PutAgentStatus(MessageWriter& out, const usher_agent_status& status) {
  out.Signed(status.state).Signed(status.pid).Signed(status.next_try_us).Number(status.restarts);
  out.Number(status.cause);
  for (const char* text : {status.agent, status.session_id, status.last_exit, status.reason}) {
    PutText(out, text);
  }
}

const usher_launch_request& ReceivedLaunch::Request() {
  request_.size = sizeof request_;
  request_.token = static_cast<usher_launch_token>(in_.Signed());
  request_.desktop = static_cast<usher_launch_desktop>(in_.Signed());
  request_.scope = static_cast<usher_launch_scope>(in_.Signed());
  for (uint64_t* limit : {&request_.limits.memory_bytes, &request_.limits.tasks,
                          &request_.limits.open_files, &request_.limits.cpu_percent}) {
    *limit = in_.Number();
  }
  request_.ready_when = static_cast<uint32_t>(in_.Number());
  request_.keep = static_cast<uint32_t>(in_.Number());
  request_.ready_timeout_us = in_.Signed();
  request_.stop_time_us = in_.Signed();
  request_.cause = in_.Number();
  for (const char** text :
       {&request_.agent, &request_.session_id, &request_.program, &request_.directory}) {
    *text = Text();
  }
  const auto& variables = call_.Details();
  request_.variables = variables.data();
  request_.variable_count = static_cast<uint32_t>(variables.size());
  const uint64_t count = std::min(in_.Number(), kMostElements);
  for (uint64_t i = 0; i < count && !in_.Failed(); ++i) arguments_.push_back(Text());
  request_.arguments = arguments_.data();
  request_.argument_count = static_cast<uint32_t>(arguments_.size());
  return request_;
}

const usher_launch_news& ReceivedLaunch::News() {
  news_.size = sizeof news_;
  news_.change = static_cast<usher_launch_change>(in_.Signed());
  news_.code = static_cast<int32_t>(in_.Signed());
  news_.adopted = static_cast<int32_t>(in_.Signed());
  news_.pid = in_.Signed();
  news_.duration_us = in_.Signed();
  news_.remedy = static_cast<usher_launch_remedy>(in_.Signed());
  news_.until = static_cast<usher_event_type>(in_.Signed());
  for (const char** text : {&news_.stage, &news_.call, &news_.meaning, &news_.advice}) {
    *text = Text();
  }
  return news_;
}

const usher_agent_status& ReceivedLaunch::Status() {
  status_.size = sizeof status_;
  status_.state = static_cast<usher_agent_state>(in_.Signed());
  status_.pid = in_.Signed();
  status_.next_try_us = in_.Signed();
  status_.restarts = in_.Number();
  status_.cause = in_.Number();
  for (const char** text :
       {&status_.agent, &status_.session_id, &status_.last_exit, &status_.reason}) {
    *text = Text();
  }
  return status_;
}

}  // namespace broker
