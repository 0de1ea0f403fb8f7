#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/load.h"
#include "settings/toml.h"

namespace broker {

/// Reads one TOML table strictly: each key is asked for once with its type and range; what was not
/// asked for by Finish() is an unknown key. Used for the configuration and for scenarios.
///
/// Not thread-safe. The table and `errors` must outlive it.
class TableReader {
 public:
  /// What else to say about an unknown key, e.g. where it belongs; empty = nothing.
  using Hint = std::function<std::string(std::string_view key)>;

  /// `path` is the table's dotted name ("" for the root), `file` the file it stands in.
  TableReader(const toml::table& table, std::string path, std::string file,
              std::vector<SettingsError>& errors);

  /// Each sets `out` if the key is there and right, adds an error if it is there and wrong, and
  /// answers whether `out` was set. The value in `out`, the default, is the example in the error.
  bool String(std::string_view key, std::string& out);
  bool Strings(std::string_view key, std::vector<std::string>& out);
  bool Choice(std::string_view key, const std::vector<std::string>& choices, std::string& out);
  bool Boolean(std::string_view key, bool& out);
  bool Integer(std::string_view key, int64_t least, int64_t most, int64_t& out);
  bool Number(std::string_view key, double least, double most, double& out);
  /// "16 MiB", "512 KiB", "1 GiB" or a plain number of bytes.
  bool Bytes(std::string_view key, uint64_t least, uint64_t most, uint64_t& out);
  /// "250 ms", "10 s", "5 min", "2 h" → microseconds.
  bool Duration(std::string_view key, int64_t least_us, int64_t most_us, int64_t& out_us);
  /// The same, or "unlimited", which is 0.
  bool DurationOrUnlimited(std::string_view key, int64_t least_us, int64_t most_us,
                           int64_t& out_us);

  /// The sub-table or the array of tables; nullptr or empty if absent or (with an error) of another
  /// type.
  const toml::table* Table(std::string_view key);
  std::vector<const toml::table*> Tables(std::string_view key);

  /// Like String, but missing is an error.
  bool RequiredString(std::string_view key, std::string& out);

  /// Adds an error for checks that only the caller can make: at the value of `key`, or at the table
  /// if the key is not there.
  void Fail(std::string_view key, std::string message);

  /// Makes every key that nobody asked for an error: with the nearest known one, else with what
  /// `hint` says, else with the known ones.
  void Finish(const Hint& hint = {});

  /// The table's dotted name followed by `key`.
  [[nodiscard]] std::string Dotted(std::string_view key) const;

 private:
  /// What a time may be, and what else an error is to offer.
  struct DurationRange {
    int64_t least_us;
    int64_t most_us;
    std::string_view alternative;
  };

  const toml::node* Take(std::string_view key);
  bool AcceptDuration(const toml::node* node, std::string_view key, const DurationRange& range,
                      int64_t& out_us);
  void AddError(const toml::source_region& where, std::string_view key, std::string message);
  void WrongType(const toml::node& node, std::string_view key, std::string_view expected,
                 const std::string& example);
  void OutOfRange(const toml::node& node, std::string_view key, const std::string& least,
                  const std::string& most);
  [[nodiscard]] std::string UnknownKey(std::string_view key, const toml::node& node,
                                       const Hint& hint) const;

  const toml::table& table_;
  const std::string path_;
  const std::string file_;
  std::vector<SettingsError>& errors_;
  std::vector<std::string> known_;
};

}  // namespace broker
