#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/status.h"
#include "settings/load.h"
#include "settings/settings.h"
#include "settings/toml_fwd.h"
#include "usher/status.h"

namespace broker {

/// One instance's own table of the configuration, [plugins.NAME.config], read by dotted keys, in
/// which a number stands for an element of an array of tables. Keeps
/// account of what was asked for, so that a key that nobody understood is an error.
///
/// Not thread-safe; call from the plugin's thread.
class PluginConfig {
 public:
  explicit PluginConfig(const PluginSettings& settings);

  /// Each sets `out` and answers USHER_OK; or leaves it and answers USHER_NOT_FOUND (no such key,
  /// no such element) or USHER_WRONG_TYPE. Texts are valid as long as this is.
  usher_status String(std::string_view key, const char*& out);
  usher_status Integer(std::string_view key, int64_t& out);
  usher_status Number(std::string_view key, double& out);
  usher_status Boolean(std::string_view key, int32_t& out);
  usher_status Count(std::string_view key, uint32_t& out);
  usher_status StringAt(std::string_view key, uint32_t index, const char*& out);

  /// Of an array of tables.
  usher_status TableCount(std::string_view key, uint32_t& out);

  /// Notes what the plugin says against the value of `key`, which may be absent.
  void Refuse(std::string_view key, std::string text);

  /// The values that the plugin refused, or asked for only as another type than they have.
  [[nodiscard]] std::vector<SettingsError> ValueErrors() const { return Errors(false); }
  /// The same, and the keys that nobody asked for.
  [[nodiscard]] std::vector<SettingsError> AllErrors() const { return Errors(true); }
  /// Both as kInvalid, with file, line, column and key.
  [[nodiscard]] Status CheckValues() const { return ToStatus(ValueErrors()); }
  [[nodiscard]] Status CheckAll() const { return ToStatus(AllErrors()); }

 private:
  struct Asked {
    const char* wanted = "";  ///< The type that was wanted, for people.
    bool read = false;
  };

  template <class Value, class Out>
  usher_status Read(std::string_view key, const char* wanted, Value&& value, Out& out);
  [[nodiscard]] const toml::node* Find(std::string_view key) const;
  [[nodiscard]] std::vector<SettingsError> Errors(bool unknown_too) const;
  void CollectTables(const toml::node& array, const std::string& path, bool unknown_too,
                     std::vector<SettingsError>& errors) const;
  void Collect(const toml::table& table, const std::string& path, bool unknown_too,
               std::vector<SettingsError>& errors) const;
  [[nodiscard]] SettingsPosition PositionOf(std::string_view key) const;
  [[nodiscard]] SettingsError ErrorOf(const toml::key& key, const toml::node& value,
                                      const std::string& path) const;

  const std::shared_ptr<const toml::table> table_;
  const std::string file_;
  const std::string path_;           ///< The table's dotted name.
  const SettingsPosition position_;  ///< Of the instance's table.
  std::map<std::string, Asked, std::less<>> asked_;
  std::vector<SettingsError> refused_;
};

}  // namespace broker
