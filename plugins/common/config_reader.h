#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <usher/plugin.hpp>

namespace plugins {

/// Reads the keys of one table of an instance's configuration. A key that is absent leaves `out` as
/// it is. What is wrong with a value, its type included, is told to the broker, which knows its
/// line; reading goes on, so that all mistakes are told at once.
///
/// [plugin-thread]
class ConfigReader {
 public:
  /// `config` must outlive this. Keys are `prefix` and the key: "hook.0." for a table in an array.
  ConfigReader(const usher::Config& config, std::string prefix)
      : config_(config), prefix_(std::move(prefix)) {}

  // These answer whether there is a value of the right type.
  bool Read(const std::string& key, bool& out) const;
  bool Read(const std::string& key, std::string& out) const;
  bool Read(const std::string& key, std::vector<std::string>& out) const;

  // A range is from `least` to `most`, both included.
  void Read(const std::string& key, int64_t least, int64_t most, int64_t& out) const;
  void Read(const std::string& key, double least, double most, double& out) const;
  /// `range` is what the administrator is told: "100 ms to 1 h".
  void Read(const std::string& key, std::chrono::microseconds least, std::chrono::microseconds most,
            const char* range, std::chrono::microseconds& out) const;
  /// A number of bytes, "512 MiB"; from one on.
  void ReadBytes(const std::string& key, uint64_t& out) const;
  /// One of some words; its index.
  void Read(const std::string& key, const std::vector<std::string>& choices, size_t& out) const;

  /// How many tables there are in the array `key`; `problem` is told if it is something else.
  [[nodiscard]] uint32_t CountTables(const std::string& key, const std::string& problem) const;

  void Fail(const std::string& key, const std::string& text) const {
    config_.Fail(prefix_ + key, text);
  }

 private:
  template <class Value, class Getter>
  bool Ask(const std::string& key, const std::string& problem, Value& out, Getter getter) const;

  const usher::Config& config_;
  const std::string prefix_;
};

/// "250 ms", "10 s", "5 min", "2 h"; nothing for what is no time.
[[nodiscard]] std::optional<std::chrono::microseconds> ParseTime(std::string_view text);

/// "4096", "64 KiB", "512 MiB", "2 GiB"; nothing for what is no size.
[[nodiscard]] std::optional<uint64_t> ParseBytes(std::string_view text);

/// The words as a sentence lists them: "a", "b", "c", each in quotes.
[[nodiscard]] std::string Listed(const std::vector<std::string>& words);

}  // namespace plugins
