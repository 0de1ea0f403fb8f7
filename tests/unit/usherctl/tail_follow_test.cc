// Tail with --follow: what is appended while it runs.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <thread>

#include "eventlog/segments.h"
#include "tests/support/wait.h"
#include "tests/unit/usherctl/tail_fixture.h"
#include "tests/unit/usherctl/written_log.h"

namespace broker {
namespace {

using testing::Eventually;
using ::testing::HasSubstr;
using testing::Joined;
using ::testing::Not;
using testing::Tail;
using testing::WrittenLog;

// What has been flushed, for another thread to see.
class FlushedBuffer final : public std::streambuf {
 public:
  std::string Flushed() {
    const std::scoped_lock lock(mutex_);
    return flushed_;
  }

 protected:
  int_type overflow(int_type character) override {
    held_.push_back(traits_type::to_char_type(character));
    return character;
  }
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    held_.append(text, static_cast<size_t>(count));
    return count;
  }
  int sync() override {
    const std::scoped_lock lock(mutex_);
    flushed_ += held_;
    held_.clear();
    return 0;
  }

 private:
  std::string held_;
  std::mutex mutex_;
  std::string flushed_;
};

class FollowingTail : public Tail {
 protected:
  void Start() {
    options_.follow = true;
    options_.json = true;
    follower_ = std::thread([this] {
      Streams streams{out_, captured_.err, false};
      ended_ = RunTail(options_, *files_, streams, [this] { return stop_.load(); });
    });
  }
  std::string Flushed() { return flushed_.Flushed(); }
  bool Shows(const std::string& text) {
    return Eventually([&] { return Flushed() == text; });
  }
  int Stop() {
    stop_ = true;
    if (follower_.joinable()) follower_.join();
    return ended_;
  }
  ~FollowingTail() override { Stop(); }

 private:
  FlushedBuffer flushed_;
  std::ostream out_{&flushed_};
  std::atomic<bool> stop_{false};
  int ended_ = -1;
  std::thread follower_;
};

TEST_F(FollowingTail, ShowsEventsAsTheyAreAppended) {
  WrittenLog log(*files_, directory_.path());
  std::string all = Joined(log.AppendLogons(1, 2));
  Start();
  ASSERT_TRUE(Shows(all));
  for (int id = 3; id < 10; ++id) {
    all += Joined(log.AppendLogons(id, 2));
    ASSERT_TRUE(Shows(all)) << id;
  }
  EXPECT_EQ(Stop(), kExitDone);
}

TEST_F(FollowingTail, GoesOnIntoNewSegments) {
  WrittenLog log(*files_, directory_.path(), 1000);
  std::string all = Joined(log.AppendLogons(1, 1));
  Start();
  for (int id = 2; id < 30; ++id) all += Joined(log.AppendLogons(id, 1));
  ASSERT_TRUE(Shows(all));
  EXPECT_EQ(Stop(), kExitDone);
  EXPECT_EQ(Err(), "");
}

TEST_F(FollowingTail, BeginsBehindTheEndWhenItIsAskedForNone) {
  WrittenLog log(*files_, directory_.path());
  log.AppendLogons(1, 5);
  options_.last = 0;
  Start();
  // It is not known when it has found the end: what comes until it shows one may be before it.
  std::vector<std::string> appended;
  ASSERT_TRUE(Eventually([&] {
    appended = log.AppendLogons(6, 1);
    return !Flushed().empty();
  }));
  EXPECT_THAT(Flushed(), Not(HasSubstr("\"id\":\"5\"")));
  EXPECT_EQ(Stop(), kExitDone);
}

TEST_F(FollowingTail, ShowsOnlyWhatMatches) {
  WrittenLog log(*files_, directory_.path());
  log.AppendLogons(1, 3);
  options_.filter.types = {"broker.*"};
  Start();
  log.AppendLogons(4, 3);
  const auto started =
      log.Append({MakeBrokerEvent(EventType::kBrokerStarted, {testing::kMorning, 0})});
  ASSERT_TRUE(Shows(Joined(started)));
  EXPECT_EQ(Stop(), kExitDone);
}

TEST_F(FollowingTail, GoesOnAsAPluginDoes) {
  const testing::TempDirectory cursors;
  const auto acknowledge = [&](int seq) {
    std::ofstream(cursors / "new") << seq << "\n";
    std::filesystem::rename(cursors / "new", cursors / "hooks");
  };
  WrittenLog log(*files_, directory_.path());
  const auto lines = log.AppendLogons(1, 8);
  acknowledge(2);
  options_.follow_plugin = "hooks";
  options_.cursors_directory = cursors.path();
  Start();
  ASSERT_TRUE(Shows(Joined({lines[0], lines[1]})));
  acknowledge(3);
  ASSERT_TRUE(Shows(Joined({lines[0], lines[1], lines[2]})));
  std::filesystem::remove(cursors / "hooks");
  acknowledge(8);
  ASSERT_TRUE(Shows(Joined(lines)));
  EXPECT_EQ(Stop(), kExitDone);
  EXPECT_EQ(Err(), "");
}

TEST_F(FollowingTail, GoesOnWhereTheLogWasBegunAnew) {
  auto log = std::make_unique<WrittenLog>(*files_, directory_.path());
  std::string all = Joined(log->AppendLogons(1, 3));
  Start();
  ASSERT_TRUE(Shows(all));
  log.reset();
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    std::filesystem::remove_all(entry);
  }
  log = std::make_unique<WrittenLog>(*files_, directory_.path());
  all += Joined(log->AppendLogons(7, 2));
  ASSERT_TRUE(Shows(all));
  EXPECT_EQ(Stop(), kExitDone);
}

TEST_F(FollowingTail, SaysWhatWasTakenBeforeItCameToIt) {
  WrittenLog log(*files_, directory_.path(), 1);
  std::string all = Joined(log.AppendLogons(1, 1));
  const testing::TempDirectory cursors;
  std::ofstream(cursors / "hooks") << "1\n";
  options_.follow_plugin = "hooks";
  options_.cursors_directory = cursors.path();
  Start();
  ASSERT_TRUE(Shows(all));
  for (int id = 2; id <= 4; ++id) log.AppendLogons(id, 1);
  all += Joined(log.AppendLogons(5, 1));
  for (const Seq seq : {2, 3, 4}) {
    std::filesystem::remove(PathIn(directory_.path(), SegmentName(seq)));
  }
  std::ofstream(cursors / "new") << "5\n";
  std::filesystem::rename(cursors / "new", cursors / "hooks");
  ASSERT_TRUE(Shows(all));
  EXPECT_EQ(Stop(), kExitDone);
  EXPECT_EQ(Err(), "usherctl: events 2 to 4 are no longer in the log\n");
}

TEST_F(FollowingTail, SaysHowFarItWentWhenItIsEnded) {
  WrittenLog log(*files_, directory_.path());
  std::string all = Joined(log.AppendLogons(1, 2));
  options_.show_cursor = true;
  Start();
  ASSERT_TRUE(Shows(all));
  all += Joined(log.AppendLogons(3, 2));
  ASSERT_TRUE(Shows(all));
  EXPECT_EQ(Stop(), kExitDone);
  EXPECT_EQ(Flushed(), all + "-- cursor: 4\n");
}

TEST_F(FollowingTail, WaitsForTheFirstEventOfAnEmptyLog) {
  WrittenLog log(*files_, directory_.path());
  options_.filter.users = {"alice"};
  Start();
  ASSERT_TRUE(Shows(Joined(log.AppendLogons(1, 1))));
  EXPECT_EQ(Stop(), kExitDone);
}

}  // namespace
}  // namespace broker
