#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/raw_views.h"
#include "usher/plugin.hpp"
#include "usher/testing.hpp"

namespace {

using broker::testing::EmptyEvent;
using testing::ElementsAre;
using testing::IsEmpty;
using usher::Answer;
using usher::Completion;
using usher::testing::Completed;
using usher::testing::Driver;
using usher::testing::FakeHost;

/// What the plugin below does with an event. One test at a time.
std::function<Answer(const usher::Host&, const usher::Event&)> on_event;

class Asked final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;
  Answer OnEvent(const usher::Event& event) override { return on_event(host(), event); }
};

constexpr auto kNeeds = usher::detail::MakeNeeds(usher::AllEvents);
constexpr usher_plugin_descriptor kDescriptor = usher::detail::Describe<Asked>("a.b", "1", kNeeds);
constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<Asked>(&kDescriptor);

class AnAsyncPlugin : public testing::Test {
 protected:
  /// Lets OnEvent make a Completion, give it to `use`, and answer kPending.
  template <class Use>
  void Deliver(Use use) {
    on_event = [&use](const usher::Host& host, const usher::Event& event) {
      use(Completion(host, event));
      return Answer::kPending;
    };
    EXPECT_EQ(plugin_.Deliver(event_).status, USHER_PENDING);
  }

  FakeHost host_;
  Driver plugin_{host_, kEntry};
  const usher_event event_ = EmptyEvent(USHER_EVENT_SESSION_LOCKED, "session.locked", 5);
};

TEST_F(AnAsyncPlugin, AnswersWhatItsMethodReturns) {
  for (const Answer answer : {Answer::kDone, Answer::kPending, Answer::kRetry}) {
    on_event = [answer](const usher::Host&, const usher::Event&) { return answer; };
    EXPECT_EQ(plugin_.Deliver(event_).status, static_cast<usher_status>(answer));
  }
}

TEST_F(AnAsyncPlugin, FailsWithWhatItsMethodThrows) {
  on_event = [](const usher::Host&, const usher::Event&) -> Answer {
    throw std::runtime_error("no coffee");
  };
  const auto result = plugin_.Deliver(event_);
  EXPECT_EQ(result.status, USHER_ERROR);
  EXPECT_EQ(result.text, "no coffee");
}

TEST_F(AnAsyncPlugin, CompletesAnEventLaterFromAnotherThread) {
  Completion kept;
  Deliver([&kept](Completion completion) { kept = std::move(completion); });
  EXPECT_THAT(host_.Completions(), IsEmpty());
  EXPECT_EQ(kept.seq(), 5U);
  std::thread([&kept] { EXPECT_TRUE(kept.Done()); }).join();
  EXPECT_THAT(host_.Completions(), ElementsAre(Completed{5, USHER_OK, ""}));
}

TEST_F(AnAsyncPlugin, MayFailAnEventWithAReason) {
  Deliver([](Completion completion) {
    EXPECT_TRUE(completion.Fail(usher::Error(USHER_IO, "the disk is full")));
  });
  Deliver([](Completion completion) { EXPECT_TRUE(completion.Fail("no coffee")); });
  EXPECT_THAT(host_.Completions(), ElementsAre(Completed{5, USHER_IO, "the disk is full"},
                                               Completed{5, USHER_ERROR, "no coffee"}));
}

TEST_F(AnAsyncPlugin, FailsAnEventThatItForgets) {
  Deliver([](const Completion&) {});
  EXPECT_THAT(host_.Completions(),
              ElementsAre(Completed{5, USHER_ERROR,
                                    "The plugin dropped the event without completing it."}));
}

TEST_F(AnAsyncPlugin, EndsAnEventOnceOnly) {
  Deliver([](Completion completion) {
    EXPECT_TRUE(completion);
    EXPECT_TRUE(completion.Done());
    EXPECT_FALSE(completion);
    EXPECT_FALSE(completion.Done());
    EXPECT_FALSE(completion.Fail("too late"));
  });
  EXPECT_EQ(host_.Completions().size(), 1U);
}

TEST_F(AnAsyncPlugin, HandsTheDutyOnWithACompletionThatIsMoved) {
  Deliver([](Completion completion) {
    Completion taker(std::move(completion));
    EXPECT_TRUE(taker.Done());
  });
  EXPECT_THAT(host_.Completions(), ElementsAre(Completed{5, USHER_OK, ""}));
}

TEST_F(AnAsyncPlugin, FailsAnEventWhoseCompletionIsReplaced) {
  Completion kept;
  Deliver([&kept](Completion completion) { kept = std::move(completion); });
  kept = Completion();
  ASSERT_EQ(host_.Completions().size(), 1U);
  EXPECT_EQ(host_.Completions().front().status, USHER_ERROR);
}

TEST_F(AnAsyncPlugin, LearnsThatTheBrokerTakesACompletionNoMore) {
  host_.Fail("complete", USHER_STOPPED);
  Deliver([](Completion completion) { EXPECT_FALSE(completion.Done()); });
}

TEST(ADescriptor, SaysWhetherOwnEventsAreWanted) {
  EXPECT_EQ(kDescriptor.flags, 0U);
  static constexpr auto kOwn = usher::detail::MakeNeeds(usher::AllEvents, usher::OwnEvents());
  constexpr auto kAsking = usher::detail::Describe<Asked>("a.b", "1", kOwn);
  EXPECT_EQ(kAsking.flags, USHER_PLUGIN_WANTS_OWN_EVENTS);
  static constexpr auto kBoth = usher::detail::MakeNeeds(
      usher::AllEvents, usher::OwnEvents(), usher::Requires(USHER_EXT_STORAGE),
      usher::Optional(USHER_EXT_TIMER, USHER_EXT_EMIT));
  constexpr auto kAskingMore = usher::detail::Describe<Asked>("a.b", "1", kBoth);
  EXPECT_EQ(kAskingMore.flags, USHER_PLUGIN_WANTS_OWN_EVENTS);
  EXPECT_EQ(kAskingMore.required_extension_count, 1U);
  ASSERT_EQ(kAskingMore.optional_extension_count, 2U);
  EXPECT_STREQ(kAskingMore.optional_extensions[1], USHER_EXT_EMIT);
  EXPECT_EQ(kAskingMore.check_config, nullptr);
}

}  // namespace
