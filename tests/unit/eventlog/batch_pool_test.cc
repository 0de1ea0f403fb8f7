#include "eventlog/batch_pool.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/batch.h"

namespace broker {
namespace {

const auto kBoot = std::make_shared<const std::string>("boot");

std::shared_ptr<Batch> BatchOf(size_t events, const std::shared_ptr<BatchPool>& pool) {
  EventEncoder encoder;
  return MakeBatch(encoder, std::vector<Event>(events), 1, kBoot, 0, pool);
}

TEST(ALargeBatchThatNobodyReads, LeavesItsMemoryToTheNext) {
  const auto pool = std::make_shared<BatchPool>();
  const void* const text = BatchOf(BatchPool::kLeastEvents, pool)->text.data();
  const auto next = BatchOf(BatchPool::kLeastEvents, pool);
  EXPECT_EQ(next->text.data(), text);
  EXPECT_EQ(next->ends.size(), BatchPool::kLeastEvents);
  EXPECT_TRUE(next->Line(0).starts_with(R"({"seq":1,)"));
  const std::vector<Event> room = pool->TakeEvents();
  EXPECT_GE(room.capacity(), BatchPool::kLeastEvents);
  EXPECT_TRUE(room.empty());
}

TEST(ALargeBatchThatNobodyReads, LeavesItsReadersNotesToTheNext) {
  const auto pool = std::make_shared<BatchPool>();
  const auto batch = BatchOf(BatchPool::kLeastEvents, pool);
  const ReaderNotes& notes = batch->notes.Get([] { return std::make_unique<ReaderNotes>(); });
  EXPECT_EQ(&batch->notes.Get([]() -> std::unique_ptr<ReaderNotes> { return nullptr; }), &notes);
  EXPECT_EQ(pool->TakeNotes(), nullptr);
  pool->Give({}, {}, batch->notes.Take());
  EXPECT_EQ(pool->TakeNotes().get(), &notes);
}

TEST(WhatIsWrittenOverAnOldText, LeavesNothingOfThat) {
  const auto pool = std::make_shared<BatchPool>();
  EventEncoder encoder;
  std::vector<Event> events(BatchPool::kLeastEvents);
  for (Event& event : events) event.reason = "long enough to be longer";
  MakeBatch(encoder, std::move(events), 1, kBoot, 0, pool).reset();
  const auto next = BatchOf(BatchPool::kLeastEvents, pool);
  EXPECT_EQ(next->text, BatchOf(BatchPool::kLeastEvents, nullptr)->text);
}

TEST(ASmallBatch, TakesNoMoreMemoryThanItNeeds) {
  const auto pool = std::make_shared<BatchPool>();
  BatchOf(BatchPool::kLeastEvents, pool).reset();
  const auto small = BatchOf(2, pool);
  EXPECT_LT(small->text.capacity(), 2 * small->text.size());
  EXPECT_EQ(small->pool, nullptr);
}

TEST(APool, KeepsNothingOnceItIsCleared) {
  BatchPool pool;
  std::vector<Event> events;
  events.reserve(1000);
  BatchLines lines;
  lines.text.reserve(1000);
  pool.Give(std::move(events), std::move(lines), std::make_unique<ReaderNotes>());
  pool.Clear();
  EXPECT_EQ(pool.TakeNotes(), nullptr);
  EXPECT_EQ(pool.TakeEvents().capacity(), 0U);
  EXPECT_LT(pool.TakeLines().text.capacity(), 1000U);
}

}  // namespace
}  // namespace broker
