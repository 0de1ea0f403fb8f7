#include <cstdint>
#include <vector>

#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_pen.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"

namespace broker {
namespace {

/// Writes the members of one line. Empty texts, zeros and false are left out.
class LineEncoder {
 public:
  /// Writes behind what `out` has.
  LineEncoder(std::string& out, size_t text_limit) : pen_(out), text_limit_(text_limit) {}

  void Text(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    pen_.Name(name);
    pen_.String(text, text_limit_);
  }

  void Time(std::string_view name, int64_t realtime_us) {
    pen_.Name(name);
    pen_.Utc(realtime_us);
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
    SessionObject(*session);
  }

  void SessionObject(const Session& session);
  void DetailsObject(const Event& event);
  void SeatsObject(const SeatMap& seats);
  /// As many of them as leave the line no longer than `limit`, its end included.
  void SessionList(const std::vector<SessionRef>& sessions, size_t limit);

  JsonPen& Pen() { return pen_; }

  /// The last member.
  void Sum() {
    const uint64_t sum = LineSum(pen_.Written());
    std::string digits;
    AppendHex64(digits, sum);
    pen_.Raw(kSumOpening);
    pen_.Raw(digits);
    pen_.Raw(kSumClosing);
  }

 private:
  void Entry(std::string_view key, std::string_view value);

  JsonPen pen_;
  const size_t text_limit_;
};

void LineEncoder::SessionObject(const Session& session) {
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
  Flag("remote", session.remote);
  Flag("active", session.active);
  Text("state", Name(session.state));
  Text("locked", Name(session.locked));
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
    const size_t before = pen_.Written().size();
    if (pen_.Last() != '[') pen_.Raw(',');
    SessionObject(*session);
    if (pen_.Written().size() + 1 + kSumBytes <= limit) continue;
    pen_.CutTo(before);
    break;
  }
  pen_.Raw(']');
}

void EncodeEventWithin(std::string& out, const Event& event, size_t text_limit) {
  LineEncoder line(out, text_limit);
  line.Pen().Raw(kSeqOpening);
  line.Pen().Number(event.seq);
  line.Time("time", event.time.realtime_us);
  line.Number("mono", event.time.monotonic_us);
  line.Text("type", event.TypeName());
  line.Text("origin", Name(event.origin));
  line.Text("source", event.source);
  line.Number("cause", event.cause);
  line.Number("chain", event.chain);
  line.Text("reason", event.reason);
  line.SessionMember("session", event.session);
  line.SessionMember("before", event.before);
  line.DetailsObject(event);
  line.Sum();
}

}  // namespace

std::string FormatVersion() {
  return std::to_string(kLogFormatMajor) + "." + std::to_string(kLogFormatMinor);
}

void EncodeEvent(std::string& out, const Event& event) {
  const size_t start = out.size();
  EncodeEventWithin(out, event, kMaxTextBytes);
  if (out.size() - start <= kMaxLineBytes) return;
  out.resize(start);
  EncodeEventWithin(out, event, kMinTextBytes);
}

void EncodeHeader(std::string& out, const SegmentHeader& header) {
  LineEncoder line(out, kMaxTextBytes);
  line.Pen().Raw('{');
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
