#include "plugin_host/code_users.h"

#include <thread>

namespace broker {
namespace {

constexpr std::chrono::milliseconds kPause{10};

}  // namespace

CodeUsers WaitForCodeUsers(CodeRange code, const ThreadMark& since,
                           std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  bool none_before = false;
  while (true) {
    const CodeUsers users = FindCodeUsers(code, since);
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (users.None() ? none_before : late) return users;
    none_before = users.None();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace broker
