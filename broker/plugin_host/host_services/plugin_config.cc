#include "plugin_host/host_services/plugin_config.h"

#include <charconv>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "settings/suggest.h"
#include "settings/toml.h"

namespace broker {
namespace {

bool HasNul(const toml::node& node) {
  const auto* text = node.as_string();
  return text != nullptr && text->get().find('\0') != std::string::npos;
}

/// A TOML string as C sees it; one with a NUL inside would be read as another.
std::optional<const char*> Text(const toml::node& node) {
  const auto* text = node.as_string();
  if (text == nullptr || HasNul(node)) return std::nullopt;
  return text->get().c_str();
}

/// The array, if all its elements are strings.
const toml::array* Texts(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return nullptr;
  for (const toml::node& element : *array) {
    if (!Text(element)) return nullptr;
  }
  return array;
}

/// Of an array that was to be one of strings, its first other element; else the value itself.
const toml::node& WrongOf(const toml::node& value) {
  if (const toml::array* array = value.as_array()) {
    for (const toml::node& element : *array) {
      if (!Text(element)) return element;
    }
  }
  return value;
}

/// What has this name in a table, or this number in an array of tables.
const toml::node* Member(const toml::node& node, std::string_view name) {
  if (const toml::table* table = node.as_table()) return table->get(name);
  const toml::array* array = node.as_array();
  if (array == nullptr) return nullptr;
  size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error != std::errc() || end != name.data() + name.size()) return nullptr;
  const toml::node* element = array->get(index);
  return element == nullptr ? nullptr : element->as_table();
}

bool HasOnlyTables(const toml::array& array) {
  return !array.empty() && array.is_homogeneous(toml::node_type::table);
}

std::optional<double> Real(const toml::node& node) {
  if (const auto* real = node.as_floating_point()) return real->get();
  if (const auto* integer = node.as_integer()) return static_cast<double>(integer->get());
  return std::nullopt;
}

std::string TypeName(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return text.str();
}

}  // namespace

PluginConfig::PluginConfig(const PluginSettings& settings)
    : table_(settings.config),
      file_(settings.position.file),
      path_("plugins." + settings.name + ".config"),
      position_(settings.position) {}

const toml::node* PluginConfig::Find(std::string_view key) const {
  const toml::node* node = table_.get();
  while (node != nullptr) {
    const size_t dot = key.find('.');
    node = Member(*node, key.substr(0, dot));
    if (dot == std::string_view::npos) return node;
    key.remove_prefix(dot + 1);
  }
  return nullptr;
}

template <class Value, class Out>
usher_status PluginConfig::Read(std::string_view key, const char* wanted, Value&& value, Out& out) {
  Asked& asked = asked_[std::string(key)];
  asked.wanted = wanted;
  const toml::node* node = Find(key);
  if (node == nullptr) return USHER_NOT_FOUND;
  const auto found = value(*node);
  if (!found) return USHER_WRONG_TYPE;
  asked.read = true;
  out = static_cast<Out>(*found);
  return USHER_OK;
}

usher_status PluginConfig::String(std::string_view key, const char*& out) {
  return Read(key, "a string", Text, out);
}

usher_status PluginConfig::Integer(std::string_view key, int64_t& out) {
  return Read(
      key, "an integer", [](const toml::node& node) { return node.value_exact<int64_t>(); }, out);
}

usher_status PluginConfig::Number(std::string_view key, double& out) {
  return Read(key, "a number", Real, out);
}

usher_status PluginConfig::Boolean(std::string_view key, int32_t& out) {
  return Read(
      key, "true or false", [](const toml::node& node) { return node.value_exact<bool>(); }, out);
}

usher_status PluginConfig::Count(std::string_view key, uint32_t& out) {
  const auto count = [](const toml::node& node) {
    const toml::array* texts = Texts(node);
    return texts == nullptr ? std::nullopt : std::optional<size_t>(texts->size());
  };
  return Read(key, "an array of strings", count, out);
}

