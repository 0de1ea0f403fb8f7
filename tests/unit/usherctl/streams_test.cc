#include "usherctl/streams.h"

#include <cerrno>
#include <ostream>

#include <gmock/gmock.h>

#include "tests/unit/usherctl/captured.h"

namespace broker {
namespace {

TEST(AComplaint, IsOneLineWhateverTheTextIs) {
  testing::Captured captured;
  Complain(captured.streams, "no\nlog\x1b[2J");
  EXPECT_EQ(captured.err.str(), "usherctl: no\\nlog\\x1B[2J\n");
}

TEST(Output, ThatWasWrittenIsDone) {
  testing::Captured captured;
  captured.out << "text\n";
  EXPECT_EQ(FinishOutput(captured.streams), kExitDone);
  EXPECT_EQ(captured.err.str(), "");
}

TEST(Output, IntoAClosedPipeEndsQuietly) {
  testing::BrokenBuffer buffer(EPIPE);
  std::ostream out(&buffer);
  std::ostringstream err;
  Streams streams{out, err, false};
  out << "text\n";
  EXPECT_EQ(FinishOutput(streams), kExitDone);
  EXPECT_EQ(err.str(), "");
}

TEST(Output, OntoAFullDiskFails) {
  testing::BrokenBuffer buffer(ENOSPC);
  std::ostream out(&buffer);
  std::ostringstream err;
  Streams streams{out, err, false};
  out << "text\n";
  EXPECT_EQ(FinishOutput(streams), kExitFailed);
  EXPECT_EQ(err.str(), "usherctl: cannot write the output: No space left on device (error 28)\n");
}

TEST(Output, ThatFailedEarlierIsAFailureForTheReasonOfThen) {
  testing::BrokenBuffer buffer(EBADF);
  std::ostream out(&buffer);
  std::ostringstream err;
  Streams streams{out, err, false};
  out << "text\n";
  EXPECT_FALSE(FlushOutput(streams));
  errno = EPIPE;  // Of something else since then.
  EXPECT_EQ(FinishOutput(streams), kExitFailed);
  EXPECT_EQ(err.str(), "usherctl: cannot write the output: Bad file descriptor (error 9)\n");
}

}  // namespace
}  // namespace broker
