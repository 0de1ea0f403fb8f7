// drive_plugin LIBRARY: loads a plugin, checks its descriptor, takes an instance through a life
// with a few sessions and events. Ends with 1 and a sentence if anything of that fails.

#include <dlfcn.h>

#include <iostream>
#include <string>

#include "tests/support/fake_plugin_host.h"
#include "tests/support/wait.h"
#include "usher/event_names.h"

namespace {

using broker::testing::CallResult;
using broker::testing::EmptyEvent;
using broker::testing::FakeCompletion;
using broker::testing::FakePluginHost;
using broker::testing::FakeSnapshot;
using broker::testing::PluginDriver;
using broker::testing::UserSession;

bool Succeeds(const std::string& call, const CallResult& result) {
  if (result.status == USHER_OK) return true;
  std::cerr << call << " failed with " << result.status << ": " << result.text << '\n';
  return false;
}

/// An event that is left open must end well, soon.
bool Ends(const FakePluginHost& host, uint64_t seq) {
  const bool ended = broker::testing::Eventually([&] {
    for (const FakeCompletion& completion : host.Completions()) {
      if (completion == FakeCompletion{seq, USHER_OK, ""}) return true;
    }
    return false;
  });
  if (!ended) std::cerr << "event " << seq << " was left open and did not end well\n";
  return ended;
}

bool Takes(PluginDriver& plugin, const FakePluginHost& host, const usher_event& event) {
  const CallResult result = plugin.Event(event);
  return result.status == USHER_PENDING ? Ends(host, event.seq) : Succeeds("on_event", result);
}

bool Describes(const usher_plugin_entry_t& entry) {
  if (entry.size == sizeof(entry) && entry.abi_version == USHER_ABI_VERSION &&
      entry.descriptor->size == sizeof(usher_plugin_descriptor) && *entry.descriptor->id != '\0') {
    return true;
  }
  std::cerr << "the entry is not of this version\n";
  return false;
}

bool Live(const usher_plugin_entry_t& entry) {
  FakePluginHost host;
  usher_session session = UserSession("boot-3-17", "anna");
  host.sessions = {session};
  PluginDriver plugin(entry, host);
  if (!plugin.created()) {
    std::cerr << "create failed: " << plugin.create_error() << '\n';
    return false;
  }
  usher_event logon = EmptyEvent(USHER_EVENT_SESSION_LOGON, USHER_NAME_SESSION_LOGON, 2);
  usher_event locked = EmptyEvent(USHER_EVENT_SESSION_LOCKED, USHER_NAME_SESSION_LOCKED, 3);
  const usher_event resumed = EmptyEvent(USHER_EVENT_SYSTEM_RESUMED, USHER_NAME_SYSTEM_RESUMED, 4);
  logon.session = locked.session = &session;
  if (!Succeeds("init", plugin.Init()) ||
      !Succeeds("on_snapshot", plugin.Snapshot(FakeSnapshot(1, {session}).raw())) ||
      !Takes(plugin, host, logon) || !Takes(plugin, host, locked) ||
      !Takes(plugin, host, resumed)) {
    return false;
  }
  plugin.Stop();
  for (const auto& [severity, text] : host.logs) std::cout << severity << ' ' << text << '\n';
  return !host.logs.empty();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: drive_plugin LIBRARY\n";
    return 2;
  }
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  void* symbol = library == nullptr ? nullptr : dlsym(library, "usher_plugin_entry");
  if (symbol == nullptr) {
    std::cerr << dlerror() << '\n';
    return 1;
  }
  const auto& entry = *static_cast<const usher_plugin_entry_t*>(symbol);
  return Describes(entry) && Live(entry) ? 0 : 1;
}
