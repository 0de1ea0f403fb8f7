#include "session/normalizer.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "event/text.h"

namespace broker {
namespace {

bool IsClean(std::string_view text) {
  return text.size() <= kMaxTextBytes && IsAscii(text);
}

std::string Clean(std::string_view text) {
  return ToUtf8(text, kMaxTextBytes);
}

constexpr std::array kTexts{
    &SessionFacts::id,   &SessionFacts::user,    &SessionFacts::user_id,
    &SessionFacts::type, &SessionFacts::seat,    &SessionFacts::session_class,
    &SessionFacts::tty,  &SessionFacts::display, &SessionFacts::remote_host};

bool LosesConnection(const SessionRef& known, const Session& facts) {
  return known && ConnectionOf(*known) != Connection::kNone &&
         ConnectionOf(facts) == Connection::kNone;
}

Details DelayOf(const RawEvent& raw) {
  if (raw.delay_us <= 0) return {};
  return {{"delay_us", std::to_string(raw.delay_us)}};
}

bool IsOfBoot(const Session& session, const std::string& boot_id) {
  return session.Key().starts_with(boot_id) && session.Key().size() > boot_id.size() &&
         session.Key()[boot_id.size()] == '-';
}

}  // namespace

Normalizer::Normalizer(SessionTable& table, std::string boot_id, std::string source,
                       const SourceCapabilities& capabilities)
    : table_(table),
      boot_id_(std::move(boot_id)),
      source_(std::move(source)),
      live_(capabilities.recorded ? Origin::kRecorded : Origin::kOs),
      reconciled_(capabilities.recorded ? Origin::kRecorded : Origin::kReconciled),
      first_(!capabilities.recorded) {}

void Normalizer::Normalize(RawEvent&& raw, std::vector<Event>& out) {
  Changes changes = Begin(raw, out);
  switch (raw.kind) {
    case RawKind::kSnapshot:
      return TakeSnapshot(raw, changes);
    case RawKind::kSession:
      return TakeSession(std::move(raw.session), changes);
    case RawKind::kSessionRemoved:
      if (const SessionRef known = table_.Find(Clean(raw.session.Id()))) changes.End(known);
      return;
    case RawKind::kSessionStuck:
      if (const SessionRef known = table_.Find(Clean(raw.session.Id()))) {
        changes.With(reconciled_, Clean(raw.reason)).End(known);
      }
      return;
    case RawKind::kSeat:
      for (const auto& [seat, id] : raw.seats) TakeSeat(Clean(seat), Clean(id), changes);
      return;
    case RawKind::kLockRequested:
      if (SessionRef known = table_.Find(Clean(raw.session.Id())))
        changes.Tell(EventType::kSessionLockRequested, std::move(known));
      return;
    case RawKind::kUnlockRequested:
      return TakeUnlockRequest(table_.Find(Clean(raw.session.Id())), changes);
    case RawKind::kSuspending:
      return changes.Tell(EventType::kSystemSuspending, nullptr, DelayOf(raw));
    case RawKind::kResumed:
      return changes.Tell(EventType::kSystemResumed);
    case RawKind::kShuttingDown:
      return changes.Tell(EventType::kSystemShuttingDown, nullptr, DelayOf(raw));
    case RawKind::kLost:
      return TakeLoss(changes);
    case RawKind::kEnd:
      return;
  }
}

void Normalizer::EndForeignBoot(Timestamp now, std::vector<Event>& out) {
  Changes changes(table_, {now, Origin::kReconciled, Origin::kReconciled, source_, "boot"}, out);
  const SeatMap seats = table_.Seats();
  for (const SessionRef& session : table_.All()) {
    if (IsOfBoot(*session, boot_id_)) continue;
    changes.End(session);
    for (const auto& [seat, id] : seats)
      if (id == session->Id()) changes.SwitchSeat(seat, {});
  }
}

Changes Normalizer::Begin(const RawEvent& raw, std::vector<Event>& out) const {
  const Origin origin = raw.kind == RawKind::kSnapshot ? reconciled_ : live_;
  return {table_, {raw.time, origin, reconciled_, source_, Clean(raw.reason)}, out};
}

/// Whether the session stage would give the session the same texts.
bool Normalizer::IsComplete(const Session& reported) const {
  if (reported.Key().empty()) return false;
  const SessionFacts facts = reported.Facts();
  return facts.key == MakeSessionKey(boot_id_, facts.id, facts.created_us) &&
         std::ranges::all_of(kTexts, [&](const auto text) { return IsClean(facts.*text); });
}

/// The facts with clean text and the key, and what the table has under their id. Mostly only the
/// status has changed: then the texts are those that the table has.
Session Normalizer::Identified(Session reported, SessionRef& known) const {
  known = table_.Find(reported.Id());
  const auto is_known = [&] {
    return known && known->created_us == reported.created_us && IsOfBoot(*known, boot_id_);
  };
  if (is_known() && reported.SameButKey(*known)) {
    reported.ShareTexts(*known);
    return reported;
  }
  if (IsComplete(reported)) return reported;
  SessionFacts facts = reported.Facts();
  for (const auto text : kTexts) {
    if (!IsClean(facts.*text)) facts.*text = Clean(facts.*text);
  }
  known = table_.Find(facts.id);
  facts.key =
      is_known() ? std::string(known->Key()) : MakeSessionKey(boot_id_, facts.id, facts.created_us);
  return Session(facts);
}

/// Ends come first, then whoever lost its terminal, then the others: as the system would have said
/// it.
void Normalizer::TakeSnapshot(const RawEvent& raw, Changes& changes) {
  if (lost_) changes.With(live_, Clean(raw.reason)).Tell(EventType::kSourceResynced);
  lost_ = false;
  std::vector<Session> facts;
  facts.reserve(raw.sessions.size());
  SessionRef known;
  for (const Session& session : raw.sessions) facts.push_back(Identified(session, known));
  if (std::exchange(first_, false)) {
    for (Session& session : facts) DoubtUnlock(session);
  }
  EndMissing(facts, changes);
  std::stable_partition(facts.begin(), facts.end(), [this](const Session& session) {
    return LosesConnection(table_.Find(session.Id()), session);
  });
  for (const Session& session : facts) changes.See(session);

  SeatMap seats;
  for (const auto& [seat, id] : table_.Seats()) seats[seat] = {};
  for (const auto& [seat, id] : raw.seats) seats[Clean(seat)] = Clean(id);
  for (const auto& [seat, id] : seats) changes.SwitchSeat(seat, id);
}

/// A "no" after a "yes" that nobody saw change may only mean that the system's reporter was
/// restarted meanwhile and forgot.
void Normalizer::DoubtUnlock(Session& facts) const {
  const SessionRef known = table_.Find(facts.Id());
  if (known && known->Key() == facts.Key() && known->locked == Locked::kYes &&
      facts.locked == Locked::kNo) {
    facts.locked = Locked::kUnknown;
  }
}

void Normalizer::EndMissing(const std::vector<Session>& facts, Changes& changes) {
  std::set<std::string_view> present;
  for (const Session& session : facts) present.insert(session.Id());
  for (const SessionRef& session : table_.All())
    if (!present.contains(session->Id())) changes.End(session);
}

void Normalizer::TakeSession(Session reported, Changes& changes) {
  SessionRef known;
  Session facts = Identified(std::move(reported), known);
  if (known && known->Key() == facts.Key() && facts.locked == Locked::kUnknown)
    facts.locked = known->locked;
  changes.See(std::move(facts), std::move(known));
}

/// A seat's switch tells of the terminals, too: who had it lost it, whose it is now has it. Where
/// the sessions said so themselves, nothing of it is left to say.
void Normalizer::TakeSeat(const std::string& seat, const std::string& id, Changes& changes) {
  const auto known = table_.Seats().find(seat);
  if (known != table_.Seats().end() && known->second == id) return;
  const auto see = [&changes](Session session, bool active) {
    session.active = active;
    changes.See(std::move(session));
  };
  for (const SessionRef& session : table_.All())
    if (session->Seat() == seat && session->Id() != id) see(*session, false);
  const SessionRef front = table_.Find(id);
  if (front && front->Seat() == seat) see(*front, true);
  changes.SwitchSeat(seat, id);
}

void Normalizer::TakeUnlockRequest(const SessionRef& session, Changes& changes) {
  if (!session) return;
  changes.Tell(EventType::kSessionUnlockRequested, session);
  if (session->locked == Locked::kUnknown) changes.Unlock(session, "unlock requested");
}

void Normalizer::TakeLoss(Changes& changes) {
  if (!lost_) changes.Tell(EventType::kSourceLost);
  lost_ = true;
}

}  // namespace broker
