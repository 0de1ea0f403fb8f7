#include "tests/contract/source_contract.h"

#include <algorithm>
#include <chrono>
#include <iostream>

namespace broker::contract {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kPatience{10};

bool Removes(const RawEvent& raw, const std::string& id) {
  return raw.kind == RawKind::kSessionRemoved && raw.session.Id() == id;
}

bool ShowsOnSeat0(const RawEvent& raw, const std::string& id) {
  if (raw.kind != RawKind::kSeat) return false;
  const auto seat = raw.seats.find("seat0");
  return seat != raw.seats.end() && seat->second == id;
}

}  // namespace

void Recorder::Submit(RawEvent raw) noexcept {
  const std::lock_guard lock(mutex_);
  reports_.push_back(std::move(raw));
  more_.notify_all();
}

size_t Recorder::Find(const Predicate& predicate, size_t from) const {
  const auto begin =
      reports_.begin() + static_cast<std::ptrdiff_t>(std::min(from, reports_.size()));
  return static_cast<size_t>(std::find_if(begin, reports_.end(), predicate) - reports_.begin());
}

size_t Recorder::WaitFor(std::string_view what, const Predicate& predicate, size_t from) {
  std::unique_lock lock(mutex_);
  const auto found = [&] { return Find(predicate, from) < reports_.size(); };
  if (!more_.wait_for(lock, kPatience, found)) {
    ADD_FAILURE() << "waited in vain for " << what << "; " << reports_.size() << " reports came";
  }
  return Find(predicate, from);
}

RawEvent Recorder::At(size_t position) const {
  const std::lock_guard lock(mutex_);
  return position < reports_.size() ? reports_[position] : RawEvent{};
}

std::vector<RawEvent> Recorder::All() const {
  const std::lock_guard lock(mutex_);
  return reports_;
}

size_t Recorder::Size() const {
  const std::lock_guard lock(mutex_);
  return reports_.size();
}

void Sentences::Log(Severity, std::string_view component, std::string_view text) noexcept {
  const std::lock_guard lock(mutex_);
  text_.append(component).append(": ").append(text).append("\n");
}

std::string Sentences::Text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

void SourceContract::SetUp() {
  desktop_ = GetParam()();
  source_ = desktop_->MakeSource(sentences_);
  ASSERT_NE(source_, nullptr);
}

void SourceContract::TearDown() {
  if (source_) source_->Stop();
  source_.reset();
  desktop_.reset();
  if (HasFailure()) std::cerr << sentences_.Text();
}

void SourceContract::Start() {
  const Status started = source_->Start(recorder_);
  ASSERT_TRUE(started.ok()) << started.message();
  recorder_.WaitFor("the first snapshot",
                    [](const RawEvent& raw) { return raw.kind == RawKind::kSnapshot; });
}

std::string SourceContract::LogonSeen(const std::string& user) {
  const size_t from = recorder_.Size();
  std::string id = desktop_->Logon(user);
  WaitForSession(
      id, "a logon", [](const Session& session) { return session.state != SessionState::kOpening; },
      from);
  return id;
}

size_t SourceContract::WaitForSession(const std::string& id, std::string_view what,
                                      const std::function<bool(const Session&)>& predicate,
                                      size_t from) {
  return recorder_.WaitFor(
      what,
      [&](const RawEvent& raw) {
        return raw.kind == RawKind::kSession && raw.session.Id() == id && predicate(raw.session);
      },
      from);
}

TEST_P(SourceContract, BeginsWithASnapshotOfWhatThereIs) {
  const std::string id = desktop_->Logon("alice");
  Start();
  const RawEvent first = recorder_.At(0);
  ASSERT_EQ(first.kind, RawKind::kSnapshot);
  EXPECT_EQ(first.reason, "start");
  ASSERT_EQ(first.sessions.size(), 1U);
  EXPECT_EQ(first.sessions[0].Id(), id);
  EXPECT_EQ(first.sessions[0].User(), "alice");
  ASSERT_EQ(first.seats.count("seat0"), 1U);
  EXPECT_EQ(first.seats.at("seat0"), id);
}

TEST_P(SourceContract, BeginsWithAnEmptySnapshotWhenNobodyIsLoggedOn) {
  Start();
  const RawEvent first = recorder_.At(0);
  ASSERT_EQ(first.kind, RawKind::kSnapshot);
  EXPECT_EQ(first.reason, "start");
  EXPECT_TRUE(first.sessions.empty());
  ASSERT_EQ(first.seats.count("seat0"), 1U);
  EXPECT_EQ(first.seats.at("seat0"), "");
}

TEST_P(SourceContract, ReportsALogonWithAllItsFacts) {
  Start();
  const std::string id = desktop_->Logon("alice");
  const size_t position =
      WaitForSession(id, "the session to leave opening",
                     [](const auto& session) { return session.state != SessionState::kOpening; });
  const Session session = recorder_.At(position).session;
  EXPECT_EQ(session.state, SessionState::kActive);
  EXPECT_EQ(session.User(), "alice");
  EXPECT_FALSE(session.UserId().empty());
  EXPECT_EQ(session.Class(), "user");
  EXPECT_TRUE(session.Type() == "wayland" || session.Type() == "x11") << session.Type();
  EXPECT_EQ(session.Seat(), "seat0");
  EXPECT_EQ(session.locked, Locked::kNo);
  EXPECT_TRUE(session.active);
  EXPECT_FALSE(session.remote);
  EXPECT_GT(session.created_us, 0);
}

