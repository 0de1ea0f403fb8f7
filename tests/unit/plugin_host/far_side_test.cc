// The calls that go both ways between a plugin's process and the broker.
#include "isolation/far_side.h"

#include <sys/syscall.h>

#include <atomic>

#include "tests/support/end_child.h"
#include "tests/support/forbid_call.h"

namespace broker {
namespace {

constexpr uint64_t kRequest = 1;
constexpr uint64_t kAnswer = 2;
constexpr auto kNever = Condition::TimePoint::max();

/// Says what it was given, and keeps what it is told.
class ScriptedChannel : public Channel {
 public:
  explicit ScriptedChannel(std::string said = "") : said_(std::move(said)) {}

  Status Write(std::string_view bytes) override {
    const MutexLock lock(mutex_);
    told_.append(bytes);
    return {};
  }
  Result<size_t> Read(std::span<char> into, Condition::TimePoint) override {
    const size_t size = std::min(into.size(), said_.size());
    std::copy_n(said_.begin(), size, into.begin());
    said_.erase(0, size);
    return size;
  }
  void Shutdown() noexcept override {}

  [[nodiscard]] std::string Told() {
    const MutexLock lock(mutex_);
    return told_;
  }

 private:
  Mutex mutex_;
  std::string said_;
  std::string told_ USHER_GUARDED_BY(mutex_);
};

/// What the other side sends to have something done on a thread of its own.
std::string AskedApart(uint64_t id) {
  ScriptedChannel wire;
  MessageWriter message;
  message.Number(kRequest).Number(id).Number(static_cast<uint64_t>(CallLane::kApart)).Text("");
  EXPECT_TRUE(MessageChannel(wire).Send(message).ok());
  return wire.Told();
}

/// The call that the one message `told` answers; 0 where it is no answer.
uint64_t AnsweredIn(const std::string& told) {
  ScriptedChannel wire(told);
  const Result<std::string> message = MessageChannel(wire).Receive(kNever);
  if (!message.ok()) return 0;
  MessageReader reader(message.value());
  return reader.Number() == kAnswer ? reader.Number() : 0;
}

class ACallToBeMadeApart : public ::testing::Test {
 protected:
  MessageWriter Note(std::atomic<int>& calls) {
    ++calls;
    return {};
  }

  std::atomic<int> made_ = 0;
  std::atomic<int> made_apart_ = 0;
  const FarSide::Handler here_ = [this](MessageReader&) { return Note(made_); };
  const FarSide::Handler apart_ = [this](MessageReader&) { return Note(made_apart_); };
};

TEST_F(ACallToBeMadeApart, IsMadeByWhoSaysHow) {
  ScriptedChannel channel(AskedApart(7));
  FarSide(channel, here_, apart_).Serve();
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(made_apart_, 1);
  EXPECT_EQ(AnsweredIn(channel.Told()), 7U);
}

TEST_F(ACallToBeMadeApart, IsNotMadeByAnybodyElse) {
  ScriptedChannel channel(AskedApart(7));
  FarSide(channel, here_).Serve();
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(AnsweredIn(channel.Told()), 7U) << "who asks does not wait for ever";
}

/// Who reads it can start no more threads.
class ExhaustingChannel final : public ScriptedChannel {
 public:
  using ScriptedChannel::ScriptedChannel;
  Result<size_t> Read(std::span<char> into, Condition::TimePoint deadline) override {
    testing::Forbid(SYS_clone3);
    return ScriptedChannel::Read(into, deadline);
  }
};

TEST_F(ACallToBeMadeApart, IsNotMadeWhereNoThreadIsToBeHad) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto body = [this] {
    ExhaustingChannel channel(AskedApart(7));
    FarSide(channel, here_, apart_).Serve();
    EXPECT_EQ(made_ + made_apart_, 0);
    EXPECT_EQ(AnsweredIn(channel.Told()), 7U);
    testing::EndChild();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace broker
