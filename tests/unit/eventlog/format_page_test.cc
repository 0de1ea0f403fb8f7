#include <gtest/gtest.h>

#include "eventlog/reservation.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using TheFormatsPage = LogTest;

/// What stands between the page's "```json" and the "```" behind it.
std::string Example() {
  const std::string page = ReadFileText(USHER_SOURCE_DIRECTORY "/broker/eventlog/FORMAT.md");
  const std::string opening = "```json\n";
  const size_t start = page.find(opening);
  if (start == std::string::npos) return {};
  const size_t text = start + opening.size();
  return page.substr(text, page.find("```", text) - text);
}

TEST_F(TheFormatsPage, ShowsASegmentThatIsValidByteForByte) {
  std::filesystem::create_directory(log_);
  WriteFileText(PathOf(42), Example());
  ASSERT_TRUE(Reservation(*files_, log_).Save(44).ok());
  EXPECT_EQ(std::filesystem::file_size(PathOf(42)), 1484U);
  const LogVerification result = Verify();
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.events, 2U);
  const std::vector<StoredEvent> events = ReadFrom(42);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].event.session->locked, Locked::kYes);
  EXPECT_EQ(events[1].event.cause, 42U);
  EXPECT_EQ(events[1].event.chain, 1U);
}

}  // namespace
}  // namespace broker
