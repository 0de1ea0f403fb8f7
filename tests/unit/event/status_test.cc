#include "event/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace broker {
namespace {

TEST(AStatus, IsSuccessByDefault) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kOk);
  EXPECT_EQ(status.message(), "");
}

TEST(AFailure, CarriesCodeAndSentence) {
  const Status status(StatusCode::kNoSpace, "the disk is full");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kNoSpace);
  EXPECT_EQ(status.message(), "the disk is full");
}

TEST(Annotating, PutsTheContextFirstAndKeepsTheCode) {
  const Status status =
      Status(StatusCode::kIo, "cannot read").Annotate("segment 7").Annotate("log");
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_EQ(status.message(), "log: segment 7: cannot read");
}

TEST(Annotating, LeavesSuccessAsItIs) {
  const Status status = Status().Annotate("log");
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.message(), "");
}

TEST(AResult, HoldsAValue) {
  const Result<std::string> result(std::string("value"));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.status().ok());
  EXPECT_EQ(result.value(), "value");
  EXPECT_EQ(result->size(), 5U);
}

TEST(AResult, HoldsWhyThereIsNoValue) {
  const Result<std::string> result(Status(StatusCode::kNotFound, "no such file"));
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::kNotFound);
}

TEST(AResult, GivesAMoveOnlyValueAway) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(AResult, LetsItsValueBeChanged) {
  Result<std::string> result(std::string("a"));
  result.value() += "b";
  result->push_back('c');
  EXPECT_EQ(result.value(), "abc");
}

}  // namespace
}  // namespace broker
