#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "plugin_host/entry_check.h"
#include "plugin_host/host_services/extensions.h"
#include "plugin_host/plugin_call.h"
#include "sdk/check/check.h"
#include "sdk/check/checks/play.h"

namespace broker::check {
namespace {

constexpr uint64_t kSomeEvents = 200;
constexpr std::chrono::milliseconds kLateCalls{200};

/// A host that does nothing but count who calls it.
class SilentHost {
 public:
  SilentHost() {
    table_.size = sizeof table_;
    table_.abi_version = USHER_ABI_VERSION;
    table_.host_data = &calls_;
    table_.get_extension = [](const usher_host* host, const char*) -> const void* {
      return Count(host, nullptr);
    };
    table_.subscribe = [](const usher_host* host, const char* const*, uint32_t) {
      return Count(host, USHER_STOPPED);
    };
    table_.complete = [](const usher_host* host, uint64_t, usher_status, const char*) {
      return Count(host, USHER_STOPPED);
    };
    table_.should_stop = [](const usher_host* host) { return Count(host, int32_t{0}); };
  }
  SilentHost(const SilentHost&) = delete;
  SilentHost& operator=(const SilentHost&) = delete;

  [[nodiscard]] const usher_host* Get() const { return &table_; }
  [[nodiscard]] uint32_t Calls() const { return calls_; }

 private:
  template <class Answer>
  static Answer Count(const usher_host* host, Answer answer) {
    ++*static_cast<std::atomic<uint32_t>*>(host->host_data);
    return answer;
  }

  std::atomic<uint32_t> calls_ = 0;
  usher_host table_{};
};

/// Both are left behind: no call may follow for an instance without init.
const usher_plugin* Create(Workbench& bench, const SilentHost& host) {
  const usher_plugin* plugin = nullptr;
  bench.Calls().Begin(0, "create", 0, nullptr);
  Status status = CallPlugin("create", [&](usher_error* error) {
    plugin = bench.Load()->Entry().create(host.Get(), error);
    return plugin == nullptr ? USHER_ERROR : USHER_OK;
  });
  bench.Calls().End(0);
  if (status.ok()) status = CheckPlugin(*plugin);
  if (status.ok()) return plugin;
  throw Finding{Verdict::kFail, status.message(),
                "let create() only make the instance; what can fail belongs into init()",
                "usher/plugin.h, create"};
}

void RunAlone(Workbench& bench, size_t slot) {
  SubjectOptions options;
  options.name = "checked-" + std::to_string(slot);
  options.probe.slot = slot;
  const auto subject = bench.Start(options);
  Story story(slot, Story::Kind::kOrderly);
  Play(*subject, story, kSomeEvents);
  subject->Settle();
  subject->Deactivate();
}

bool Requires(const usher_plugin_descriptor& descriptor, std::string_view extension) {
  const char* const* const ids = descriptor.required_extensions;
  return std::find(ids, ids + descriptor.required_extension_count, extension) !=
         ids + descriptor.required_extension_count;
}

/// Whether it starts and works where the host does not hand out this extension.
bool Works(Workbench& bench, const std::string& without) {
  SubjectOptions options;
  options.denied = {without};
  const auto subject = bench.Make(options);
  if (!subject->Activate().ok()) return false;
  Story story(1, Story::Kind::kOrderly);
  const bool worked = Tolerantly([&] { Play(*subject, story, kSomeEvents); });
  return Tolerantly([&] { subject->Deactivate(); }) && worked;
}

}  // namespace

void CheckCreate(Workbench& bench) {
  bench.Load();
  const SilentHost host;
  const usher_plugin* const first = Create(bench, host);
  const usher_plugin* const second = Create(bench, host);
  if (host.Calls() != 0) {
    throw Finding{Verdict::kFail, "calls the host while create() makes an instance",
                  "only store the host there; call it from init() on (in C++: OnInit, not the "
                  "constructor)",
                  "usher/plugin.h, create"};
  }
  if (first != second || first->plugin_data == nullptr) return;
  throw Finding{Verdict::kFail, "hands out the same instance twice",
                "make a new one in each create(); several tables of the configuration may name "
                "one library",
                "usher/plugin.h, create"};
}

void CheckLifecycle(Workbench& bench) {
  for (int round = 0; round < 3; ++round) bench.Start()->Deactivate();
}

void CheckInstances(Workbench& bench) {
  bench.Load();
  auto one = std::async(std::launch::async, [&] { RunAlone(bench, 0); });
  auto other = std::async(std::launch::async, [&] { RunAlone(bench, 1); });
  one.get();
  other.get();
  const auto staying = bench.Start();
  Story story(7, Story::Kind::kOrderly);
  RunAlone(bench, 1);
  Play(*staying, story, kSomeEvents);
  staying->Settle();
  staying->Deactivate();
}

void CheckExtensions(Workbench& bench) {
  bench.Start()->Deactivate();
  for (const std::string_view extension : ExtensionIds()) {
    const bool works = Works(bench, std::string(extension));
    if (works || Requires(*bench.Load()->Entry().descriptor, extension)) continue;
    bench.Add({Verdict::kWarn,
               "does not work without " + std::string(extension) + ", but does not require it",
               "name it in required_extensions (in C++: usher::Requires), so that it is refused "
               "at once where that is missing",
               "usher/plugin.h, usher_plugin_descriptor"});
  }
}

void CheckStop(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(3, Story::Kind::kOrderly);
  Play(*subject, story, kSomeEvents);
  subject->Deactivate();
  std::this_thread::sleep_for(kLateCalls);  // For those that come too late.
  for (const std::string& misuse : subject->Misuses()) {
    if (misuse.find("stop()") == std::string::npos) continue;
    throw Finding{Verdict::kFail, misuse,
                  "end your threads in stop(); events that are open then come again with the next "
                  "start",
                  "usher/plugin.h, complete"};
  }
}

}  // namespace broker::check
