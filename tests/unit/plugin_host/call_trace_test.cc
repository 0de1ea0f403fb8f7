#include "plugin_host/call_trace.h"

#include <thread>

#include <gmock/gmock.h>

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TracedCall CallOf(Seq seq) {
  return {1, PluginCall::kOnEvent, seq, microseconds(5), "ok"};
}

TEST(ACallTrace, IsWantedOnceSomebodyReads) {
  CallTrace trace;
  EXPECT_FALSE(trace.Wanted());
  trace.Read(0, milliseconds(0));
  EXPECT_TRUE(trace.Wanted());
}

TEST(ACallTrace, BeginsWithTheCallsFromNowOn) {
  CallTrace trace;
  trace.Add(CallOf(1));
  const TracePage first = trace.Read(0, milliseconds(0));
  EXPECT_THAT(first.calls, IsEmpty());
  EXPECT_THAT(trace.Read(first.next, milliseconds(0)).calls, IsEmpty());
  trace.Add(CallOf(2));
  trace.Add(CallOf(3));
  const TracePage second = trace.Read(first.next, milliseconds(0));
  EXPECT_THAT(second.calls, ElementsAre(CallOf(2), CallOf(3)));
  EXPECT_EQ(second.lost, 0U);
  EXPECT_THAT(trace.Read(second.next, milliseconds(0)).calls, IsEmpty());
}

TEST(ACallTrace, WaitsForTheNextCall) {
  CallTrace trace;
  const uint64_t next = trace.Read(0, milliseconds(0)).next;
  std::thread caller([&trace] { trace.Add(CallOf(1)); });
  EXPECT_THAT(trace.Read(next, std::chrono::minutes(1)).calls, ElementsAre(CallOf(1)));
  caller.join();
}

TEST(ACallTrace, SaysHowManyCallsCameTooFast) {
  CallTrace trace;
  const uint64_t next = trace.Read(0, milliseconds(0)).next;
  for (Seq seq = 1; seq <= CallTrace::kKept + 7; ++seq) trace.Add(CallOf(seq));
  const TracePage page = trace.Read(next, milliseconds(0));
  EXPECT_EQ(page.lost, 7U);
  ASSERT_EQ(page.calls.size(), CallTrace::kKept);
  EXPECT_EQ(page.calls.front(), CallOf(8));
}

TEST(ACallTrace, SaysHowManyCallsAReaderHasMissedWhoWasAway) {
  CallTrace trace;
  trace.Pass();
  const uint64_t next = trace.Read(0, milliseconds(0)).next;
  trace.Add(CallOf(1));
  for (Seq seq = 2; seq <= 5; ++seq) trace.Pass();
  const TracePage page = trace.Read(next, milliseconds(0));
  EXPECT_EQ(page.lost, 5U) << "what was kept went with what was not";
  EXPECT_THAT(page.calls, IsEmpty());
  trace.Pass();
  trace.Add(CallOf(7));
  const TracePage later = trace.Read(page.next, milliseconds(0));
  EXPECT_EQ(later.lost, 1U);
  EXPECT_THAT(later.calls, ElementsAre(CallOf(7)));
}

TEST(ACallTrace, BeginsAnewForAReaderOfAnotherTrace) {
  CallTrace trace;
  trace.Add(CallOf(1));
  EXPECT_THAT(trace.Read(999, milliseconds(0)).calls, IsEmpty());
}

}  // namespace
}  // namespace broker