usher_status PluginConfig::StringAt(std::string_view key, uint32_t index, const char*& out) {
  const toml::array* texts = nullptr;
  const usher_status status = Read(
      key, "an array of strings",
      [](const toml::node& node) {
        const toml::array* array = Texts(node);
        return array == nullptr ? std::nullopt : std::optional<const toml::array*>(array);
      },
      texts);
  if (status != USHER_OK) return status;
  if (index >= texts->size()) return USHER_NOT_FOUND;
  out = *Text((*texts)[index]);
  return USHER_OK;
}

usher_status PluginConfig::TableCount(std::string_view key, uint32_t& out) {
  const auto count = [](const toml::node& node) {
    const toml::array* tables = node.as_array();
    const bool right = tables != nullptr && HasOnlyTables(*tables);
    return right ? std::optional<size_t>(tables->size()) : std::nullopt;
  };
  return Read(key, "an array of tables", count, out);
}

void PluginConfig::Refuse(std::string_view key, std::string text) {
  const toml::node* value = Find(key);
  const bool has_nul = value != nullptr && HasNul(WrongOf(*value));
  if (has_nul && asked_.contains(std::string(key))) return;  // ErrorOf says what is wrong with it.
  const std::string path = key.empty() ? path_ : path_ + "." + std::string(key);
  refused_.push_back({PositionOf(key), path, std::move(text)});
}

/// Where the value stands; of one that is absent, where the table does that it belongs into.
SettingsPosition PluginConfig::PositionOf(std::string_view key) const {
  while (!key.empty()) {
    if (const toml::node* node = Find(key)) {
      const toml::source_position at = node->source().begin;
      return {file_, at.line, at.column};
    }
    const size_t dot = key.rfind('.');
    key = key.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  const bool has_table = table_ != nullptr && table_->source().begin.line != 0;
  if (!has_table) return position_;
  return {file_, table_->source().begin.line, table_->source().begin.column};
}

SettingsError PluginConfig::ErrorOf(const toml::key& key, const toml::node& value,
                                    const std::string& path) const {
  const auto asked = asked_.find(path);
  const bool known = asked != asked_.end();
  const auto begin = key.source().begin;
  SettingsError error{{file_, begin.line, begin.column}, path_ + "." + path, {}};
  if (known) {
    const toml::node& wrong = WrongOf(value);
    error.position = {file_, wrong.source().begin.line, wrong.source().begin.column};
    error.message = HasNul(wrong) ? "no text may have a NUL in it, as this one has (\\u0000)"
                                  : "the plugin wants " + std::string(asked->second.wanted) +
                                        " here, this is of type " + TypeName(wrong);
    return error;
  }
  std::vector<std::string> names;
  for (const auto& [name, unused] : asked_) names.push_back(name);
  const auto near = Nearest(path, names);
  error.message = "the plugin knows no such key" +
                  (near ? "; did you mean '" + *near + "'?" : std::string("; remove it"));
  return error;
}

void PluginConfig::Collect(const toml::table& table, const std::string& path, bool unknown_too,
                           std::vector<SettingsError>& errors) const {
  for (const auto& [key, value] : table) {
    const std::string name = path + std::string(key.str());
    const auto asked = asked_.find(name);
    const bool known = asked != asked_.end();
    const toml::array* tables = value.as_array();
    if (tables != nullptr && HasOnlyTables(*tables) && (!known || asked->second.read)) {
      CollectTables(value, name, unknown_too, errors);
      continue;
    }
    if (known && asked->second.read) continue;
    if (const toml::table* inner = value.as_table(); inner != nullptr && !known) {
      Collect(*inner, name + ".", unknown_too, errors);
    } else if (known || unknown_too) {
      errors.push_back(ErrorOf(key, value, name));
    }
  }
}

void PluginConfig::CollectTables(const toml::node& array, const std::string& path, bool unknown_too,
                                 std::vector<SettingsError>& errors) const {
  size_t index = 0;
  for (const toml::node& table : *array.as_array()) {
    Collect(*table.as_table(), path + "." + std::to_string(index++) + ".", unknown_too, errors);
  }
}

std::vector<SettingsError> PluginConfig::Errors(bool unknown_too) const {
  std::vector<SettingsError> errors = refused_;
  if (table_ != nullptr) Collect(*table_, "", unknown_too, errors);
  return errors;
}

}  // namespace broker
