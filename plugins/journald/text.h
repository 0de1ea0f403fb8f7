#pragma once

#include <string>
#include <string_view>

namespace journald {

/// `text` as people may read it on a terminal: control characters, spaces but the common one, and
/// what is invisible or turns the line around become "\xNN" or "\uNNNN" as text, and of what is
/// longer than 512 bytes the rest is "…". journalctl shows a message with a control character in it
/// as "blob data" only, so who chooses the name of a remote host could hide it.
[[nodiscard]] std::string Readable(std::string_view text);

/// The same as one word of a sentence: within quotes where it has spaces or quotes, so that
/// nobody's name reads like a part of the sentence.
[[nodiscard]] std::string Word(std::string_view text);

}  // namespace journald
