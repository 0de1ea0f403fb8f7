#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "machine.h"

namespace agents::testing {

/// The machine of one agent in one place, and its time.
class AMachine : public ::testing::Test {
 protected:
  AMachine() { rules_.jitter = 0; }

  Action Wants(bool wanted, bool connected = true, const std::string& target = "anna") {
    want_ = {wanted, connected, target, wanted ? "" : "it waits for a logon"};
    return machine_.Wants(now_, want_);
  }
  Action Happened(usher::EventType type) { return machine_.Wants(now_, want_, type); }
  Action Started(int64_t pid = 7) {
    News news;
    news.pid = pid;
    return machine_.Told(now_, news);
  }
  Action Ended(usher::LaunchChange change = usher::LaunchChange::kExited, int32_t code = 1) {
    News news;
    news.change = change;
    news.code = code;
    news.meaning = "it exited with code " + std::to_string(code);
    return machine_.Told(now_, news);
  }
  Action Failed(usher::Remedy remedy, usher::EventType until = usher::EventType::kUnknown) {
    News news;
    news.change = usher::LaunchChange::kFailed;
    news.meaning = "no way";
    news.advice = "find one";
    news.remedy = remedy;
    news.until = until;
    return machine_.Told(now_, news);
  }
  /// Lets time pass, at most until something is to be done; what that is.
  Action Wait(Moment time) {
    const auto due = machine_.Due();
    if (!due || *due > now_ + time) {
      now_ += time;
      return machine_.Tick(now_);
    }
    now_ = std::max(now_, *due);
    return machine_.Tick(now_);
  }
  /// From the last end to the next try; nothing: there is none.
  [[nodiscard]] std::optional<Moment> Delay() const {
    if (!machine_.Due()) return std::nullopt;
    return *machine_.Due() - now_;
  }
  /// It is launched, runs for `time`, and exits with code 1.
  Action RunsFor(Moment time) {
    EXPECT_EQ(State(), usher::AgentState::kLaunching);
    Started();
    now_ += time;
    return Ended();
  }
  [[nodiscard]] usher::AgentState State() const { return machine_.Describe().state; }
  [[nodiscard]] std::string Reason() const { return machine_.Describe().reason; }

  Moment now_ = std::chrono::minutes(1);
  Want want_;
  Rules rules_;
  Machine::Random random_{1};
  Machine machine_{rules_, random_};
};

}  // namespace agents::testing
