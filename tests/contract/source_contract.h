#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "event/diagnostics.h"
#include "source/source.h"

namespace broker::contract {

/// A desktop that a source watches and a test works at: what people and programs would do to it.
///
/// One machine with one seat, "seat0"; nobody is logged on when it is made. Its calls return once
/// the system (or the simulation) has taken them, not when the source has noticed. They throw
/// std::runtime_error when the system refuses. Called from the test's thread only.
class Desktop {
 public:
  virtual ~Desktop() = default;

  /// The source to be tested, not yet started; once per desktop. `diagnostics` outlives it.
  virtual std::unique_ptr<Source> MakeSource(Diagnostics& diagnostics) = 0;

  /// `user` ("alice" or "bob") logs on at seat0, in a graphical session (x11 or wayland) of class
  /// "user" that comes to the foreground. Returns the session's id.
  virtual std::string Logon(const std::string& user) = 0;

  /// The screen of the session is locked, unlocked.
  virtual void Lock(const std::string& id) = 0;
  virtual void Unlock(const std::string& id) = 0;

  /// Somebody asks the session to lock; nothing is locked yet.
  virtual void RequestLock(const std::string& id) = 0;

  /// The session comes to the foreground of seat0.
  virtual void SwitchTo(const std::string& id) = 0;

  /// The session ends; nothing of it stays behind.
  virtual void Logoff(const std::string& id) = 0;
};

/// Keeps all that a source says, and waits for it. Thread-safe.
class Recorder final : public RawSink {
 public:
  using Predicate = std::function<bool(const RawEvent&)>;

  void Submit(RawEvent raw) noexcept override;

  /// Waits, up to ten seconds, until a report from position `from` on satisfies `predicate`;
  /// returns its position, or fails the test and returns Size(). `what` says what was waited for.
  size_t WaitFor(std::string_view what, const Predicate& predicate, size_t from = 0);

  /// The report at this position; a default one behind the end.
  [[nodiscard]] RawEvent At(size_t position) const;
  [[nodiscard]] std::vector<RawEvent> All() const;
  [[nodiscard]] size_t Size() const;

 private:
  [[nodiscard]] size_t Find(const Predicate& predicate, size_t from) const;

  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::vector<RawEvent> reports_;
};

/// Keeps the sentences a source writes, to be shown when a test fails. Thread-safe.
class Sentences final : public Diagnostics {
 public:
  void Log(Severity severity, std::string_view component, std::string_view text) noexcept override;
  [[nodiscard]] std::string Text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// How a driver is plugged in:
///
///     INSTANTIATE_TEST_SUITE_P(Simulated, SourceContract, testing::Values(DesktopFactory(&Make)));
///
/// in a file that is linked with source_contract.cc.
using DesktopFactory = std::function<std::unique_ptr<Desktop>()>;

/// What every source must do, whichever system it reports; the tests are in source_contract.cc.
class SourceContract : public testing::TestWithParam<DesktopFactory> {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Starts the source and waits for its first snapshot.
  void Start();

  /// Logs `user` on and waits until the source reports the session past `opening`.
  std::string LogonSeen(const std::string& user);

  /// Waits for a kSession report of `id` that satisfies `predicate`, from position `from` on.
  size_t WaitForSession(const std::string& id, std::string_view what,
                        const std::function<bool(const Session&)>& predicate, size_t from = 0);

  Sentences sentences_;
  Recorder recorder_;
  std::unique_ptr<Desktop> desktop_;
  std::unique_ptr<Source> source_;
};

}  // namespace broker::contract
