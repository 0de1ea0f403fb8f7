#include "settings/toml_error.h"

#include <algorithm>

#include "event/text.h"

namespace broker {
namespace {

constexpr std::string_view kPrefix = "Error while parsing ";
constexpr size_t kNowhere = std::string_view::npos;

/// "Error while parsing SCOPE: REASON", taken apart.
struct Complaint {
  std::string_view scope;
  std::string_view reason;
};

Complaint TakeApart(std::string_view description) {
  if (!description.starts_with(kPrefix)) return {"", description};
  description.remove_prefix(kPrefix.size());
  const size_t colon = description.find(": ");
  if (colon == kNowhere) return {"", description};
  return {description.substr(0, colon), description.substr(colon + 2)};
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != kNowhere;
}

std::string_view Trimmed(std::string_view text) {
  const size_t start = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// What stands between the first and the last apostrophe of the reason.
std::string_view QuotedName(std::string_view reason) {
  const size_t start = reason.find('\'');
  const size_t end = reason.rfind('\'');
  if (start == kNowhere || end <= start) return "";
  return Trimmed(reason.substr(start + 1, end - start - 1));
}

std::string WithArticle(std::string_view noun) {
  const bool vowel = std::string_view("aeiou").find(noun.front()) != kNowhere;
  return (vowel ? "an " : "a ") + std::string(noun);
}

std::string RewordRedefinition(const Complaint& complaint) {
  const std::string name = EscapeForTerminal(QuotedName(complaint.reason));
  if (name.empty()) return "this dotted key goes into something that is defined as a value already";
  if (Contains(complaint.reason, "cannot insert")) {
    return "[" + name + "] adds to a table that was closed with \"}\"; put its keys in there";
  }
  if (complaint.scope != "table header") {
    return "\"" + name + "\" is defined a second time; remove one of the two";
  }
  if (complaint.reason.starts_with("cannot redefine existing table")) {
    return "the table [" + name + "] is defined a second time; join the two under one header";
  }
  return "[" + name +
         "] cannot be a table: it, or what it is in, is defined as something else already";
}

bool IsRedefinition(std::string_view reason) {
  return reason.starts_with("cannot redefine") || reason.starts_with("cannot insert");
}

std::string Reword(const Complaint& complaint) {
  if (IsRedefinition(complaint.reason)) return RewordRedefinition(complaint);
  const std::string scope = complaint.scope.empty() ? "a text" : WithArticle(complaint.scope);
  if (Contains(complaint.reason, "encountered end-of-file")) {
    return "the file ends in the middle of " + scope + "; is it complete?";
  }
  const bool no_value = Contains(complaint.reason, "could not determine value type");
  if (no_value || complaint.scope == "boolean") {
    return "this is no value; texts stand in quotes: key = \"text\"";
  }
  if (complaint.reason.starts_with("expected a comment") && complaint.scope == "key-value pair") {
    return "something follows the value; texts stand in quotes: key = \"text\"";
  }
  return "syntax error in " + scope + ": " + EscapeForTerminal(complaint.reason);
}

/// The byte offset of a position as the parser counts: in lines and code points.
size_t OffsetOf(std::string_view text, const SettingsPosition& position) {
  size_t at = 0;
  for (uint32_t line = 1; line < position.line; ++line) {
    const size_t end = text.find('\n', at);
    if (end == kNowhere) return text.size();
    at = end + 1;
  }
  for (uint32_t column = 1; column < position.column && at < text.size(); ++column) {
    at += 1;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) ++at;
  }
  return at;
}

/// Whether a table header with this name begins at `offset`.
bool IsHeaderOf(std::string_view text, size_t offset, std::string_view name) {
  text.remove_prefix(std::min(offset, text.size()));
  if (!text.starts_with("[")) return false;
  text.remove_prefix(std::min(text.find_first_not_of("[ \t"), text.size()));
  return text.starts_with(name);
}

/// Where the line begins, indentation left out, that `offset` is in or, at a line's start, behind.
size_t StartOfLineBefore(std::string_view text, size_t offset) {
  std::string_view before = text.substr(0, offset);
  if (before.ends_with('\n')) before.remove_suffix(1);
  const size_t newline = before.rfind('\n');
  const size_t start = newline == kNowhere ? 0 : newline + 1;
  return std::min(text.find_first_not_of(" \t", start), text.size());
}

/// The parser reports a key defined twice at its value, and some headers behind their line.
size_t OffsetOfRedefined(std::string_view text, size_t offset, const Complaint& complaint) {
  const std::string_view name = QuotedName(complaint.reason);
  if (complaint.scope == "table header") {
    return IsHeaderOf(text, offset, name) ? offset : StartOfLineBefore(text, offset);
  }
  const size_t found = name.empty() ? kNowhere : text.substr(0, offset).rfind(name);
  return found == kNowhere ? offset : found;
}

}  // namespace

SettingsPosition PositionAt(std::string_view text, size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const size_t newline = before.rfind('\n');
  const std::string_view line = newline == kNowhere ? before : before.substr(newline + 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {file, static_cast<uint32_t>(lines + 1), static_cast<uint32_t>(Columns(line) + 1)};
}

SettingsError RewordTomlError(std::string_view text, std::string_view description,
                              SettingsPosition position) {
  const Complaint complaint = TakeApart(description);
  if (IsRedefinition(complaint.reason)) {
    const size_t offset = OffsetOfRedefined(text, OffsetOf(text, position), complaint);
    position = PositionAt(text, offset, position.file);
  }
  return {std::move(position), "", Reword(complaint)};
}

}  // namespace broker
