// Tests the plugin with a fake broker: no process, no logon, and the clock moves when told. Any
// test framework will do; this needs none.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <usher/testing.hpp>

namespace {

using std::chrono::hours;
using usher::EventType;
using usher::testing::Driver;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;
using usher::testing::UserSession;

bool all_is_well = true;

void Expect(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "failed: " << what << '\n';
  all_is_well = false;
}

void GreetsAndReminds() {
  FakeHost host;
  host.Configure("greeting", "Welcome");
  host.Configure("remind_after_hours", 2);
  Driver plugin(host);
  Expect(bool(plugin.Start()), "it starts");

  Expect(bool(plugin.Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna", "1")))),
         "it takes a logon");
  Expect(host.Said("Welcome, anna!"), "it greets");

  plugin.Advance(hours(1));
  Expect(!host.Said("take a rest"), "it is patient");
  plugin.Advance(hours(1));
  Expect(host.Said("anna should take a rest."), "it reminds");
  plugin.Stop();
  Expect(host.Violations().empty(), "it keeps the rules of the interface");
}

void ForgetsWhoLogsOff() {
  FakeHost host;
  Driver plugin(host);
  Expect(bool(plugin.Start()), "it starts without a configuration");
  plugin.Deliver(MakeEvent(EventType::kSessionLogon, UserSession("bert", "2")));
  plugin.Deliver(MakeEvent(EventType::kSessionLogoff, UserSession("bert", "2")));
  plugin.Advance(hours(24));
  Expect(!host.Said("take a rest"), "it does not remind who is gone");
}

void RefusesHoursThatAreNone() {
  FakeHost host;
  host.Configure("remind_after_hours", 0);
  Driver plugin(host);
  Expect(!plugin.Start(), "it refuses");
  Expect(!host.ConfigErrors().empty(), "it says which key is wrong");
}

}  // namespace

int main() {
  GreetsAndReminds();
  ForgetsWhoLogsOff();
  RefusesHoursThatAreNone();
  return all_is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
