#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace broker {

/// Which events an instance gets: those its descriptor names, or fewer. An empty list of the
/// descriptor's means every type. Names that the broker has no number for (plugins' own types)
/// share EventType::kUnknown and are told apart by name.
///
/// Not thread-safe; the instance's thread owns it.
class Subscription {
 public:
  explicit Subscription(std::vector<std::string> bound) : bound_(std::move(bound)) {}

  /// Whether the descriptor names the type, or names none.
  [[nodiscard]] bool Allows(std::string_view type) const;

  /// Replaces what is wanted by `types`, each of which must be allowed.
  void Narrow(std::vector<std::string> types) { narrowed_ = std::move(types); }

  /// What to ask the hub for.
  [[nodiscard]] std::vector<EventType> Types() const;

  /// Whether this event of one of Types() is meant.
  [[nodiscard]] bool Wants(const Event& event) const;

  /// The wanted names that the broker has no number for.
  [[nodiscard]] std::vector<std::string> UnknownNames() const;

 private:
  [[nodiscard]] const std::vector<std::string>& Names() const;

  const std::vector<std::string> bound_;
  std::optional<std::vector<std::string>> narrowed_;
};

}  // namespace broker
