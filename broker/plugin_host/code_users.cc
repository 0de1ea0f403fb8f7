#include "plugin_host/code_users.h"

#include <thread>

namespace broker {
namespace {

constexpr std::chrono::milliseconds kPause{10};

}  // namespace

CodeUsers WaitForCodeUsers(CodeRange code, const ThreadMark& since,
                           std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    const CodeUsers users = FindCodeUsers(code, since);
    if (users.None() || std::chrono::steady_clock::now() >= deadline) return users;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace broker
