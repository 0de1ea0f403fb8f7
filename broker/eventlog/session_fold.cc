#include "eventlog/session_fold.h"

#include <algorithm>
#include <optional>

#include "eventlog/codec.h"
#include "session/session_events.h"

namespace broker {
namespace {

/// Whether the encoder gave the line an origin that changes sessions; the member stands behind the
/// type.
bool IsObserved(std::string_view line, const LineHead& head) {
  const auto behind = static_cast<size_t>(head.type.data() + head.type.size() + 1 - line.data());
  const std::string_view rest = line.substr(std::min(behind, line.size()));
  return rest.starts_with(R"(,"origin":"os",)") || rest.starts_with(R"(,"origin":"reconciled",)") ||
         rest.starts_with(R"(,"origin":"recorded",)");
}

/// The id in a line's session of this name, with what escapes it has; empty where there is none. In
/// a text the quotes would be escaped, so only the member itself looks like this.
std::string_view IdIn(std::string_view line, std::string_view opening) {
  const size_t at = line.find(opening);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + opening.size());
  const std::string_view id = rest.substr(0, rest.find('"'));
  return id.find('\\') == std::string_view::npos ? id : std::string_view();
}

}  // namespace

bool SessionFold::Take(std::string_view line, const LineHead& head) {
  const std::optional<EventType> type = ParseEventType(head.type);
  if (!type || !TellsOfSession(*type) || !IsObserved(line, head)) return false;
  const bool ends = *type == EventType::kSessionDestroyed;
  std::string_view id = IdIn(line, R"("session":{"id":")");
  if (id.empty() && ends) id = IdIn(line, R"("before":{"id":")");
  if (id.empty()) return false;
  std::vector<Kept>& last = last_[std::string(id)];
  if (!ends) last.resize(std::min<size_t>(last.size(), 1));
  if (ends || last.empty()) last.emplace_back();
  last.back().seq = head.seq;
  last.back().line = line;
  return true;
}

void SessionFold::Take(std::string_view line, const Event& event) {
  if (TellsOfSession(event.type)) {
    unusual_.push_back({event.seq, std::string(line)});
  } else {
    table_.Apply(event);
  }
}

SessionSnapshot SessionFold::Finish(uint64_t& damaged) {
  std::vector<const Kept*> all;
  for (const auto& [id, last] : last_) {
    for (const Kept& kept : last) all.push_back(&kept);
  }
  for (const Kept& kept : unusual_) all.push_back(&kept);
  std::ranges::sort(all, {}, &Kept::seq);
  for (const Kept* const kept : all) {
    const Result<Event> event = DecodeEvent(kept->line);
    if (event.ok()) table_.Apply(event.value());
    if (!event.ok()) ++damaged;
  }
  return {table_.All(), table_.Seats(), 0};
}

}  // namespace broker
