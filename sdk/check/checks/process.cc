#include <atomic>
#include <thread>

#include "sdk/check/check.h"
#include "sdk/check/checks/play.h"
#include "sdk/check/platform/this_process.h"

namespace broker::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr uint64_t kSomeEvents = 100;
constexpr milliseconds kLeaving{2000};  ///< A thread that was joined may still be listed.
constexpr milliseconds kAfterUnload{200};

void Live(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(8, Story::Kind::kOrderly);
  Play(*subject, story, kSomeEvents);
  subject->Settle();
  subject->Deactivate();
}

size_t ThreadsAbove(size_t before) {
  const auto deadline = steady_clock::now() + kLeaving;
  while (ThreadCount() > before && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  const size_t now = ThreadCount();
  return now > before ? now - before : 0;
}

}  // namespace

void CheckThreads(Workbench& bench) {
  bench.Load();
  const size_t before = ThreadCount();
  auto subject = bench.Start();
  Story story(8, Story::Kind::kOrderly);
  Play(*subject, story, kSomeEvents);
  subject->Settle();
  subject->Deactivate();
  if (const size_t left = ThreadsAbove(before); left != 0) {
    throw Finding{
        Verdict::kFail,
        "leaves " + std::to_string(left) + (left == 1 ? " thread" : " threads") +
            " running after destroy()",
        "end and join your threads in stop() or destroy(); a detached one runs on in code "
        "that may be unloaded",
        "usher/plugin.h, destroy; sdk/README.md, Threads and memory"};
  }
  for (const std::string& misuse : subject->Misuses()) {
    if (misuse.find("[plugin-thread]") == std::string::npos) continue;
    throw Finding{Verdict::kFail, misuse,
                  "call those functions during init, on_snapshot, on_event or stop only, on their "
                  "thread; pass what your threads find on to them",
                  "usher/plugin.h, the tags; sdk/README.md, Threads and memory"};
  }
}

void CheckMoves(Workbench& bench) {
  bench.Load();
  for (int i = 0; i < 3; ++i) OnThread([&] { Live(bench); });
}

void CheckInterrupt(Workbench& bench) {
  const auto subject = bench.Start();
  if (!subject->GetProbe().HasInterrupt()) {
    bench.Note("has none");
    return subject->Deactivate();
  }
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) subject->GetProbe().Interrupt();
  });
  Story story(9, Story::Kind::kOrderly);
  // A call that was interrupted may fail.
  for (uint64_t i = 0; i < kSomeEvents; ++i) Tolerantly([&] { subject->Deliver(story.Next()); });
  done = true;
  other.join();
  Tolerantly([&] { subject->Deactivate(); });
}

void CheckUnload(Workbench& bench) {
  // As an instance's thread ends behind the library.
  OnThread([&] {
    Live(bench);
    bench.Calls().Begin(0, "a destructor of the library, behind destroy", 0, nullptr);
    bench.Unload();
    bench.Calls().End(0);
  });
  std::this_thread::sleep_for(kAfterUnload);  // For what would run on.
}

void CheckProcess(Workbench& bench) {
  const auto before = ReadProcessState();
  Live(bench);
  const auto after = ReadProcessState();
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].second == after[i].second) continue;
    bench.Add({Verdict::kFail,
               "changes " + before[i].first + " from '" + before[i].second + "' to '" +
                   after[i].second + "', for the whole process",
               "leave it as it is: it belongs to the broker and all other plugins",
               "sdk/README.md, Threads and memory"});
  }
}

}  // namespace broker::check
