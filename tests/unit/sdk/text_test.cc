#include "usher/cpp/text.hpp"

#include <cstdint>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "event/event.h"
#include "event/names.h"
#include "event/utc.h"

namespace {

std::string Rfc3339(int64_t utc_us) {
  return usher::ToRfc3339(usher::Time(std::chrono::microseconds(utc_us)));
}

TEST(ATime, IsWrittenAsInTheLog) {
  EXPECT_EQ(Rfc3339(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(Rfc3339(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Rfc3339(951'782'399'999'999), "2000-02-28T23:59:59.999999Z");
  EXPECT_EQ(Rfc3339(951'782'400'000'000), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(Rfc3339(4'107'542'400'000'000), "2100-03-01T00:00:00.000000Z");
}

TEST(ATime, OutsideTheYearsThatHaveFourDigitsIsTheNearestInside) {
  constexpr int64_t kDay = 86'400'000'000;
  EXPECT_EQ(Rfc3339(-62'167'219'200'000'000), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(Rfc3339(-62'167'219'200'000'000 + 60 * kDay), "0000-03-01T00:00:00.000000Z");
  EXPECT_EQ(Rfc3339(std::numeric_limits<int64_t>::min()), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(Rfc3339(std::numeric_limits<int64_t>::max()), "9999-12-31T23:59:59.999999Z");
}

TEST(ATime, IsWrittenAsTheBrokerWritesIt) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<int64_t> times(-62'167'219'200'000'000, 253'402'300'799'999'999);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t utc_us = times(random);
    ASSERT_EQ(Rfc3339(utc_us), broker::FormatUtc(utc_us));
  }
}

/// Whether each value has the broker's name, and the next one none.
template <class Theirs, class Ours>
void ExpectTheBrokersNames(Ours last, std::string_view unknown) {
  const auto end = static_cast<int32_t>(last) + 1;
  for (int32_t number = 0; number < end; ++number) {
    EXPECT_EQ(usher::Name(static_cast<Theirs>(number)), broker::Name(static_cast<Ours>(number)));
  }
  EXPECT_EQ(usher::Name(static_cast<Theirs>(end)), unknown);
  EXPECT_EQ(usher::Name(static_cast<Theirs>(-1)), unknown);
}

TEST(AnOrigin, HasTheBrokersName) {
  ExpectTheBrokersNames<usher::Origin>(broker::Origin::kRecorded, "");
}

TEST(AStateOfASession, HasTheBrokersName) {
  ExpectTheBrokersNames<usher::SessionState>(broker::SessionState::kClosing, "");
}

TEST(ALock, HasTheBrokersName) {
  ExpectTheBrokersNames<usher::Locked>(broker::Locked::kUnknown, "unknown");
}

}  // namespace
