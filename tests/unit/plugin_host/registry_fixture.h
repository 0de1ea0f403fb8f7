#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "eventlog/writer.h"
#include "plugin_host/registry.h"
#include "tests/support/wait.h"
#include "tests/support/written_log.h"
#include "tests/unit/plugin_host/host_fixture.h"

namespace broker::testing {

inline constexpr std::chrono::seconds kPatience{30};
inline const Machine kMachine{std::string(32, 'a'), std::string(32, 'b')};

/// A registry, with a log that its lanes read.
class RegistryFixture : public HostFixture {
 protected:
  RegistryFixture() : registry_(std::make_unique<PluginRegistry>(context_)) {
    LogOptions options;
    options.directory = directory_ / "log";
    LogRecovery recovery;
    Result<std::unique_ptr<LogWriter>> log = LogWriter::Open(*files_, options, kMachine, recovery);
    EXPECT_TRUE(log.ok()) << log.status().message();
    log_ = std::move(log).value();
    settings_.file = directory_ / "usher.toml";
    settings_.state_directory = directory_ / "state";
    settings_.plugin_directory = directory_ / "lib";
  }

  /// Configures an instance of an installed library, both named so.
  void Add(const std::string& name, std::string_view config = "") {
    Install(name);
    std::string instance = name;
    std::replace(instance.begin(), instance.end(), '_', '-');
    settings_.plugins.push_back(PluginOf(instance, name, config));
  }

  void Start() {
    registry_->Load(settings_, Lane());
    registry_->Activate(kPatience);
  }

  /// The template for the lanes.
  [[nodiscard]] LaneOptions Lane() const {
    LaneOptions lane;
    lane.log_directory = directory_ / "log";
    lane.boot_id = kMachine.boot_id;
    return lane;
  }

  /// Commits one event and hands it to the lanes, as the pipeline does.
  void Emit(EventType type, Details details = {}) {
    std::vector<Event> events{MakeBrokerEvent(type, clock_.Now(), std::move(details))};
    for (const BatchRef& batch : Write(*log_, std::move(events))) {
      ring_.Push(batch);
      ring_.Mark(batch->Last(), batch->Last());
      hub_.Emit(*batch);
    }
  }

  [[nodiscard]] PluginStatus StatusOf(const std::string& instance) const {
    for (PluginStatus& status : registry_->List()) {
      if (status.instance == instance) return status;
    }
    ADD_FAILURE() << "no instance " << instance;
    return {};
  }

  [[nodiscard]] bool Said(const std::string& line) const { return diagnostics_.Count(line) != 0; }

  /// What the one plugin.failed event of the instance has as `error`.
  [[nodiscard]] std::string ErrorOf(const std::string& instance) const {
    for (const Event& event : announcer_.Of(EventType::kPluginFailed)) {
      if (*event.Detail("instance") == instance) return *event.Detail("error");
    }
    return "";
  }

  Settings settings_;
  std::unique_ptr<LogWriter> log_;
  std::unique_ptr<PluginRegistry> registry_;
};

}  // namespace broker::testing
