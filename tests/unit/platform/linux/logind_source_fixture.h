#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/linux/logind_source.h"
#include "tests/support/wait.h"
#include "tests/unit/platform/linux/fake_logind.h"

namespace broker::testing {

class Recorded final : public RawSink {
 public:
  void Submit(RawEvent raw) noexcept override {
    const std::lock_guard lock(mutex_);
    reports_.push_back(std::move(raw));
  }
  std::vector<RawEvent> All() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<RawEvent> reports_;
};

class Said final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view text) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
  }
  std::vector<std::string> Lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class LogindSourceFixture : public ::testing::Test {
 protected:
  ~LogindSourceFixture() override { source_.Stop(); }

  void Start() {
    ASSERT_TRUE(source_.Start(sink_).ok());
    ASSERT_TRUE(Saw(RawKind::kSnapshot, 1));
  }

  void PutClosing(const std::string& id) {
    PropertyMap facts = FakeLogind::Facts("alice");
    facts["State"] = std::string("closing");
    logind_.Put(id, facts);
  }

  void Remember(const std::string& id, int64_t created_us) {
    SessionFacts facts;
    facts.id = id;
    facts.created_us = created_us;
    source_.Remember({std::make_shared<const Session>(facts)});
  }

  std::vector<RawEvent> Reports(RawKind kind) const {
    std::vector<RawEvent> reports = sink_.All();
    reports.erase(std::remove_if(reports.begin(), reports.end(),
                                 [kind](const RawEvent& raw) { return raw.kind != kind; }),
                  reports.end());
    return reports;
  }

  /// Waits until that many reports of this kind have come.
  bool Saw(RawKind kind, size_t count) {
    return Eventually([&] { return Reports(kind).size() >= count; });
  }

  /// A report that comes behind all that was caused before: nothing else is on its way then.
  void Settle() {
    const size_t before = Reports(RawKind::kLockRequested).size();
    logind_.Say(LogindSays::kLock, "fence");
    ASSERT_TRUE(Saw(RawKind::kLockRequested, before + 1));
  }

  FakeLogind logind_;
  Said said_;
  Recorded sink_;
  LogindSource source_{logind_.Connector(), said_};
};

}  // namespace broker::testing
