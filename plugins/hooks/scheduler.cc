#include "scheduler.h"

#include <algorithm>
#include <utility>

namespace hooks {
namespace {

constexpr const char* kShell = "/bin/sh";

/// An event with more than a program may read is told by its variables only: whoever has a name
/// that long must not keep the hook from being run.
std::string InputOf(const usher::Event& event) {
  std::string input(event.json());
  input += '\n';
  return input.size() <= USHER_RUN_MAX_INPUT ? input : std::string();
}

}  // namespace

usher::Answer Scheduler::Take(const usher::Event& event) {
  std::vector<Step> steps;
  for (const Hook& hook : settings_.hooks) {
    if (!hook.Wants(event)) continue;
    steps.emplace_back();
    steps.back().hook = &hook;
  }
  if (steps.empty()) return usher::Answer::kDone;
  const usher::Session session = SessionOf(event);
  Work work;
  work.completion = usher::Completion(host_, event);
  work.name = "event " + std::to_string(event.seq()) + " " + std::string(event.type_name());
  if (session) {
    work.session_id = session.id();
    work.session_key = session.key();
  }
  work.json = InputOf(event);
  work.variables = VariablesOf(event);
  work.steps = std::move(steps);
  works_.push_back(std::move(work));
  Go();
  return usher::Answer::kPending;
}

/// Starts what may be started, and ends the events that have nothing left to do.
void Scheduler::Go() {
  for (auto at = works_.begin(); at != works_.end();) {
    if (!IsBehindAnother(*at)) GoOn(*at);
    const bool done = std::all_of(at->steps.begin(), at->steps.end(), [](const Step& step) {
      return step.state == Step::State::kDone;
    });
    if (done) at->completion.Done();
    at = done ? works_.erase(at) : std::next(at);
  }
}

/// What happened to a session is told in its order: no logoff before the logon is done.
bool Scheduler::IsBehindAnother(const Work& work) const {
  if (work.session_key.empty()) return false;
  const auto first = std::find_if(works_.begin(), works_.end(), [&work](const Work& other) {
    return other.session_key == work.session_key;
  });
  return &*first != &work;
}

void Scheduler::GoOn(Work& work) {
  for (Step& step : work.steps) {
    if (step.state == Step::State::kWaiting && running_ < settings_.concurrency) Start(work, step);
    if (!settings_.parallel && step.state != Step::State::kDone) return;
  }
}

void Scheduler::Start(Work& work, Step& step) {
  try {
    step.run = host_.Runner()->Start(RequestOf(work, *step.hook),
                                     [this, &work, &step](const usher::RunResult& result) {
                                       --running_;
                                       Ended(work, step, result);
                                       Go();
                                     });
    step.state = Step::State::kRunning;
    ++running_;
  } catch (const usher::Error& error) {
    Failed(work, step, error.what());
  }
}

usher::RunRequest Scheduler::RequestOf(const Work& work, const Hook& hook) {
  usher::RunRequest request;
  request.run_as = hook.run_as;
  request.program = hook.shell ? kShell : hook.program;
  if (hook.shell) request.arguments = {"-c", hook.program, "sh"};
  request.arguments.insert(request.arguments.end(), hook.args.begin(), hook.args.end());
  request.variables = work.variables;
  request.input = work.json;
  request.session_id = work.session_id;
  request.time_limit = hook.timeout;
  request.output_limit = hook.output;
  request.cause = work.completion.seq();
  return request;
}

void Scheduler::Ended(Work& work, Step& step, const usher::RunResult& result) {
  if (result.succeeded()) {
    step.state = Step::State::kDone;
  } else {
    Failed(work, step, std::string(result.meaning()));
  }
}

void Scheduler::Failed(Work& work, Step& step, const std::string& why) {
  const Hook& hook = *step.hook;
  const bool again = hook.on_failure == OnFailure::kRetry && step.failures++ < hook.retries;
  const bool stops = hook.on_failure == OnFailure::kStop;
  host_.LogWarning("\"" + hook.program + "\" failed for " + work.name + ": " + why +
                   (again ? "; it is tried again" : "") +
                   (stops ? "; the event gets no more hooks" : ""));
  step.state = Step::State::kDone;
  if (again) Pause(work, step);
  if (!stops) return;
  for (Step& other : work.steps) {
    if (other.state == Step::State::kWaiting) other.state = Step::State::kDone;
  }
}

void Scheduler::Pause(Work& work, Step& step) {
  try {
    step.pause = host_.Timers()->After(step.hook->retry_wait, [this, &step] {
      step.state = Step::State::kWaiting;
      Go();
    });
    step.state = Step::State::kPausing;
  } catch (const usher::Error& error) {
    host_.LogWarning("\"" + step.hook->program + "\" is not tried again for " + work.name + ": " +
                     error.what());
  }
}

}  // namespace hooks
