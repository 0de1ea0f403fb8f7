#include "event/detail_number.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

TEST(ANumberInADetail, IsItsBeginning) {
  Event event;
  event.details = {
      {"from", "12"}, {"delay", "5 s"}, {"less", "-3"}, {"word", "many"}, {"none", ""}};
  EXPECT_EQ(NumberIn(event, "from"), 12);
  EXPECT_EQ(NumberIn(event, "delay"), 5);
  EXPECT_EQ(NumberIn(event, "less"), -3);
  EXPECT_EQ(NumberIn(event, "word"), 0);
  EXPECT_EQ(NumberIn(event, "none"), 0);
  EXPECT_EQ(NumberIn(event, "missing"), 0);
}

}  // namespace
}  // namespace broker
