#pragma once

#include <string>
#include <string_view>

#include <usher/cpp/views.hpp>

namespace journald {

/// The event in one sentence for people, by the pattern of its kind.
///
/// In a pattern `{key}` stands for the detail of that key, or for one of: `{user}` (the name, else
/// the id, else "nobody known"), `{session}`, `{class}`, `{place}` ("at seat0 tty2", "from
/// 192.0.2.1") and, where there is no such detail, `{type}`. What stands in `[…]` is left out
/// unless there is something for each key in it. Behind the sentence follow where the event comes
/// from, if neither the system nor the broker has just seen it happen, and its reason.
[[nodiscard]] std::string Sentence(std::string_view pattern, const usher::Event& event);

/// The session that the event is about: as it is after it or, where it is gone, as it was before.
[[nodiscard]] usher::Session SessionOf(const usher::Event& event);

}  // namespace journald
