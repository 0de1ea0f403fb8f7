#include "platform/linux/os_error.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace broker {
namespace {

TEST(AnOsError, NamesWhatFailedWhereWhyTheCodeAndWhatToDo) {
  const Status status = OsError("cannot open", "/x", EROFS);
  EXPECT_EQ(status.code(), StatusCode::kPermission);
  EXPECT_EQ(status.message(),
            "cannot open '/x': read-only file system (EROFS, code 30); mount the file system "
            "writable, or choose another place");
}

TEST(AnOsError, WithoutAdviceEndsWithTheCode) {
  EXPECT_EQ(OsError("cannot poll", EBADF).message(),
            "cannot poll: bad file descriptor (EBADF, code 9)");
  EXPECT_EQ(OsError("cannot poll", EBADF).code(), StatusCode::kIo);
}

TEST(AnOsError, MayHaveACodeThatNobodyKnows) {
  EXPECT_EQ(OsError("cannot poll", 99999).message(), "cannot poll: unknown error (code 99999)");
}

}  // namespace
}  // namespace broker
