#include "plugin_host/code_users.h"

#include <algorithm>
#include <thread>

namespace broker {
namespace {

constexpr std::chrono::milliseconds kPause{10};
// For who cannot be asked; nobody can who is at its very end.
constexpr std::chrono::milliseconds kUnknownEnd{150};

}  // namespace

CodeUsers WaitForCodeUsers(CodeRange code, const ThreadMark& since,
                           std::chrono::milliseconds limit) {
  const auto begin = std::chrono::steady_clock::now();
  bool none_before = false;
  while (true) {
    const CodeUsers users = FindCodeUsers(code, since);
    const auto waited = std::chrono::steady_clock::now() - begin;
    const bool late = waited >= (users.Answering() ? limit : std::min(limit, kUnknownEnd));
    if (users.None() ? none_before : late) return users;
    none_before = users.None();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace broker
