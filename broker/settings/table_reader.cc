#include "settings/table_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "settings/describe.h"
#include "settings/quantity.h"
#include "settings/suggest.h"

namespace broker {
namespace {

constexpr std::string_view kUnlimited = "unlimited";

/// "a", "a or b", "a, b or c".
std::string Alternatives(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::vector<std::string> AllQuoted(const std::vector<std::string>& words) {
  std::vector<std::string> out(words.size());
  std::transform(words.begin(), words.end(), out.begin(),
                 [](const std::string& word) { return Quoted(word); });
  return out;
}

std::string DidYouMean(const std::string& word) {
  return "; did you mean " + word + "?";
}

/// A size in bytes: as a text with its unit, or as a number that is not negative.
std::optional<uint64_t> BytesIn(const toml::node& node) {
  if (const auto* text = node.as_string()) return ParseBytes(text->get());
  const auto* number = node.as_integer();
  if (number == nullptr || number->get() < 0) return std::nullopt;
  return static_cast<uint64_t>(number->get());
}

/// An integer need not be exact: only its range counts.
std::optional<double> NumberIn(const toml::node& node) {
  if (const auto* integer = node.as_integer()) return static_cast<double>(integer->get());
  const auto* number = node.as_floating_point();
  return number == nullptr ? std::nullopt : std::optional(number->get());
}

}  // namespace

TableReader::TableReader(const toml::table& table, std::string path, std::string file,
                         std::vector<SettingsError>& errors)
    : table_(table), path_(std::move(path)), file_(std::move(file)), errors_(errors) {}

bool TableReader::String(std::string_view key, std::string& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  if (const auto* text = node->as_string()) {
    out = text->get();
    return true;
  }
  WrongType(*node, key, "a text", out.empty() ? "\"…\"" : Quoted(out));
  return false;
}

bool TableReader::Strings(std::string_view key, std::vector<std::string>& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  const toml::array* array = node->as_array();
  std::vector<std::string> texts;
  for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
    if (const auto* text = (*array)[i].as_string()) texts.push_back(text->get());
  }
  if (array == nullptr || texts.size() != array->size()) {
    WrongType(*node, key, "an array of texts", "[" + Quoted(out.empty() ? "…" : out[0]) + "]");
    return false;
  }
  out = std::move(texts);
  return true;
}

bool TableReader::Choice(std::string_view key, const std::vector<std::string>& choices,
                         std::string& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  const auto* text = node->as_string();
  if (text != nullptr && std::count(choices.begin(), choices.end(), text->get()) > 0) {
    out = text->get();
    return true;
  }
  std::string message =
      "must be " + Alternatives(AllQuoted(choices)) + "; found " + Describe(*node);
  if (const auto near = text == nullptr ? std::nullopt : Nearest(text->get(), choices)) {
    message += DidYouMean(Quoted(*near));
  }
  AddError(node->source(), key, std::move(message));
  return false;
}

bool TableReader::Boolean(std::string_view key, bool& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  if (const auto* value = node->as_boolean()) {
    out = value->get();
    return true;
  }
  WrongType(*node, key, "true or false", BooleanText(out));
  return false;
}

bool TableReader::Integer(std::string_view key, int64_t least, int64_t most, int64_t& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  const auto* value = node->as_integer();
  if (value == nullptr) {
    WrongType(*node, key, "an integer", std::to_string(std::clamp(out, least, most)));
    return false;
  }
  if (value->get() < least || value->get() > most) {
    OutOfRange(*node, key, std::to_string(least), std::to_string(most));
    return false;
  }
  out = value->get();
  return true;
}

bool TableReader::Number(std::string_view key, double least, double most, double& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  const std::optional<double> value = NumberIn(*node);
  if (!value) {
    WrongType(*node, key, "a number", NumberText(std::clamp(out, least, most)));
    return false;
  }
  const bool inside = *value >= least && *value <= most;  // False for "not a number", too.
  if (!inside) {
    OutOfRange(*node, key, NumberText(least), NumberText(most));
    return false;
  }
  out = *value;
  return true;
}

bool TableReader::Bytes(std::string_view key, uint64_t least, uint64_t most, uint64_t& out) {
  const toml::node* node = Take(key);
  if (node == nullptr) return false;
  const std::optional<uint64_t> value = BytesIn(*node);
  if (!value && !node->is_integer()) {
    WrongType(*node, key, "a size in B, KiB, MiB, GiB or TiB",
              Quoted(FormatBytes(std::clamp(out, least, most))));
    return false;
  }
  if (!value || *value < least || *value > most) {
    OutOfRange(*node, key, Quoted(FormatBytes(least)), Quoted(FormatBytes(most)));
    return false;
  }
  out = *value;
  return true;
}

bool TableReader::Duration(std::string_view key, int64_t least_us, int64_t most_us,
                           int64_t& out_us) {
  return AcceptDuration(Take(key), key, {least_us, most_us, ""}, out_us);
}

bool TableReader::DurationOrUnlimited(std::string_view key, int64_t least_us, int64_t most_us,
                                      int64_t& out_us) {
  const toml::node* node = Take(key);
  const auto* text = node == nullptr ? nullptr : node->as_string();
  if (text == nullptr || text->get() != kUnlimited) {
    return AcceptDuration(node, key, {least_us, most_us, ", or \"unlimited\""}, out_us);
  }
  out_us = 0;
  return true;
}

bool TableReader::AcceptDuration(const toml::node* node, std::string_view key,
                                 const DurationRange& range, int64_t& out_us) {
  if (node == nullptr) return false;
  const auto* text = node->as_string();
  const auto value = text == nullptr ? std::nullopt : ParseDuration(text->get());
  if (!value) {
    WrongType(*node, key, "a time in us, ms, s, min, h or d" + std::string(range.alternative),
              Quoted(FormatDuration(std::clamp(out_us, range.least_us, range.most_us))));
    return false;
  }
  if (*value < range.least_us || *value > range.most_us) {
    OutOfRange(*node, key, Quoted(FormatDuration(range.least_us)),
               Quoted(FormatDuration(range.most_us)) + std::string(range.alternative));
    return false;
  }
  out_us = *value;
  return true;
}

const toml::table* TableReader::Table(std::string_view key) {
  const toml::node* node = Take(key);
  if (node == nullptr) return nullptr;
  if (const toml::table* table = node->as_table()) return table;
  AddError(node->source(), key,
           "expected a table, e.g. [" + Dotted(key) + "]; found " + Describe(*node));
  return nullptr;
}

std::vector<const toml::table*> TableReader::Tables(std::string_view key) {
  const toml::node* node = Take(key);
  if (node == nullptr) return {};
  std::vector<const toml::table*> tables;
  const toml::array* array = node->as_array();
  if (array != nullptr) {
    for (const toml::node& element : *array) {
      if (const toml::table* table = element.as_table()) tables.push_back(table);
    }
    if (tables.size() == array->size()) return tables;
  }
  AddError(node->source(), key,
           "expected an array of tables, e.g. [[" + Dotted(key) + "]]; found " + Describe(*node));
  return {};
}

bool TableReader::RequiredString(std::string_view key, std::string& out) {
  if (table_.contains(key)) return String(key, out);
  known_.emplace_back(key);
  const std::string example = out.empty() ? "\"…\"" : Quoted(out);
  Fail(key, "is missing; add " + KeyText(key) + " = " + example);
  return false;
}

void TableReader::Fail(std::string_view key, std::string message) {
  const toml::node* node = table_.get(key);
  AddError(node == nullptr ? table_.source() : node->source(), key, std::move(message));
}

void TableReader::Finish(const Hint& hint) {
  for (const auto& [key, node] : table_) {
    if (std::count(known_.begin(), known_.end(), key.str()) > 0) continue;
    AddError(key.source(), key.str(), UnknownKey(key.str(), node, hint));
  }
}

std::string TableReader::Dotted(std::string_view key) const {
  return path_.empty() ? KeyText(key) : path_ + "." + KeyText(key);
}

const toml::node* TableReader::Take(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

void TableReader::AddError(const toml::source_region& where, std::string_view key,
                           std::string message) {
  errors_.push_back(
      {{file_, where.begin.line, where.begin.column}, Dotted(key), std::move(message)});
}

void TableReader::WrongType(const toml::node& node, std::string_view key, std::string_view expected,
                            const std::string& example) {
  AddError(node.source(), key,
           "expected " + std::string(expected) + ", e.g. " + KeyText(key) + " = " + example +
               "; found " + Describe(node));
}

void TableReader::OutOfRange(const toml::node& node, std::string_view key, const std::string& least,
                             const std::string& most) {
  AddError(node.source(), key,
           "must be from " + least + " to " + most + "; found " + Describe(node));
}

std::string TableReader::UnknownKey(std::string_view key, const toml::node& node,
                                    const Hint& hint) const {
  const std::string start = node.is_table() ? "unknown table" : "unknown key";
  if (const auto near = Nearest(key, known_)) return start + DidYouMean(Quoted(*near));
  if (const std::string said = hint ? hint(key) : std::string(); !said.empty()) {
    return start + "; " + said;
  }
  if (known_.empty()) return start + "; none is allowed here";
  return start + "; known here: " + Alternatives(known_);
}

}  // namespace broker
