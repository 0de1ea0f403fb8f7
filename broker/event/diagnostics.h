#pragma once

#include <cstdint>
#include <string_view>

namespace broker {

enum class Severity : int32_t { kDebug = 0, kInfo, kWarning, kError };

/// Where stages put sentences for the administrator (the journal, standard error). Thread-safe and
/// noexcept; never blocks for long. Events go to the event log instead.
class Diagnostics {
 public:
  virtual ~Diagnostics() = default;
  /// `component` says who speaks: a stage ("eventlog") or an instance ("plugin presence").
  virtual void Log(Severity severity, std::string_view component,
                   std::string_view text) noexcept = 0;
};

}  // namespace broker
