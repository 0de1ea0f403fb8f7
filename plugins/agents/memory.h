#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <usher/plugin.hpp>

namespace agents {

/// What is to be known after a restart of the broker and cannot be seen from the sessions: whom an
/// administrator has stopped, and which agents had begun whose conditions depend on that. Written
/// at each change; what cannot be written counts until the broker ends.
///
/// [plugin-thread]
class Memory {
 public:
  /// Reads what there is.
  explicit Memory(usher::Host host);

  /// An administrator stops or starts an agent in all places, those to come included, of this boot,
  void Stop(const std::string& agent, const std::string& boot_id);
  void Start(const std::string& agent);
  /// or in one place only.
  void Stop(const std::string& agent, const std::string& boot_id, const std::string& place);
  void Start(const std::string& agent, const std::string& place);
  /// `session_key` is that of a session of the place: it says which boot this is.
  [[nodiscard]] bool IsStopped(const std::string& agent, const std::string& place,
                               const std::string& session_key) const;

  /// The last request of an administrator's that was carried out, by its event's number; 0: none.
  [[nodiscard]] uint64_t Obeyed() const { return obeyed_; }
  void SetObeyed(uint64_t seq);

  /// Whether an agent had begun in a session.
  [[nodiscard]] bool HasBegun(const std::string& agent, const std::string& session_key) const {
    return begun_.count({agent, session_key}) != 0;
  }
  void SetBegun(const std::string& agent, const std::string& session_key, bool begun);
  /// Forgets all other sessions.
  void KeepBegun(const std::set<std::string>& session_keys);

 private:
  /// Of one agent.
  struct Stopped {
    std::string boot_id;
    bool all = false;
    std::set<std::string> others;  ///< Places with which it is the other way round.
  };

  Stopped& Of(const std::string& agent, const std::string& boot_id);
  void ReadObeyed();
  void ReadStopped();
  void ReadBegun();
  void WriteStopped();
  void WriteBegun();
  void Write(const std::string& key, const std::string& value);

  const usher::Host host_;
  std::map<std::string, Stopped> stopped_;  ///< By agent.
  uint64_t obeyed_ = 0;
  std::set<std::pair<std::string, std::string>> begun_;
};

}  // namespace agents
