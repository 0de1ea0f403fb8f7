#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dispatch/hub.h"
#include "plugin_host/host_context.h"
#include "settings/settings.h"
#include "settings/toml_text.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/plugin_host/fakes.h"

namespace broker::testing {

/// Everything the host leans on, and a folder with the libraries a test installs there.
class HostFixture : public ::testing::Test {
 protected:
  HostFixture() { std::filesystem::create_directory(directory_ / "lib"); }

  /// Puts a library built for the tests where plugins are looked for; owned by whoever runs the
  /// test, as the build tree may not be.
  std::string Install(const std::string& name, const std::string& as = "") {
    const std::string from = std::string(TEST_PLUGIN_DIRECTORY) + "/" + name + ".so";
    const std::string to = (directory_ / "lib/") + (as.empty() ? name : as) + ".so";
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(to, std::filesystem::perms(0755));
    return to;
  }

  /// The settings of one instance, with the TOML text of its own table.
  static PluginSettings PluginOf(const std::string& name, const std::string& library,
                                 std::string_view config = "") {
    PluginSettings plugin;
    plugin.name = name;
    plugin.library = library;
    std::vector<SettingsError> mistakes;
    plugin.config = ParseToml(config, "usher.toml", mistakes);
    EXPECT_TRUE(mistakes.empty()) << config;
    plugin.position = {"usher.toml", 1, 1};
    return plugin;
  }

  /// Puts a session into what is committed.
  void CommitSession(const std::string& id) {
    SessionFacts session;
    session.id = id;
    session.key = "boot-" + id + "-1";
    Event event;
    event.seq = ++committed_;
    event.type = EventType::kSessionCreated;
    event.session = std::make_shared<const Session>(session);
    sessions_.Commit({&event, 1});
  }

  Seq committed_ = 0;
  TempDirectory directory_;
  const std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  NotingDiagnostics diagnostics_;
  NotingAnnouncer announcer_;
  ManualClock clock_;
  CommittedSessions sessions_;
  Hub hub_;
  CursorStore cursors_{*files_, directory_ / "state/cursors"};
  EventRing ring_;
  NotingMisuse misuse_;
  const HostContext context_{*files_, diagnostics_, announcer_, clock_, sessions_,
                             hub_,    ring_,        cursors_,   false,  &misuse_};
};

}  // namespace broker::testing
