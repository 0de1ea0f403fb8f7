#include "plugin_host/batch_views.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace broker {
namespace {

constexpr size_t kMany = BatchPool::kLeastEvents;
const auto kBoot = std::make_shared<const std::string>("b00");

SessionRef SessionOf(const std::string& id, Locked locked) {
  SessionFacts session;
  session.id = id;
  session.user = "ada";
  session.locked = locked;
  return std::make_shared<const Session>(session);
}

/// Each with a session of its own, every other one with a detail.
std::vector<Event> LocksOf(size_t count) {
  std::vector<Event> events(count);
  for (size_t i = 0; i < count; ++i) {
    events[i].type = EventType::kSessionLocked;
    events[i].before = SessionOf(std::to_string(i), Locked::kNo);
    events[i].session = SessionOf(std::to_string(i), Locked::kYes);
    if (i % 2 == 0) events[i].details = {{"number", std::to_string(i)}};
  }
  return events;
}

/// Batches as the log makes them, with a pool for the large ones.
class ABatch : public ::testing::Test {
 protected:
  BatchRef Make(std::vector<Event> events, Seq first = 7) {
    std::shared_ptr<Batch> batch = MakeBatch(encoder_, std::move(events), first, kBoot, 0, pool_);
    batch->Share();
    return batch;
  }
  static DeliveredEvent Delivered(const Batch& batch, size_t index) {
    return {batch.events[index], batch.Line(index), *batch.boot_id, false, false, {}, &batch};
  }

  EventEncoder encoder_;
  std::shared_ptr<BatchPool> pool_ = std::make_shared<BatchPool>();
};

using ALargeBatch = ABatch;
using ASmallBatch = ABatch;

TEST_F(ALargeBatch, IsShownToAllByTheSameViews) {
  const BatchRef batch = Make(LocksOf(kMany));
  EventView one;
  EventView other;
  for (size_t i = 0; i < kMany; ++i) {
    const usher_event& event = one.Show(Delivered(*batch, i));
    EXPECT_EQ(&event, &other.Show(Delivered(*batch, i)));
  }
}

TEST_F(ALargeBatch, IsShownWithAllThatIsInIt) {
  const BatchRef batch = Make(LocksOf(kMany));
  EventView view;
  for (size_t i = 0; i < kMany; ++i) {
    const usher_event& event = view.Show(Delivered(*batch, i));
    const std::string number = std::to_string(i);
    EXPECT_EQ(event.seq, 7 + i);
    EXPECT_EQ(event.json, batch->Line(i).data());
    EXPECT_STREQ(event.boot_id, "b00");
    EXPECT_EQ(event.session->id, number);
    EXPECT_EQ(event.session->locked, USHER_LOCKED_YES);
    EXPECT_EQ(event.before->id, number);
    EXPECT_EQ(event.before->locked, USHER_LOCKED_NO);
    ASSERT_EQ(event.detail_count, i % 2 == 0 ? 1U : 0U);
    if (event.detail_count != 0) {
      EXPECT_EQ(event.details[0]->value, number);
    }
  }
}

TEST_F(ALargeBatch, IsShownBySeveralThreadsAtOnce) {
  const BatchRef batch = Make(LocksOf(kMany));
  std::vector<const usher_event*> shown(4);
  std::vector<std::thread> threads;
  for (const usher_event*& event : shown) {
    threads.emplace_back([&event, &batch] { event = &EventView().Show(Delivered(*batch, 1)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const usher_event* event : shown) {
    EXPECT_EQ(event, shown.front());
    EXPECT_STREQ(event->session->id, "1");
  }
}

TEST_F(ALargeBatch, IsShownByViewsThatKeepNothingOfAnOlderOne) {
  const auto show_first = [](const Batch& batch) -> const usher_event& {
    return BatchViews::Show(Delivered(batch, 0));
  };
  const usher_event* old = &show_first(*Make(LocksOf(kMany)));
  const BatchRef batch = Make(std::vector<Event>(kMany), 7 + kMany);
  const usher_event& event = show_first(*batch);
  EXPECT_EQ(&event, old) << "the room is not used again";
  EXPECT_EQ(event.seq, 7 + kMany);
  EXPECT_EQ(event.session, nullptr);
  EXPECT_EQ(event.before, nullptr);
  EXPECT_EQ(event.detail_count, 0U);
}

TEST_F(ALargeBatch, IsShownToOneInstanceAloneWhereItIsFlaggedForThatOne) {
  const BatchRef batch = Make(LocksOf(kMany));
  DeliveredEvent again = Delivered(*batch, 1);
  again.redelivered = true;
  DeliveredEvent unlogged = Delivered(*batch, 1);
  unlogged.unlogged = true;
  EventView view;
  EXPECT_EQ(view.Show(Delivered(*batch, 1)).flags, 0U);
  EXPECT_EQ(view.Show(again).flags, USHER_FLAG_REDELIVERED);
  EXPECT_EQ(view.Show(unlogged).flags, USHER_FLAG_UNLOGGED);
  EXPECT_EQ(view.Show(Delivered(*batch, 1)).flags, 0U);
}

TEST_F(ASmallBatch, IsNotShownWhole) {
  const BatchRef batch = Make(LocksOf(2));
  EventView one;
  EventView other;
  EXPECT_NE(&one.Show(Delivered(*batch, 0)), &other.Show(Delivered(*batch, 0)));
}

}  // namespace
}  // namespace broker
