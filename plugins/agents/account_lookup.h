#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "accounts.h"

namespace agents {

/// Looks up accounts on a thread of its own, as a server that is asked for them may take its time,
/// or never answer; the thread is there once somebody is looked up. What was found counts for five
/// minutes, and until there is something newer.
///
/// Not thread-safe.
class AccountLookup {
 public:
  /// Nothing: the databases do not answer now; they are asked again.
  using Find = std::function<std::optional<plugins::Account>(const std::string& user_id)>;

  explicit AccountLookup(Find find);
  AccountLookup(const AccountLookup&) = delete;
  AccountLookup& operator=(const AccountLookup&) = delete;
  /// Waits a second for a look-up that is at work, then leaves the thread behind.
  ~AccountLookup();

  /// The account, valid until the next call; null: it is being looked up. Waits for the answer for
  /// a moment, but not while an earlier one is still missing: so a server that hangs holds up one
  /// call, however many there are.
  [[nodiscard]] const plugins::Account* Of(const std::string& user_id);

  /// Whether there is somebody whose account Of did not have, and that was not found since.
  [[nodiscard]] bool IsWaiting() const;

  /// Whose accounts were found since the last call, though Of had none.
  [[nodiscard]] std::vector<std::string> TakeFound();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Known {
    plugins::Account account;
    SteadyTime since;
  };
  struct Shared;

  void Ask(const std::string& user_id);
  void Collect();

  const std::shared_ptr<Shared> shared_;
  std::thread thread_;
  std::map<std::string, Known> known_;
  std::map<std::string, bool> missing_;  ///< With whether it was asked for in vain.
  std::vector<std::string> found_;
};

}  // namespace agents
