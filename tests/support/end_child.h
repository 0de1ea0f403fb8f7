#pragma once

#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>

namespace broker::testing {

/// Ends the process of a death test at once, with 0 where nothing has failed in it. Else what has
/// is written to standard error: nobody else says it.
[[noreturn]] inline void EndChild() {
  const auto& result = *::testing::UnitTest::GetInstance()->current_test_info()->result();
  for (int i = 0; i < result.total_part_count(); ++i) {
    const auto& part = result.GetTestPartResult(i);
    if (part.failed()) std::fprintf(stderr, "line %d: %s\n", part.line_number(), part.message());
  }
  ::_exit(result.Failed() ? 1 : 0);
}

}  // namespace broker::testing
