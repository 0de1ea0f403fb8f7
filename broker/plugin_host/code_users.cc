#include "plugin_host/code_users.h"

#include <algorithm>
#include <thread>

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPause{10};
// For who sleeps and cannot be asked: it hardly will be later.
constexpr milliseconds kDeafEnd{150};
// For who could answer, or is at its very end, but is not let run, as on a machine that has more
// to do than it can.
constexpr milliseconds kAnswerEnd{1500};

/// How long it is worth to look again.
milliseconds Patience(const CodeUsers& users, milliseconds limit) {
  if (!users.Answering()) return std::min(limit, kDeafEnd);
  return users.inside != 0 ? limit : std::max(limit, kAnswerEnd);
}

}  // namespace

CodeUsers WaitForCodeUsers(std::span<const CodeRange> code, const ThreadMark& since,
                           milliseconds limit) {
  const auto begin = std::chrono::steady_clock::now();
  bool none_before = false;
  while (true) {
    const CodeUsers users = FindCodeUsers(code, since);
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (users.None() ? none_before : waited >= Patience(users, limit)) return users;
    none_before = users.None();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace broker
