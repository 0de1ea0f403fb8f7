#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <usher/plugin.hpp>

#include "account_lookup.h"
#include "conditions.h"
#include "memory.h"
#include "post.h"
#include "session.h"
#include "settings.h"
#include "stakes.h"

namespace agents {

/// Keeps each agent running where it belongs: knows the sessions, finds out which of them are to
/// have which agents, and has a Post for each agent in each place: a session, a user, or a seat.
///
/// Not thread-safe; call from the plugin's thread.
class Supervisor {
 public:
  /// `find` looks up accounts, on a thread of its own. `seed` is for the jitter.
  Supervisor(const usher::Host& host, Settings settings, AccountLookup::Find find, uint32_t seed);
  ~Supervisor() = default;
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// All sessions there are. Once the first time's agents are asked for, all others are ended.
  void Take(const usher::Snapshot& snapshot);
  void Take(const usher::Event& event);

 private:
  /// One agent, wherever it runs.
  struct Crew {
    explicit Crew(Agent its_agent) : agent(std::move(its_agent)) {}
    const Agent agent;
    Stakes stakes;
    std::map<std::string, std::unique_ptr<Post>> posts;  ///< By place.
    std::set<std::string> left;                          ///< Places without sessions.
    std::optional<usher::AgentState> idle;               ///< As told, while nobody has it.
  };
  using Places = std::set<std::string>;

  void TakeSession(const usher::Event& event);
  void TakeRequest(const usher::Event& event);
  void Obey(Crew& crew, const std::string& method, const std::string& session_id);
  [[nodiscard]] std::vector<std::string> Affected(const std::string& session_key) const;
  void Reconsider(Moment now, const std::vector<std::string>& session_keys,
                  usher::EventType type = usher::EventType::kUnknown);
  void Weigh(Crew& crew, const std::string& session_key, Places& places);
  [[nodiscard]] Verdict VerdictOn(const Crew& crew, const Session& session, std::string& why);
  [[nodiscard]] bool IsSeatTaken(const Session& session) const;
  void Man(Crew& crew, const std::string& place, Moment now, usher::EventType type);
  [[nodiscard]] const Session* BestOf(const Crew& crew, const std::string& place,
                                      const std::string& current) const;
  Post& PostAt(Crew& crew, const std::string& place);
  void Tick(Moment due);
  void GoOn();
  void TakeAccounts(Moment now);
  void DropIdle();
  void TellOfIdle();
  void SetPoll(Moment now);
  void ArmTimers();
  [[nodiscard]] std::set<Moment> Dues() const;

  const usher::Host host_;
  Machine::Random random_;
  Memory memory_;
  AccountLookup accounts_;
  std::map<std::string, Session> sessions_;  ///< By key.
  std::vector<std::unique_ptr<Crew>> crews_;
  uint64_t as_of_seq_ = 0;
  std::string boot_id_;  ///< That of the last event.
  bool settled_ = false;

  /// By when they are due. Each was made when what led to it was at hand, which so counts as the
  /// cause of what it leads to.
  std::map<Moment, usher::Timer> timers_;
  std::optional<Moment> next_poll_;  ///< For accounts that are being looked up.
  Moment poll_wait_{0};
};

}  // namespace agents
