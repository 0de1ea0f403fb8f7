#include <cstdint>
#include <functional>
#include <vector>

#include "eventlog/codec.h"
#include "eventlog/event_encoder.h"
#include "eventlog/format.h"
#include "eventlog/json_pen.h"
#include "eventlog/line.h"

namespace broker {
namespace {

// What allocations begin at a multiple of, so that the digits below say nothing.
constexpr size_t kGranularity = 16;

bool SameTimes(const SessionStatus& one, const SessionStatus& other) {
  return one.created_us == other.created_us && one.logon_time_us == other.logon_time_us;
}

/// Writes the members of one line. Empty texts, zeros and false are left out.
class LineEncoder {
 public:
  /// `known`: the sessions that were written with this limit; may be null.
  LineEncoder(JsonPen& pen, size_t text_limit, EncodedSessions* known = nullptr)
      : pen_(pen), text_limit_(text_limit), known_(known), start_(pen.Size()) {}

  void Text(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    pen_.Name(name);
    pen_.String(text, text_limit_);
  }

  void Time(std::string_view name, int64_t realtime_us) {
    pen_.Name(name);
    pen_.Utc(realtime_us);
  }

  /// A name of ours: nothing in it needs an escape.
  void Word(std::string_view name, std::string_view word) {
    if (word.empty()) return;
    pen_.Name(name);
    pen_.Word(word);
  }

  template <std::integral Integer>
  void Number(std::string_view name, Integer value) {
    if (value == 0) return;
    pen_.Name(name);
    pen_.Number(value);
  }

  void Flag(std::string_view name, bool value) {
    if (!value) return;
    pen_.Name(name);
    pen_.Raw("true");
  }

  void SessionMember(std::string_view name, const SessionRef& session) {
    if (!session) return;
    pen_.Name(name);
    if (known_ == nullptr) {
      SessionObject(*session);
    } else {
      KnownSession(*session, known_->At(session->Texts()));
    }
  }

  void SessionObject(const Session& session) {
    SessionTexts(session);
    SessionState(session);
    SessionTimes(session);
  }
  void DetailsObject(const Event& event);
  void SeatsObject(const SeatMap& seats);
  /// As many of them as leave the line no longer than `limit`, its end included.
  void SessionList(const std::vector<SessionRef>& sessions, size_t limit);

  JsonPen& Pen() { return pen_; }
  [[nodiscard]] size_t Length() const { return pen_.Size() - start_; }

  /// The last member.
  void Sum() {
    const uint64_t sum = LineSum(pen_.Since(start_));
    pen_.Raw(kSumOpening);
    pen_.Hex64(sum);
    pen_.Raw(kSumClosing);
  }

 private:
  void KnownSession(const Session& session, EncodedSessions::Entry& known);
  void SessionTexts(const Session& session);
  void SessionState(const Session& session);
  void SessionTimes(const Session& session);
  void Entry(std::string_view key, std::string_view value);

