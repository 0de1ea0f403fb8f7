// drive_plugin LIBRARY: loads a plugin, checks its descriptor, takes an instance through a life
// with a few sessions and events. Ends with 1 and a sentence if anything of that fails.

#include <dlfcn.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "usher/testing.hpp"

namespace {

using usher::EventType;
using usher::testing::CallResult;
using usher::testing::Driver;
using usher::testing::EventData;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;

bool Succeeds(const std::string& call, const CallResult& result) {
  if (result) return true;
  std::cerr << call << " failed with " << result.status << ": " << result.text << '\n';
  return false;
}

/// An event that is left open must end well, soon.
bool Ends(const FakeHost& host, uint64_t seq) {
  const auto end = host.WaitForEnd(seq);
  if (end && end->status == USHER_OK) return true;
  std::cerr << "event " << seq << " was left open and did not end well\n";
  return false;
}

bool Takes(Driver& plugin, const FakeHost& host, EventData event) {
  const uint64_t seq = event.seq;
  const CallResult result = plugin.Deliver(std::move(event));
  for (const auto& run : host.Runs()) {
    if (!Succeeds("a run", plugin.EndRun(run.run))) return false;
  }
  return result.status == USHER_PENDING ? Ends(host, seq) : Succeeds("on_event", result);
}

/// Versions differ by what is appended only.
bool Describes(const usher_plugin_entry_t& entry) {
  if (entry.size >= sizeof(entry) && entry.abi_version >= USHER_ABI_OLDEST &&
      entry.abi_version >> 16U == USHER_ABI_MAJOR && *entry.descriptor->id != '\0') {
    return true;
  }
  std::cerr << "the entry is not of a version that fits\n";
  return false;
}

EventData EventOf(EventType type, uint64_t seq) {
  EventData event = MakeEvent(type, usher::testing::UserSession("anna"));
  event.seq = seq;
  return event;
}

bool Live(const usher_plugin_entry_t& entry) {
  FakeHost host;
  host.sessions = {usher::testing::UserSession("anna")};
  {
    Driver plugin(host, entry);
    if (!plugin.created()) {
      std::cerr << "create failed: " << plugin.create_error() << '\n';
      return false;
    }
    if (!Succeeds("the start", plugin.Start()) ||
        !Takes(plugin, host, EventOf(EventType::kSessionLogon, 2)) ||
        !Takes(plugin, host, EventOf(EventType::kSessionLocked, 3)) ||
        !Takes(plugin, host, EventOf(EventType::kSystemResumed, 4)) ||
        !Succeeds("a timer", plugin.Advance(std::chrono::hours(1)))) {
      return false;
    }
    plugin.Stop();
  }
  for (const auto& [severity, text] : host.Logs()) std::cout << severity << ' ' << text << '\n';
  for (const std::string& violation : host.Violations()) std::cerr << violation << '\n';
  const bool did_something = !host.Logs().empty() || !host.Emissions().empty();
  return did_something && host.Violations().empty();
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
