#pragma once

#include <optional>
#include <string>

#include "usherctl/streams.h"

namespace broker {

inline constexpr const char* kDefaultConfig = "/etc/usher/usher.toml";

/// Where the broker's log, socket and cursors are, as the command line and the configuration say.
struct LocationOptions {
  std::string config;  ///< Empty: kDefaultConfig, and the built-in defaults where that is missing.
  std::string socket;  ///< Empty: as configured.
  std::string log_directory;  ///< Empty: as configured.
};

/// Each reads the configuration only if it must. nullopt: that is invalid, and its errors are on
/// err.
[[nodiscard]] std::optional<std::string> FindSocket(const LocationOptions& options,
                                                    Streams& streams);
[[nodiscard]] std::optional<std::string> FindLogDirectory(const LocationOptions& options,
                                                          Streams& streams);
[[nodiscard]] std::optional<std::string> FindCursorsDirectory(const LocationOptions& options,
                                                              Streams& streams);

/// Where the broker listens as far as the configuration can be understood: for who asks it about
/// that very file.
[[nodiscard]] std::string GuessSocket(const LocationOptions& options);

}  // namespace broker
