#include "sdk/check/runner.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "event/text.h"
#include "isolation/message.h"
#include "sdk/check/child.h"

namespace broker::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{50};    ///< How often a call under way is looked at.
constexpr int kMostCallLimits = 12;  ///< A whole check may take so many times what one call may.
constexpr milliseconds kLeastForCheck{120'000};
constexpr uint64_t kMemoryLimit = 4ULL << 30U;
constexpr uint64_t kFileLimit = 64ULL << 20U;
constexpr size_t kMostOutput = 300;

std::string SecondsText(milliseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

std::string Where(const std::optional<CallNote::Open>& open) {
  return open ? " in " + open->text : " between two calls";
}

/// What the plugin wrote to standard output and error, as the end of a sentence.
std::string Said(const std::string& output) {
  if (output.empty()) return {};
  return "; it wrote: " + ToUtf8(output, kMostOutput);
}

Finding Hang(const std::string& call, milliseconds limit) {
  const std::string pending =
      call.starts_with("on_event") ? " and answer USHER_PENDING (in C++: usher::AsyncPlugin)" : "";
  return {Verdict::kFail, "has not returned from " + call + " for " + SecondsText(limit),
          "return soon: hand slow work to a thread of your own" + pending + "; bound every wait",
          "sdk/README.md, Events that take their time"};
}

Finding Crash(const Check& check, const std::string& signal, const std::string& where,
              const std::string& said) {
  const std::string again =
      "see the line with: gdb -ex run --args usher-check PLUGIN --here "
      "--check " +
      std::string(check.name);
  if (check.crash.text != nullptr) {
    return {Verdict::kFail, std::string(check.crash.text) + ": " + signal + where + said,
            std::string(check.crash.change) + "; " + again, check.crash.read};
  }
  return {Verdict::kFail, "crashes" + where + ": " + signal + said, again,
          "sdk/check/README.md, When it crashes"};
}

Finding Exit(int code, const std::string& where, const std::string& said) {
  return {Verdict::kFail,
          "ends the whole process" + where + ", with exit code " + std::to_string(code) + said,
          "answer with an error instead of exit(): the process is the broker's",
          "sdk/README.md, Threads and memory"};
}

Verdict WorstOf(const CheckResult& result) {
  Verdict worst = Verdict::kPass;
  for (const Finding& finding : result.findings) worst = std::max(worst, finding.verdict);
  return worst;
}

}  // namespace

/// A check's process, and what comes from it.
class Runner::Watched {
 public:
  Watched(const Check& check, const CheckOptions& options, ChildProcess& child, CallNote note,
          CheckResult& result)
      : check_(check),
        options_(options),
        child_(child),
        note_(std::move(note)),
        messages_(child.GetChannel()),
        result_(result) {}

  /// Returns when the check is over, one way or the other.
  void See() {
    const milliseconds limit = std::max(kLeastForCheck, kMostCallLimits * options_.time_limit);
    const auto deadline = steady_clock::now() + limit;
    while (!done_) {
      const Result<std::string> message = messages_.Receive(steady_clock::now() + kLook);
      if (message.ok()) {
        Take(message.value());
      } else if (message.status().code() != StatusCode::kTimeout) {
        return SeeEnd();
      }
      if (IsStuck()) return;
      if (steady_clock::now() > deadline) {
        return Stop({Verdict::kFail, "is not done after " + SecondsText(limit), "", ""});
      }
    }
  }

 private:
  void Take(const std::string& bytes) {
    MessageReader message(bytes);
    switch (static_cast<Message>(message.Number())) {
      case Message::kFinding: {
        Finding finding;
        finding.verdict = message.Signed() == static_cast<int32_t>(Verdict::kWarn) ? Verdict::kWarn
                                                                                   : Verdict::kFail;
        finding.text = ToUtf8(message.Text(), 4096);
        finding.change = message.Text();
        finding.read = message.Text();
        return Add(std::move(finding));
      }
      case Message::kNote:
        result_.notes.push_back(ToUtf8(message.Text(), 4096));
        return;
      case Message::kDone:
        done_ = true;
        return;
    }
  }

  /// Adds what the check knows of such failures, and names the stream that the fuzzer was playing.
  void Add(Finding finding) {
    if (check_.hint != nullptr && finding.verdict == Verdict::kFail) {
      finding.change = check_.hint + (finding.change.empty() ? "" : "; " + finding.change);
    }
    if (const uint64_t seed = note_.Seed(); seed != 0) {
      finding.text += " (seed " + std::to_string(seed) + ")";
      finding.change += std::string(finding.change.empty() ? "" : "; ") +
                        "repeat it with --reproduce " + std::to_string(seed);
    }
    result_.findings.push_back(std::move(finding));
  }

  bool IsStuck() {
    const auto open = note_.Oldest();
    if (done_ || !open || steady_clock::now() - open->since < options_.time_limit) return false;
    Stop(Hang(open->text, options_.time_limit));
    return true;
  }

  void Stop(Finding finding) {
    child_.Kill();
    Add(std::move(finding));
  }

  void SeeEnd() {
    const auto end = child_.Wait(steady_clock::now() + options_.time_limit);
    const std::string where = Where(note_.Oldest());
    const std::string said = Said(child_.Output(kMostOutput));
    if (!end) return Stop(Hang("its last words", options_.time_limit));
    Add(end->code ? Exit(*end->code, where, said) : Crash(check_, end->signal, where, said));
  }

  const Check& check_;
  const CheckOptions& options_;
  ChildProcess& child_;
  const CallNote note_;
  MessageChannel messages_;
  CheckResult& result_;
  bool done_ = false;
};

Runner::Runner(RunnerOptions runner, CheckOptions options)
    : runner_(std::move(runner)), options_(std::move(options)) {}

void Runner::Note(const CheckResult& result) {
  if (result.verdict == Verdict::kFail || result.verdict == Verdict::kSkipped) {
    unfit_.insert(result.name);
  }
}

CheckResult Runner::Run(const Check& check) {
  CheckResult result{check.name, check.about, Verdict::kPass, {}, {}, 0};
  if (check.needs != nullptr && unfit_.contains(std::string_view(check.needs))) {
    result.verdict = Verdict::kSkipped;
    result.notes.push_back("needs '" + std::string(check.needs) + "'");
  } else {
    const auto begin = steady_clock::now();
    RunChild(check, result);
    result.verdict = WorstOf(result);
    result.duration_us =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin).count();
  }
  Note(result);
  return result;
}

