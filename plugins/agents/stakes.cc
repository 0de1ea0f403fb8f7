#include "stakes.h"

#include <utility>

namespace agents {

const Stake* Stakes::Find(const std::string& session_key) const {
  const auto found = stakes_.find(session_key);
  return found == stakes_.end() ? nullptr : &found->second;
}

const Stakes::Keys& Stakes::In(const std::string& place) const {
  static const Keys kNone;
  const auto found = places_.find(place);
  return found == places_.end() ? kNone : found->second;
}

void Stakes::Set(const std::string& session_key, Stake stake) {
  Erase(session_key);
  places_[stake.place].insert(session_key);
  stakes_[session_key] = std::move(stake);
}

void Stakes::Erase(const std::string& session_key) {
  const auto stake = stakes_.find(session_key);
  if (stake == stakes_.end()) return;
  const auto place = places_.find(stake->second.place);
  place->second.erase(session_key);
  if (place->second.empty()) places_.erase(place);
  stakes_.erase(stake);
}

}  // namespace agents
