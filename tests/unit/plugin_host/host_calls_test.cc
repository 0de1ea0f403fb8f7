#include "isolation/host_calls.h"

#include <array>

#include <gtest/gtest.h>

#include "isolation/plugin_messages.h"

namespace broker {
namespace {

/// What a hostile process may send: it was told that there are no extensions, or before there is a
/// host at all.
TEST(CallsFromAnotherProcess, ForWhatIsNotThereAreRefused) {
  usher_host host = {};
  host.get_extension = [](const usher_host*, const char*) -> const void* { return nullptr; };
  HostCalls calls([](const MessageWriter&, usher_error*) { return USHER_OK; });
  for (const usher_host* known : std::array<const usher_host*, 2>{nullptr, &host}) {
    calls.Use(known);
    for (auto call = static_cast<uint64_t>(ToHost::kLog); call < 100; ++call) {
      MessageWriter request;
      request.Number(call).Signed(0).Text("x");
      MessageReader reader(request.Bytes());
      const MessageWriter answer = calls.Answer(reader);
      EXPECT_EQ(MessageReader(answer.Bytes()).Signed(), USHER_NOT_PERMITTED) << call;
    }
  }
}

}  // namespace
}  // namespace broker