Status Runner::Prepare(const std::string& folder) const {
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (!error) std::filesystem::copy_file(runner_.copy, folder + kCopyName, error);
  if (!error) return {};
  return {StatusCode::kIo, "cannot copy the plugin to '" + folder + "': " + error.message()};
}

void Runner::RunChild(const Check& check, CheckResult& result) const {
  const auto fail = [&](const Status& why) {
    result.findings.push_back({Verdict::kFail, "could not be checked: " + why.message(), "", ""});
  };
  const std::string folder = runner_.folder + "/" + check.name;
  const Status prepared = Prepare(folder);
  if (!prepared.ok()) return fail(prepared);
  Result<CallNote> note = CallNote::Map(folder + kNoteName);
  if (!note.ok()) return fail(note.status());
  ChildOptions options{runner_.program, runner_.arguments, {kMemoryLimit, kFileLimit}};
  options.arguments.insert(options.arguments.end(), {"--child", check.name, "--folder", folder});
  const auto child = ChildProcess::Start(options);
  if (!child.ok()) return fail(child.status());
  Watched(check, options_, *child.value(), std::move(note).value(), result).See();
  const std::string output = child.value()->Output(kMostOutput);
  if (check.watches_output && result.findings.empty() && !output.empty()) {
    result.findings.push_back({Verdict::kWarn, "writes to standard output or error" + Said(output),
                               "use the log: nobody may see the broker's output",
                               "usher/ext/log.h"});
  }
}

}  // namespace broker::check