TEST_P(SourceContract, LeavesKeyAndLogonTimeToTheSessionStage) {
  Start();
  LogonSeen("alice");
  for (const RawEvent& raw : recorder_.All()) {
    EXPECT_EQ(raw.session.Key(), "");
    EXPECT_EQ(raw.session.logon_time_us, 0);
  }
}

TEST_P(SourceContract, ShowsTheNewSessionOnItsSeat) {
  Start();
  const std::string id = desktop_->Logon("alice");
  recorder_.WaitFor("seat0 showing the session",
                    [&](const RawEvent& raw) { return ShowsOnSeat0(raw, id); });
}

TEST_P(SourceContract, ReportsBothEdgesOfALock) {
  Start();
  const std::string id = LogonSeen("alice");
  desktop_->Lock(id);
  const size_t locked = WaitForSession(
      id, "the lock", [](const Session& session) { return session.locked == Locked::kYes; });
  desktop_->Unlock(id);
  WaitForSession(
      id, "the unlock", [](const Session& session) { return session.locked == Locked::kNo; },
      locked);
}

TEST_P(SourceContract, ReportsARequestToLockAsARequestOnly) {
  Start();
  const std::string id = LogonSeen("alice");
  desktop_->RequestLock(id);
  recorder_.WaitFor("the request", [&](const RawEvent& raw) {
    return raw.kind == RawKind::kLockRequested && raw.session.Id() == id;
  });
  for (const RawEvent& raw : recorder_.All()) EXPECT_NE(raw.session.locked, Locked::kYes);
}

TEST_P(SourceContract, ReportsASwitchOfTheConsoleOnBothSessionsAndTheSeat) {
  Start();
  const std::string alice = LogonSeen("alice");
  const std::string bob = LogonSeen("bob");
  const size_t from = recorder_.Size();
  desktop_->SwitchTo(alice);
  const auto active = [](const Session& session) { return session.active; };
  const auto inactive = [](const Session& session) { return !session.active; };
  WaitForSession(bob, "bob in the background", inactive, from);
  WaitForSession(alice, "alice in the foreground", active, from);
  recorder_.WaitFor(
      "seat0 showing alice", [&](const RawEvent& raw) { return ShowsOnSeat0(raw, alice); }, from);
}

TEST_P(SourceContract, ReportsALogoffAsARemoval) {
  Start();
  const std::string id = LogonSeen("alice");
  desktop_->Logoff(id);
  recorder_.WaitFor("the removal", [&](const RawEvent& raw) { return Removes(raw, id); });
  recorder_.WaitFor("an empty seat0", [](const RawEvent& raw) { return ShowsOnSeat0(raw, ""); });
}

TEST_P(SourceContract, SaysNothingOfASessionBehindItsRemoval) {
  Start();
  const std::string alice = LogonSeen("alice");
  desktop_->Logoff(alice);
  const size_t removal =
      recorder_.WaitFor("the removal", [&](const RawEvent& raw) { return Removes(raw, alice); });
  LogonSeen("bob");
  const std::vector<RawEvent> all = recorder_.All();
  for (size_t i = removal + 1; i < all.size(); ++i) EXPECT_NE(all[i].session.Id(), alice);
}

TEST_P(SourceContract, StampsItsReportsWithItsOwnClockInOrder) {
  Start();
  const int64_t before = source_->SourceClock().Now().monotonic_us;
  const size_t from = recorder_.Size();
  LogonSeen("alice");
  const int64_t after = source_->SourceClock().Now().monotonic_us;
  int64_t last = before;
  const std::vector<RawEvent> all = recorder_.All();
  for (size_t i = from; i < all.size(); ++i) {
    EXPECT_GE(all[i].time.monotonic_us, last);
    EXPECT_GT(all[i].time.realtime_us, 0);
    last = all[i].time.monotonic_us;
  }
  EXPECT_LE(last, after);
}

TEST_P(SourceContract, StopsWithinASecondAndSaysNothingAfterIt) {
  Start();
  LogonSeen("alice");
  const auto begin = steady_clock::now();
  source_->Stop();
  EXPECT_LE(steady_clock::now() - begin, milliseconds(1000));
  const size_t said = recorder_.Size();
  desktop_->Logon("bob");
  EXPECT_EQ(recorder_.Size(), said);
}

TEST_P(SourceContract, StopsAtOnceAfterAStart) {
  const Status started = source_->Start(recorder_);
  ASSERT_TRUE(started.ok()) << started.message();
  source_->Stop();
  const size_t said = recorder_.Size();
  desktop_->Logon("alice");
  EXPECT_EQ(recorder_.Size(), said);
}

TEST_P(SourceContract, HasAStableName) {
  EXPECT_FALSE(source_->Name().empty());
}

}  // namespace broker::contract
