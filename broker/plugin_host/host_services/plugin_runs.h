#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action/runner.h"
#include "plugin_host/cause.h"
#include "usher/ext/run.h"

namespace broker {

/// One instance's programs that run, and what is heard of them until the instance takes it.
///
/// Not thread-safe; call from the plugin's thread.
class PluginRuns {
 public:
  /// What is to be called. `callback` and `context` are the plugin's.
  struct Call {
    usher_run_callback callback = nullptr;  ///< Null: nobody wants to know any more.
    void* context = nullptr;
    Cause cause;  ///< What led to the run.
  };
  /// A run, as it stands in events.
  struct Run {
    RunId id = 0;
    Call call;
    std::string program;
    RunAs run_as = RunAs::kRoot;
    std::string session;  ///< The session's id; empty for none.
  };
  /// What became of a run: it has started, or it has ended.
  struct News {
    Run run;
    int64_t pid = 0;            ///< Of one that has started.
    std::optional<RunEnd> end;  ///< The last that is heard of it.
  };

  /// `runner` must outlive this; null: nothing can be run.
  explicit PluginRuns(Runner* runner);
  ~PluginRuns();
  PluginRuns(const PluginRuns&) = delete;
  PluginRuns& operator=(const PluginRuns&) = delete;

  [[nodiscard]] bool Possible() const { return runner_ != nullptr; }

  /// `wake` is called, on any thread, whenever there is something to take; until CancelAll.
  void WakeBy(std::function<void()> wake);

  /// As usher/ext/run.h says; on failure `why` is set to a sentence.
  usher_status Start(RunOrder order, const Call& call, usher_run& run, std::string& why);
  usher_status Cancel(usher_run run);

  /// The next of what is heard.
  [[nodiscard]] std::optional<News> Take();

  /// Ends all that runs; answers what that is. Nothing is heard from now on.
  std::vector<Run> CancelAll();

 private:
  class Inbox;

  Runner* const runner_;
  const std::shared_ptr<Inbox> inbox_;
  std::map<RunId, Run> runs_;
};

}  // namespace broker
