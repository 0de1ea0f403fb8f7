#include "outbox.h"

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/wait.h"
#include "usher/testing.hpp"

namespace {

using journald::Outbox;
using testing::ElementsAre;
using usher::Answer;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;
using usher::testing::RawEvent;

/// A journal that answers as it is told to, then well.
class ScriptedJournal {
 public:
  explicit ScriptedJournal(std::deque<std::errc> answers) : answers_(std::move(answers)) {}

  std::error_code Send(const std::string& record) {
    const std::lock_guard lock(mutex_);
    attempts_.push_back(record);
    if (answers_.empty()) return {};
    const std::errc answer = answers_.front();
    answers_.pop_front();
    return answer == std::errc() ? std::error_code() : std::make_error_code(answer);
  }

  [[nodiscard]] std::vector<std::string> Attempts() const {
    const std::lock_guard lock(mutex_);
    return attempts_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::errc> answers_;
  std::vector<std::string> attempts_;
};

class TheOutbox : public testing::Test {
 protected:
  void Open(std::deque<std::errc> answers) {
    journal_.emplace(std::move(answers));
    outbox_.emplace(usher::Host(host_.raw()),
                    [this](const std::string& record) { return journal_->Send(record); });
  }
  Answer Post(const std::string& record) {
    return outbox_->Post(record, usher::Event(event_.raw()));
  }
  void WaitForAttempts(size_t count) {
    ASSERT_TRUE(broker::testing::Eventually([&] { return journal_->Attempts().size() >= count; }));
  }

  FakeHost host_;
  const RawEvent event_{MakeEvent(usher::EventType::kSessionLogon)};
  std::optional<ScriptedJournal> journal_;
  std::optional<Outbox> outbox_;
};

TEST_F(TheOutbox, AnswersAtOnceWhatTheJournalTakesAtOnce) {
  Open({});
  EXPECT_EQ(Post("a"), Answer::kDone);
  EXPECT_EQ(Post("b"), Answer::kDone);
  EXPECT_THAT(journal_->Attempts(), ElementsAre("a", "b"));
}

TEST_F(TheOutbox, TriesTheOldestAgainWhateverIsTheMatter) {
  Open({std::errc::permission_denied, std::errc::not_enough_memory, std::errc::too_many_files_open,
        std::errc::connection_refused});
  EXPECT_EQ(Post("a"), Answer::kPending);
  WaitForAttempts(5);
  EXPECT_THAT(journal_->Attempts(), ElementsAre("a", "a", "a", "a", "a"));
}

TEST_F(TheOutbox, GoesOnWhereItStopped) {
  constexpr auto kFull = std::errc::resource_unavailable_try_again;
  Open({kFull, kFull, kFull, kFull, kFull, kFull, std::errc(), kFull});
  EXPECT_EQ(Post("a"), Answer::kPending);
  EXPECT_EQ(Post("b"), Answer::kPending);
  WaitForAttempts(9);
  EXPECT_THAT(journal_->Attempts(), ElementsAre("a", "a", "a", "a", "a", "a", "a", "b", "b"));
}

TEST_F(TheOutbox, TriesOnceMoreWhenItIsStopped) {
  // So many that the next attempt of its own is half a second away.
  Open(std::deque<std::errc>(9, std::errc::connection_refused));
  EXPECT_EQ(Post("a"), Answer::kPending);
  WaitForAttempts(9);
  outbox_->Stop();
  EXPECT_EQ(journal_->Attempts().size(), 10);
}

}  // namespace
