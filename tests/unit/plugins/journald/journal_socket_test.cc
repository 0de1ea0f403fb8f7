#include "journal_socket.h"

#include <string>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"
#include "tests/unit/plugins/journald/fake_journal.h"

namespace {

using broker::testing::TempDirectory;
using journald::JournalSocket;
using journald::testing::FakeJournal;

TEST(JournalSocket, HandsARecordOver) {
  const TempDirectory folder;
  FakeJournal journal(folder / "socket");
  ASSERT_TRUE(journal.bound());
  const JournalSocket socket(folder / "socket");
  EXPECT_FALSE(socket.Send("one"));
  EXPECT_FALSE(socket.Send("two"));
  EXPECT_EQ(journal.Take(), "one");
  EXPECT_EQ(journal.Take(), "two");
}

TEST(JournalSocket, HandsOverInAFileWhatIsTooLargeForTheSocket) {
  const TempDirectory folder;
  FakeJournal journal(folder / "socket");
  const JournalSocket socket(folder / "socket");
  const std::string large = std::string(10'000'000, 'x') + "end";
  EXPECT_FALSE(socket.Send(large));
  EXPECT_TRUE(journal.Take() == large);
}

TEST(JournalSocket, SaysThatThereIsNoJournal) {
  const TempDirectory folder;
  const JournalSocket socket(folder / "socket");
  EXPECT_EQ(socket.Send("x"), std::errc::no_such_file_or_directory);
}

TEST(JournalSocket, SaysThatNobodyListens) {
  const TempDirectory folder;
  { const FakeJournal journal(folder / "socket"); }
  const JournalSocket socket(folder / "socket");
  EXPECT_EQ(socket.Send("x"), std::errc::connection_refused);
  EXPECT_EQ(socket.Send(std::string(10'000'000, 'x')), std::errc::connection_refused);
}

TEST(JournalSocket, DoesNotWaitForRoom) {
  const TempDirectory folder;
  FakeJournal journal(folder / "socket");
  const JournalSocket socket(folder / "socket");
  std::error_code error;
  for (int sent = 0; !error && sent < 1'000'000; ++sent) error = socket.Send("x");
  EXPECT_EQ(error, std::errc::resource_unavailable_try_again);
  EXPECT_EQ(journal.Take(), "x");
  EXPECT_FALSE(socket.Send("x")) << "there is room again";
}

TEST(JournalSocket, FindsAJournalThatWasStartedAnew) {
  const TempDirectory folder;
  { const FakeJournal journal(folder / "socket"); }
  const JournalSocket socket(folder / "socket");
  EXPECT_TRUE(socket.Send("x"));
  FakeJournal journal(folder / "socket");
  EXPECT_FALSE(socket.Send("y"));
  EXPECT_EQ(journal.Take(), "y");
}

}  // namespace
