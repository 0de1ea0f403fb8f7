#pragma once

#include <string>
#include <string_view>

#include <usher/cpp/views.hpp>

#include "settings.h"

namespace journald {

/// One record of the journal in the form that the journal takes, which lets values be anything.
/// Source: systemd, "Native Journal Protocol" (systemd.io/JOURNAL_NATIVE_PROTOCOL).
class Record {
 public:
  /// Adds a field; an empty value is left out. `name`: A-Z, 0-9 and "_", beginning with a letter,
  /// at most 64 of them; of another one the journal drops the field.
  void Add(std::string_view name, std::string_view value);

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// All that the journal is told of the event; README.md lists the fields.
[[nodiscard]] Record Describe(const usher::Event& event, const Settings& settings);

/// USHER_DETAIL_… for the detail of this key: what a name may not have becomes "_", and what is too
/// long is cut.
[[nodiscard]] std::string DetailName(std::string_view key);

}  // namespace journald
