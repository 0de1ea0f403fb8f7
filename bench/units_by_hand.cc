#include <systemd/sd-bus.h>
#include <time.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

#include "platform/linux/agent_unit.h"

// Starts transient units as agents are, and does nothing else: what the launching of agents is
// compared with.
//   units_by_hand UNITS
// Reads sessions, "ID UID" a line, and starts so many units in each, all of them at once. Prints
// when it began, in microseconds of CLOCK_MONOTONIC, and ends once the service manager has taken
// in all.

namespace broker {
namespace {

void Check(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), what);
}

LaunchOrder OrderFor(const std::string& session, const std::string& user) {
  SessionFacts facts;
  facts.id = session;
  facts.user_id = user;
  LaunchOrder order;
  order.instance = "bench";
  order.agent = "by-hand";
  order.session = std::make_shared<const Session>(facts);
  order.program = "/usr/bin/sleep";
  order.arguments = {"1000000"};
  return order;
}

int HearAnswer(sd_bus_message* answer, void* open, sd_bus_error* /*error*/) {
  const sd_bus_error* const error = sd_bus_message_get_error(answer);
  if (error != nullptr) std::cerr << error->message << "\n";
  --*static_cast<int*>(open);
  return 0;
}

void Start(sd_bus* bus, const std::string& unit, const LaunchOrder& order, int& open) {
  sd_bus_message* call = nullptr;
  Check(sd_bus_message_new_method_call(bus, &call, "org.freedesktop.systemd1",
                                       "/org/freedesktop/systemd1",
                                       "org.freedesktop.systemd1.Manager", "StartTransientUnit"),
        "a call");
  BusWriter writer(call);
  writer.Add("ss", unit.c_str(), "fail").Open('a', "(sv)");
  const std::string scope = "session-" + std::string(order.session->Id()) + ".scope";
  AddAgentProperties(writer, order, {{"LANG=C.UTF-8"}, scope});
  writer.Close().Open('a', "(sa(sv))").Close();
  Check(writer.Result(), "its arguments");
  ++open;
  Check(sd_bus_call_async(bus, nullptr, call, HearAnswer, &open, UINT64_MAX), "StartTransientUnit");
  sd_bus_message_unref(call);
}

int64_t Now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000} + now.tv_nsec / 1000;
}

int Run(int units) {
  sd_bus* bus = nullptr;
  Check(sd_bus_new(&bus), "a bus");
  Check(sd_bus_set_address(bus, "unix:path=/run/systemd/private"), "its address");
  Check(sd_bus_start(bus), "the service manager");
  std::cout << Now() << std::endl;
  int open = 0;
  std::string session;
  std::string user;
  while (std::cin >> session >> user) {
    for (int i = 0; i < units; ++i) {
      const std::string unit = "by-hand-" + session + "-" + std::to_string(i) + ".service";
      Start(bus, unit, OrderFor(session, user), open);
    }
  }
  while (open > 0) {
    const int processed = sd_bus_process(bus, nullptr);
    Check(processed, "the service manager's answers");
    if (processed == 0) Check(sd_bus_wait(bus, UINT64_MAX), "poll");
  }
  sd_bus_close_unref(bus);
  return 0;
}

}  // namespace
}  // namespace broker

int main(int argc, char** argv) {
  try {
    return broker::Run(argc > 1 ? std::stoi(argv[1]) : 1);
  } catch (const std::exception& error) {
    std::cerr << "units_by_hand: " << error.what() << "\n";
    return 1;
  }
}