  JsonPen& pen_;
  const size_t text_limit_;
  EncodedSessions* const known_;
  const size_t start_;  ///< Where the line begins.
};

void LineEncoder::KnownSession(const Session& session, EncodedSessions::Entry& known) {
  const SessionStatus& status = session;
  const bool same_texts = !known.object.empty() && known.texts.Shares(session.Texts());
  if (same_texts && known.status == status) return pen_.Raw(known.object);
  const size_t start = pen_.Size();
  if (same_texts) {
    pen_.Raw(std::string_view(known.object).substr(0, known.texts_bytes));
  } else {
    SessionTexts(session);
    known.texts = session.Texts();
  }
  known.texts_bytes = pen_.Size() - start;
  SessionState(session);
  const size_t times = pen_.Size();
  if (same_texts && SameTimes(known.status, status)) {
    pen_.Raw(std::string_view(known.object).substr(known.object.size() - known.times_bytes));
  } else {
    SessionTimes(session);
  }
  known.times_bytes = pen_.Size() - times;
  known.object = pen_.Since(start);
  known.status = status;
}

void LineEncoder::SessionTexts(const Session& session) {
  pen_.Raw('{');
  Text("id", session.Id());
  Text("key", session.Key());
  Text("user", session.User());
  Text("user_id", session.UserId());
  Text("class", session.Class());
  Text("type", session.Type());
  Text("seat", session.Seat());
  Text("tty", session.Tty());
  Text("display", session.Display());
  Text("remote_host", session.RemoteHost());
}

void LineEncoder::SessionState(const Session& session) {
  Flag("remote", session.remote);
  Flag("active", session.active);
  Word("state", Name(session.state));
  Word("locked", Name(session.locked));
}

void LineEncoder::SessionTimes(const Session& session) {
  Number("created_us", session.created_us);
  if (session.logon_time_us != 0) Time("logon_time", session.logon_time_us);
  pen_.Raw('}');
}

// Here empty values stay: "to":"" says that nothing is on the seat now.
void LineEncoder::Entry(std::string_view key, std::string_view value) {
  if (pen_.Last() != '{') pen_.Raw(',');
  pen_.String(key, text_limit_);
  pen_.Raw(':');
  pen_.String(value, text_limit_);
}

void LineEncoder::DetailsObject(const Event& event) {
  if (event.details.empty()) return;
  pen_.Name("details");
  pen_.Raw('{');
  size_t count = 0;
  for (const auto& [key, value] : event.details) {
    if (event.Detail(key) != &value) continue;
    if (++count > kMaxDetails) break;
    Entry(key, value);
  }
  pen_.Raw('}');
}

void LineEncoder::SeatsObject(const SeatMap& seats) {
  if (seats.empty()) return;
  pen_.Name("seats");
  pen_.Raw('{');
  for (const auto& [seat, session] : seats) Entry(seat, session);
  pen_.Raw('}');
}

void LineEncoder::SessionList(const std::vector<SessionRef>& sessions, size_t limit) {
  pen_.Name("sessions");
  pen_.Raw('[');
  for (const SessionRef& session : sessions) {
    const size_t before = pen_.Size();
    if (pen_.Last() != '[') pen_.Raw(',');
    SessionObject(*session);
    if (Length() + 1 + kSumBytes <= limit) continue;
    pen_.CutTo(before);
    break;
  }
  pen_.Raw(']');
}

void EncodeWith(LineEncoder line, const Event& event) {
  line.Pen().Raw(kSeqOpening);
  line.Pen().Number(event.seq);
  line.Time("time", event.time.realtime_us);
  line.Number("mono", event.time.monotonic_us);
  if (event.type == EventType::kUnknown) {
    line.Text("type", event.type_name);
  } else {
    line.Word("type", Name(event.type));
  }
  line.Word("origin", Name(event.origin));
  line.Text("source", event.source);
  line.Number("cause", event.cause);
  line.Number("chain", event.chain);
  line.Text("reason", event.reason);
  line.SessionMember("session", event.session);
  line.SessionMember("before", event.before);
  line.DetailsObject(event);
  line.Sum();
}

void EncodeBounded(JsonPen& pen, const Event& event, EncodedSessions* known) {
  const size_t start = pen.Size();
  EncodeWith({pen, kMaxTextBytes, known}, event);
  if (pen.Size() - start <= kMaxLineBytes) return;
  pen.CutTo(start);
  EncodeWith({pen, kMinTextBytes}, event);
}

}  // namespace

std::string FormatVersion() {
  return std::to_string(kLogFormatMajor) + "." + std::to_string(kLogFormatMinor);
}

EncodedSessions::Entry& EncodedSessions::At(const PackedTexts& texts) {
  return entries_[std::hash<const void*>()(texts.Identity()) / kGranularity % entries_.size()];
}

void EventEncoder::Encode(JsonPen& pen, const Event& event) {
  EncodeBounded(pen, event, &sessions_);
}

void EncodeEvent(std::string& out, const Event& event) {
  JsonPen pen(out);
  EncodeBounded(pen, event, nullptr);
}

void EncodeHeader(std::string& out, const SegmentHeader& header) {
  JsonPen pen(out);
  LineEncoder line(pen, kMaxTextBytes);
  pen.Raw('{');
  line.Text("format", FormatVersion());
  line.Text("log", header.log_id);
  line.Text("machine", header.machine_id);
  line.Text("boot", header.boot_id);
  line.Number("first_seq", header.first_seq);
  line.Time("created", header.created_us);
  line.SeatsObject(header.sessions.seats);
  line.SessionList(header.sessions.sessions, kMaxHeaderBytes);
  line.Sum();
}

}  // namespace broker
