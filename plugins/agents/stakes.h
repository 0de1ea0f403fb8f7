#pragma once

#include <map>
#include <set>
#include <string>

namespace agents {

/// What an agent means to a session. A value.
struct Stake {
  std::string place;
  bool wanted = false;
  std::string why;  ///< Not wanted.
};

/// What one agent means to all sessions, by their keys and by place. Not thread-safe.
class Stakes {
 public:
  using Keys = std::set<std::string>;

  /// Null if the session has none; valid until it is changed.
  [[nodiscard]] const Stake* Find(const std::string& session_key) const;
  /// The sessions that have a stake in the place.
  [[nodiscard]] const Keys& In(const std::string& place) const;
  [[nodiscard]] const std::map<std::string, Stake>& All() const { return stakes_; }

  void Set(const std::string& session_key, Stake stake);
  void Erase(const std::string& session_key);

 private:
  std::map<std::string, Stake> stakes_;
  std::map<std::string, Keys> places_;
};

}  // namespace agents
