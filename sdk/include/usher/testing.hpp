// usher/testing.hpp: a broker to test a plugin with, in the test's own process. C++17, header-only,
// for any test framework. A test program is made of the plugin's sources and the test's:
//
//   #include <usher/testing.hpp>
//
//   usher::testing::FakeHost host;                     // the broker
//   host.Configure("ignore", {"root"});
//   usher::testing::Driver plugin(host);               // one instance of the program's plugin
//   assert(plugin.Start());                            // check_config, create, init, on_snapshot
//   assert(plugin.Deliver(usher::testing::MakeEvent(
//       usher::EventType::kSessionLogon, usher::testing::UserSession("anna"))));
//   assert(plugin.Advance(std::chrono::minutes(10)));  // timers
//   plugin.Stop();
//   assert(host.Said("anna"));
//   assert(host.Violations().empty());                 // the contract of threads and calls
//
// The clock stands still unless Advance moves it. Nothing is written to a disk, no thread started.
#ifndef USHER_TESTING_HPP
#define USHER_TESTING_HPP

#include "usher/testing/data.hpp"
#include "usher/testing/driver.hpp"
#include "usher/testing/fake_host.hpp"

#endif
