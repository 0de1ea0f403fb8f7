#include "plugin_host/run_calls.h"

#include <string>

#include "event/text.h"

namespace broker {
namespace {

// What an event has room for; the plugin gets all that is kept.
constexpr size_t kMostOutput = 4096;
constexpr size_t kMostProgram = 1024;

Details DetailsOf(const PluginRuns::Run& run) {
  Details details{{"run", std::to_string(run.id)},
                  {"program", ToUtf8(run.program, kMostProgram)},
                  {"run_as", std::string(Name(run.run_as))}};
  if (!run.session.empty()) details.emplace_back("session", run.session);
  return details;
}

void AddFailure(const RunEnd& end, Details& details) {
  details.emplace_back("stage", end.stage);
  details.emplace_back("call", end.call);
  if (end.code != 0) details.emplace_back("code", std::to_string(end.code));
  details.emplace_back("error", ToUtf8(end.meaning, kMostOutput));
}

void AddOutput(const RunEnd& end, Details& details) {
  // One byte that is no UTF-8 becomes four.
  const std::string shown = ToUtf8(end.output.substr(0, kMostOutput), 4 * kMostOutput);
  const uint64_t dropped =
      end.dropped + (end.output.size() > kMostOutput ? end.output.size() - kMostOutput : 0);
  if (!shown.empty()) details.emplace_back("output", shown);
  if (dropped != 0) {
    details.emplace_back("output_dropped", std::to_string(dropped) + " bytes more were dropped");
  }
}

void AddEnd(const RunEnd& end, Details& details) {
  details.emplace_back("result", std::string(Name(end.kind)));
  const bool has_code = end.kind == RunEndKind::kExited || end.kind == RunEndKind::kSignaled;
  if (has_code) details.emplace_back("code", std::to_string(end.code));
  details.emplace_back("duration_us", std::to_string(end.duration.count()));
  AddOutput(end, details);
}

}  // namespace

void RunCalls::CallEnded() {
  while (!health_.Quarantined() && !health_.Silent()) {
    const auto news = host_.Runs().Take();
    if (!news) return;
    Announce(*news);
    if (news->end && news->run.call.callback != nullptr) call_(*news);
  }
}

void RunCalls::CancelAll() {
  for (PluginRuns::Run& run : host_.Runs().CancelAll()) {
    Announce({std::move(run), 0, EndOfProgram(RunEndKind::kCancelled, 0)});
  }
}

void RunCalls::Announce(const PluginRuns::News& news) {
  Details details = DetailsOf(news.run);
  EventType type = EventType::kRunStarted;
  if (!news.end) {
    if (news.pid != 0) details.emplace_back("pid", std::to_string(news.pid));
  } else if (news.end->kind == RunEndKind::kNotStarted) {
    type = EventType::kRunFailed;
    AddFailure(*news.end, details);
  } else {
    type = EventType::kRunEnded;
    AddEnd(*news.end, details);
  }
  health_.Announce(type, news.run.call.cause, std::move(details));
}

}  // namespace broker
