// Drives the launcher from outside: reads a command a line from standard input, as JSON, and writes
// what becomes of agents to standard output, a line each. Ends with its input.
//
//   {"do": "start", "agent": …, "instance": …, "session": {"id", "user_id", "created_us", "key"},
//    "program": …, "arguments": […], …}    answers {"news": "asked", "launch": N}
//   {"do": "stop" | "release", "launch": N}
//   {"do": "settle", "instance": …}
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "action/launcher.h"
#include "event/mutex.h"

namespace json = boost::json;
using broker::LaunchId;

namespace {

/// Says all that there is to say, a line each, whoever says it.
class Teller final : public broker::LaunchListener, public broker::Diagnostics {
 public:
  void Started(LaunchId launch, broker::LaunchStart start) noexcept override {
    Say({{"news", "started"},
         {"launch", launch},
         {"pid", start.pid},
         {"adopted", start.adopted},
         {"duration_us", start.duration.count()},
         {"at_us", Now()}});
  }
  void Ended(LaunchId launch, broker::LaunchEnd end) noexcept override {
    Say({{"news", Name(end.kind)},
         {"launch", launch},
         {"code", end.code},
         {"meaning", end.meaning},
         {"duration_us", end.duration.count()},
         {"stage", end.kind == broker::LaunchEndKind::kFailed ? Name(end.failure.stage) : ""},
         {"call", end.failure.call},
         {"remedy", end.kind == broker::LaunchEndKind::kFailed ? Name(end.failure.remedy) : ""},
         {"at_us", Now()}});
  }
  void Log(broker::Severity, std::string_view, std::string_view text) noexcept override {
    Say({{"news", "log"}, {"text", text}});
  }

  void Say(const json::object& line) {
    const broker::MutexLock lock(mutex_);
    Print(line);
  }
  /// Starts an agent; which one that is stands before all news of it.
  template <class Start>
  void SayAsked(Start&& start) {
    const broker::MutexLock lock(mutex_);
    Print({{"news", "asked"}, {"launch", start()}});
  }

 private:
  static void Print(const json::object& line) { std::cout << json::serialize(line) << std::endl; }
  static int64_t Now() { return broker::SystemClock().Now().monotonic_us; }

  broker::Mutex mutex_;
};

std::string TextOf(const json::object& from, const char* name) {
  const json::value* const found = from.if_contains(name);
  return found == nullptr ? "" : std::string(found->as_string());
}

int64_t NumberOf(const json::object& from, const char* name, int64_t otherwise = 0) {
  const json::value* const found = from.if_contains(name);
  return found == nullptr ? otherwise : found->to_number<int64_t>();
}

bool Is(const json::object& from, const char* name) {
  return NumberOf(from, name) != 0;
}

broker::SessionRef SessionOf(const json::object& from) {
  broker::SessionFacts facts;
  facts.id = TextOf(from, "id");
  facts.user_id = TextOf(from, "user_id");
  facts.key = TextOf(from, "key");
  facts.session_class = TextOf(from, "class");
  facts.type = TextOf(from, "type");
  facts.created_us = NumberOf(from, "created_us");
  return std::make_shared<const broker::Session>(facts);
}

broker::LaunchOrder OrderOf(const json::object& from) {
  broker::LaunchOrder order;
  order.instance = TextOf(from, "instance");
  order.agent = TextOf(from, "agent");
  order.session = SessionOf(from.at("session").as_object());
  order.program = TextOf(from, "program");
  for (const json::value& argument : from.at("arguments").as_array()) {
    order.arguments.emplace_back(argument.as_string());
  }
  order.directory = TextOf(from, "directory");
  if (const json::value* const others = from.if_contains("others")) {
    for (const json::value& each : others->as_array()) {
      order.others.push_back(SessionOf(each.as_object()));
    }
  }
  if (Is(from, "of_user")) order.scope = broker::LaunchScope::kUser;
  if (Is(from, "as_system")) order.token = broker::TokenKind::kSystem;
  order.keep = NumberOf(from, "keep", 1) != 0;
  order.stop_time = std::chrono::milliseconds(NumberOf(from, "stop_ms", 5000));
  order.limits.memory_bytes = static_cast<uint64_t>(NumberOf(from, "memory"));
  order.limits.tasks = static_cast<uint64_t>(NumberOf(from, "tasks"));
  order.limits.open_files = static_cast<uint64_t>(NumberOf(from, "files"));
  order.limits.cpu_percent = static_cast<uint64_t>(NumberOf(from, "cpu"));
  order.ready.display = Is(from, "ready_display");
  order.ready.user_bus = Is(from, "ready_bus");
  order.ready.runtime_directory = Is(from, "ready_runtime");
  order.ready.profile = Is(from, "ready_profile");
  order.ready.timeout = std::chrono::milliseconds(NumberOf(from, "ready_ms"));
  if (const json::value* const variables = from.if_contains("variables")) {
    for (const auto& [name, value] : variables->as_object()) {
      order.variables.emplace_back(name, value.as_string());
    }
  }
  return order;
}

void Obey(const json::object& command, broker::Launcher& launcher,
          const std::shared_ptr<Teller>& teller) {
  const std::string what = TextOf(command, "do");
  const auto launch = static_cast<LaunchId>(NumberOf(command, "launch"));
  if (what == "start") {
    teller->SayAsked([&] { return launcher.Start(OrderOf(command), teller); });
  } else if (what == "stop") {
    launcher.Stop(launch);
  } else if (what == "release") {
    launcher.Release(launch);
  } else if (what == "settle") {
    launcher.Settle(TextOf(command, "instance"));
  } else {
    teller->Say({{"news", "unknown command"}, {"text", what}});
  }
}

}  // namespace

int main() {
  const auto teller = std::make_shared<Teller>();
  const broker::SystemClock clock;
  const auto launcher = broker::CreateLauncher(false, {clock, *teller});
  std::string line;
  while (std::getline(std::cin, line)) {
    Obey(json::parse(line).as_object(), *launcher, teller);
  }
}
