#include "dispatch/skip_watch.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

class ASkipWatch : public ::testing::Test {
 protected:
  void Name(Seq seq, Seq from, Seq to, const std::string& instance = "me") {
    Event event = MakeBrokerEvent(
        EventType::kPluginSkipped, {},
        {{"instance", instance}, {"from", std::to_string(from)}, {"to", std::to_string(to)}});
    event.seq = seq;
    const Event* const events[] = {&event};
    watch_.Note(events);
  }

  SkipWatch watch_{"me"};
};

TEST_F(ASkipWatch, HoldsACursorBackUntilTheEventThatNamesTheSkipIsOnTheDisk) {
  EXPECT_EQ(watch_.Bound(20, 50), 20U);
  watch_.Add(11);
  EXPECT_EQ(watch_.Bound(20, 50), 10U);
  Name(60, 11, 15);
  EXPECT_EQ(watch_.Bound(20, 59), 10U);
  EXPECT_EQ(watch_.Bound(20, 60), 20U);
}

TEST_F(ASkipWatch, IsNotDeceivedByTheSkipsOfOthers) {
  watch_.Add(11);
  Name(60, 11, 15, "another");
  Name(61, 12, 15);
  Name(62, 5, 10);
  EXPECT_EQ(watch_.Bound(20, 99), 10U);
}

TEST_F(ASkipWatch, KnowsThatSeveralAreNamedAsAWhole) {
  for (const Seq from : {11, 21, 31, 41}) watch_.Add(from);
  Name(60, 11, 12);
  Name(70, 21, 35);
  EXPECT_EQ(watch_.Bound(50, 69), 20U);
  EXPECT_EQ(watch_.Bound(50, 70), 40U) << "of the last one nobody has told yet";
}

TEST_F(ASkipWatch, GoesByTheFirstEventThatNamesASkip) {
  watch_.Add(11);
  Name(60, 11, 12);
  Name(70, 1, 35);
  EXPECT_EQ(watch_.Bound(20, 60), 20U);
}

}  // namespace
}  // namespace broker
