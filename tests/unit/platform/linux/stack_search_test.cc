#include "platform/linux/stack_search.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

// Not inlined, and called: where it was called from is what is asked for.
[[gnu::noinline]] uintptr_t WhereItReturnsTo() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0));
}

constexpr size_t kBytesBefore = 16;

TEST(AnAddressOnAStack, IsWhereACallReturnsTo) {
  const uintptr_t after = WhereItReturnsTo();
  EXPECT_TRUE(FollowsCall(after - kBytesBefore, after));
}

TEST(AnAddressOnAStack, IsWhereACallThroughAPointerReturnsTo) {
  uintptr_t (*volatile function)() = WhereItReturnsTo;
  const uintptr_t after = function();
  EXPECT_TRUE(FollowsCall(after - kBytesBefore, after));
}

TEST(AnAddressOnAStack, IsNoneInTheMiddleOfACall) {
  const uintptr_t after = WhereItReturnsTo();
  EXPECT_FALSE(FollowsCall(after - kBytesBefore, after - 1));
}

TEST(AnAddressOnAStack, IsNoneWhereTheCodeBegins) {
  const auto begin = reinterpret_cast<uintptr_t>(&WhereItReturnsTo);
  EXPECT_FALSE(FollowsCall(begin, begin));
}

}  // namespace
}  // namespace broker
