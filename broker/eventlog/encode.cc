#include <cstdint>

#include "event/utc.h"
#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"

namespace broker {
namespace {

/// Appends the members of one line. Empty texts, zeros and false are left out.
class LineEncoder {
 public:
  LineEncoder(std::string& out, size_t text_limit) : out_(out), text_limit_(text_limit) {}

  void Text(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    AppendJsonName(out_, name);
    AppendJsonString(out_, text, text_limit_);
  }

  template <std::integral Integer>
  void Number(std::string_view name, Integer value) {
    if (value == 0) return;
    AppendJsonName(out_, name);
    AppendInteger(out_, value);
  }

  void Flag(std::string_view name, bool value) {
    if (!value) return;
    AppendJsonName(out_, name);
    out_.append("true");
  }

  void SessionMember(std::string_view name, const SessionRef& session) {
    if (!session) return;
    AppendJsonName(out_, name);
    SessionObject(*session);
  }

  void SessionObject(const Session& session);
  void DetailsObject(const Event& event);
  void SeatsObject(const SeatMap& seats);

 private:
  void Entry(std::string_view key, std::string_view value);

  std::string& out_;
  const size_t text_limit_;
};

void LineEncoder::SessionObject(const Session& session) {
  out_.push_back('{');
  Text("id", session.id);
  Text("key", session.key);
  Text("user", session.user);
  Text("user_id", session.user_id);
  Text("class", session.session_class);
  Text("type", session.type);
  Text("seat", session.seat);
  Text("tty", session.tty);
  Text("display", session.display);
  Text("remote_host", session.remote_host);
  Flag("remote", session.remote);
  Flag("active", session.active);
  Text("state", Name(session.state));
  Text("locked", Name(session.locked));
  Number("created_us", session.created_us);
  if (session.logon_time_us != 0) Text("logon_time", FormatUtc(session.logon_time_us));
  out_.push_back('}');
}

// Here empty values stay: "to":"" says that nothing is on the seat now.
void LineEncoder::Entry(std::string_view key, std::string_view value) {
  if (out_.back() != '{') out_.push_back(',');
  AppendJsonString(out_, key, text_limit_);
  out_.push_back(':');
  AppendJsonString(out_, value, text_limit_);
}

void LineEncoder::DetailsObject(const Event& event) {
  if (event.details.empty()) return;
  AppendJsonName(out_, "details");
  out_.push_back('{');
  size_t count = 0;
  for (const auto& [key, value] : event.details) {
    if (event.Detail(key) != &value) continue;
    if (++count > kMaxDetails) break;
    Entry(key, value);
  }
  out_.push_back('}');
}

void LineEncoder::SeatsObject(const SeatMap& seats) {
  if (seats.empty()) return;
  AppendJsonName(out_, "seats");
  out_.push_back('{');
  for (const auto& [seat, session] : seats) Entry(seat, session);
  out_.push_back('}');
}

void EncodeEventWithin(std::string& out, const Event& event, size_t text_limit) {
  const size_t start = out.size();
  LineEncoder line(out, text_limit);
  out.append(kSeqOpening);
  AppendInteger(out, event.seq);
  line.Text("time", FormatUtc(event.time.realtime_us));
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
  AppendSum(out, start);
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
  const size_t start = out.size();
  LineEncoder line(out, kMaxTextBytes);
  out.push_back('{');
  line.Text("format", FormatVersion());
  line.Text("log", header.log_id);
  line.Text("machine", header.machine_id);
  line.Text("boot", header.boot_id);
  line.Number("first_seq", header.first_seq);
  line.Text("created", FormatUtc(header.created_us));
  line.SeatsObject(header.sessions.seats);
  out.append(",\"sessions\":[");
  for (const SessionRef& session : header.sessions.sessions) {
    const size_t before = out.size();
    if (out.back() != '[') out.push_back(',');
    line.SessionObject(*session);
    if (out.size() - start + 1 + kSumBytes <= kMaxHeaderBytes) continue;
    out.resize(before);
    break;
  }
  out.push_back(']');
  AppendSum(out, start);
}

}  // namespace broker
