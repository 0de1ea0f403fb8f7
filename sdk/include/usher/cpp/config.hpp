// usher/cpp/config.hpp: the instance's own table of the configuration.
#ifndef USHER_CPP_CONFIG_HPP
#define USHER_CPP_CONFIG_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "usher/cpp/error.hpp"
#include "usher/ext/config.h"

namespace usher {

/// Reads [plugins.NAME.config]. Keys are dotted ("limits.memory"). Each getter answers nothing for
/// a key that is absent, and throws Error (USHER_WRONG_TYPE) for a value of another type. Ask for
/// every key in OnInit: those that nobody asked for refuse the instance, as they are likely
/// misspelt.
///
/// [plugin-thread]
class Config {
 public:
  Config(const usher_host* host, const usher_ext_config& table) noexcept
      : host_(host), table_(&table) {}

  /// The text is the broker's, valid as long as the instance.
  [[nodiscard]] std::optional<std::string_view> GetString(const std::string& key) const {
    return Get<const char*>(table_->get_string, key, "a string");
  }
  [[nodiscard]] std::optional<int64_t> GetInteger(const std::string& key) const {
    return Get<int64_t>(table_->get_integer, key, "an integer");
  }
  /// An integer is a number, too.
  [[nodiscard]] std::optional<double> GetNumber(const std::string& key) const {
    return Get<double>(table_->get_number, key, "a number");
  }
  [[nodiscard]] std::optional<bool> GetBoolean(const std::string& key) const {
    const auto value = Get<int32_t>(table_->get_boolean, key, "true or false");
    return value ? std::optional<bool>(*value != 0) : std::nullopt;
  }
  /// How many tables there are in the array of tables at `key`; keys of the first one begin with
  /// "KEY.0.".
  [[nodiscard]] std::optional<uint32_t> GetTableCount(const std::string& key) const {
    constexpr size_t kNeeded =
        offsetof(usher_ext_config, get_table_count) + sizeof(table_->get_table_count);
    if (table_->size < kNeeded) throw Error("this broker knows no arrays of tables");
    return Get<uint32_t>(table_->get_table_count, key, "an array of tables");
  }
  /// Says that the value of `key` is wrong; `text` is a sentence that says what would be right. The
  /// administrator reads it with the value's file, line and column, and the configuration is
  /// refused. Goes on, so that all mistakes are told at once. In OnInit and CheckConfig only.
  void Fail(const std::string& key, const std::string& text) const {
    if (table_->size < offsetof(usher_ext_config, config_error) + sizeof(table_->config_error)) {
      throw Error("configuration key \"" + key + "\": " + text);
    }
    detail::Check(table_->config_error(host_, key.c_str(), text.c_str()),
                  "refusing the configuration key \"" + key + "\"");
  }

  /// The texts are the broker's, valid as long as the instance.
  [[nodiscard]] std::optional<std::vector<std::string_view>> GetStrings(
      const std::string& key) const {
    const auto count = Get<uint32_t>(table_->get_count, key, "an array of strings");
    if (!count) return std::nullopt;
    std::vector<std::string_view> values;
    for (uint32_t index = 0; index < *count; ++index) values.push_back(At(key, index));
    return values;
  }

 private:
  template <class Raw>
  using Getter = usher_status (*)(const usher_host*, const char*, Raw*);

  template <class Raw>
  std::optional<Raw> Get(Getter<Raw> getter, const std::string& key, const char* expected) const {
    Raw value{};
    const usher_status status = getter(host_, key.c_str(), &value);
    if (status == USHER_NOT_FOUND) return std::nullopt;
    Demand(status, key, expected);
    return value;
  }

  [[nodiscard]] std::string_view At(const std::string& key, uint32_t index) const {
    const char* value = "";
    Demand(table_->get_string_at(host_, key.c_str(), index, &value), key, "an array of strings");
    return value;
  }

  static void Demand(usher_status status, const std::string& key, const char* expected) {
    const std::string where = "configuration key \"" + key + "\"";
    if (status == USHER_WRONG_TYPE) throw Error(status, where + ": must be " + expected);
    detail::Check(status, where);
  }

  const usher_host* host_;
  const usher_ext_config* table_;
};

}  // namespace usher

#endif
