#include "eventlog/event_ring.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace broker {
namespace {

std::shared_ptr<Batch> BatchOf(size_t events, Seq first) {
  EventEncoder encoder;
  return MakeBatch(encoder, std::vector<Event>(events), first,
                   std::make_shared<const std::string>("boot"));
}

TEST(ABatchThatFellOffTheRing, IsNotFoundAndFreedByTheNextReader) {
  EventRing ring;
  std::shared_ptr<Batch> batch = BatchOf(2, 1);
  const std::weak_ptr<Batch> oldest = batch;
  ring.Push(std::move(batch));
  ring.Push(BatchOf(1, 3));
  ring.PopFront();
  EXPECT_EQ(ring.Find(2), nullptr);
  EXPECT_EQ(ring.Find(3)->First(), 3U);
  EXPECT_FALSE(oldest.expired());
  ring.FreeFallen();
  EXPECT_TRUE(oldest.expired());
}

TEST(ABatchThatFellOffTheRing, IsFreedByTheNextOneIfThereIsNoReader) {
  EventRing ring;
  std::vector<std::weak_ptr<Batch>> batches;
  for (Seq seq = 1; seq <= 3; ++seq) {
    std::shared_ptr<Batch> batch = BatchOf(1, seq);
    batches.emplace_back(batch);
    ring.Push(std::move(batch));
  }
  ring.PopFront();
  ring.PopFront();
  EXPECT_TRUE(batches[0].expired());
  EXPECT_FALSE(batches[1].expired());
  EXPECT_FALSE(batches[2].expired());
}

}  // namespace
}  // namespace broker
