#include "rig.h"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <utility>

#include "environment.h"
#include "settings/toml.h"

namespace bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kPatience{60};
constexpr milliseconds kPoll{1};
constexpr uint64_t kActsPerLook = 64;
const broker::Machine kMachine{std::string(32, 'a'), std::string(32, 'b')};

/// A fresh folder.
std::string MakeDirectory() {
  const std::string directory = Directory() + "/rig";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  return directory;
}

broker::LogOptions LogOptionsOf(const RigOptions& options, const std::string& directory) {
  broker::LogOptions log;
  log.directory = directory + "/log";
  log.sync = options.sync;
  return log;
}

/// Waits for `condition`; throws that `what` did not happen.
template <class Condition>
void WaitFor(Condition condition, const char* what) {
  const auto deadline = steady_clock::now() + kPatience;
  while (!condition()) {
    if (steady_clock::now() > deadline) throw std::runtime_error(what);
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

void Rig::Silence::Log(broker::Severity severity, std::string_view component,
                       std::string_view text) noexcept {
  if (severity < broker::Severity::kWarning) return;
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(component.size()), component.data(),
               static_cast<int>(text.size()), text.data());
}

Rig::Rig(const RigOptions& options)
    : options_(options),
      directory_(MakeDirectory()),
      files_(broker::MakeFileSystem()),
      busy_(options.sessions, kMachine.boot_id),
      source_(busy_.Desktop()) {
  auto log =
      broker::LogWriter::Open(*files_, LogOptionsOf(options, directory_), kMachine, recovery_);
  if (!log.ok()) throw std::runtime_error(log.status().message());
  log_ = std::move(log).value();
  normalizer_ = std::make_unique<broker::Normalizer>(table_, kMachine.boot_id, "simulated");
  pump_ = std::make_unique<broker::EventPump>(
      broker::EventPump::Stages{source_, table_, *normalizer_, *log_, committed_, hub_,
                                diagnostics_},
      [] {});
  pump_->Start({});
  departures_ = std::make_unique<Departures>(pump_->Sink());
  broker::RawSink& sink = options.clocked ? *departures_ : pump_->Sink();
  if (!source_.Start(sink).ok() || !pump_->WaitForSnapshot(kPatience)) {
    throw std::runtime_error("the source does not say which sessions there are");
  }
  StartPlugins();
}

void Rig::StartPlugins() {
  cursors_ = std::make_unique<broker::CursorStore>(*files_, directory_ + "/cursors");
  plugins_ = std::make_unique<broker::PluginRegistry>(
      broker::HostContext{*files_, diagnostics_, *pump_, source_.SourceClock(), committed_, hub_,
                          log_->Ring(), *cursors_});
  broker::Settings settings;
  settings.state_directory = directory_ + "/state";
  settings.runtime_directory = directory_ + "/run";
  for (size_t i = 0; i < options_.instances; ++i) {
    counters_.push_back(std::make_unique<Counter>());
    broker::PluginSettings plugin;
    plugin.name = "counting-" + std::to_string(i);
    plugin.library = USHER_BENCH_PLUGIN;
    toml::table config;
    config.insert("counter", static_cast<int64_t>(reinterpret_cast<uintptr_t>(counters_[i].get())));
    config.insert("far", options_.placement == Placement::kFar);
    plugin.config = std::make_shared<const toml::table>(std::move(config));
    settings.plugins.push_back(std::move(plugin));
  }
  broker::LaneOptions lane;
  lane.log_directory = directory_ + "/log";
  lane.boot_id = kMachine.boot_id;
  plugins_->Load(settings, lane);
  plugins_->Activate(kPatience);
  for (const broker::PluginStatus& plugin : plugins_->List()) {
    if (plugin.state != broker::PluginState::kRunning) {
      throw std::runtime_error(plugin.instance + " does not run: " + plugin.last_error);
    }
  }
  WaitFor([this] { return !pump_->Busy(); }, "the pipeline does not come to rest");
}

Rig::~Rig() {
  source_.Stop();
  plugins_->Stop(kPatience);
  pump_->Stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Rig::Act() {
  if (acts_++ % kActsPerLook == 0) {
    while (!pump_->Sink().WaitForRoom(kPatience)) {
    }
  }
  busy_.Act();
}

broker::Seq Rig::NextSeq() const {
  WaitFor([this] { return !pump_->Busy(); }, "the pipeline does not come to rest");
  return pump_->GetStatus().last_seq + 1;
}

void Rig::NoteWay(broker::Seq first, std::vector<int64_t>& sent, std::vector<int64_t>& arrived) {
  departures_->Note(sent);
  Counter& counter = *counters_.front();
  counter.first = first;
  counter.size = arrived.size();
  counter.arrivals = arrived.data();
}

void Rig::Departures::Submit(broker::RawEvent raw) noexcept {
  if (!moments_.empty()) {
    moments_.front() = Counter::Nanoseconds();
    moments_ = moments_.subspan(1);
  }
  to_.Submit(std::move(raw));
}

void Rig::WaitUntilSeen(broker::Seq last) const {
  for (const auto& counter : counters_) {
    WaitFor([&counter, last] { return counter->last.load(std::memory_order_acquire) >= last; },
            "an instance does not see all events");
    if (counter->out_of_order) throw std::runtime_error("an instance saw events out of order");
  }
}

}  // namespace bench
