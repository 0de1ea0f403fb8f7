#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <usher/cpp/config.hpp>
#include <usher/cpp/views.hpp>

#include "event_kind.h"

namespace journald {

/// The plugin's table, [plugins.NAME.config]; README.md explains the keys. A value.
struct Settings {
  static constexpr size_t kPriorities = 8;

  std::vector<std::string> events{"*"};  ///< Globs of types.
  std::vector<std::string> except;       ///< Globs of types.
  std::vector<std::string> classes;      ///< Of sessions; empty = all of them.
  std::string identifier = "usher";
  std::string socket = "/run/systemd/journal/socket";
  bool event_json = false;
  std::array<std::vector<std::string>, kPriorities> priorities;  ///< Globs of types, by Priority.

  /// Whether the journal is to be told of the event.
  [[nodiscard]] bool Wants(const usher::Event& event) const;

  /// The most urgent one whose globs match the type, else `otherwise`.
  [[nodiscard]] Priority PriorityOf(std::string_view type, Priority otherwise) const;
};

/// Reads every key there may be, and refuses each wrong value (Config::Fail): so for OnInit and
/// CheckConfig only. What was refused has its default.
[[nodiscard]] Settings ReadSettings(const usher::Config& config);

}  // namespace journald
