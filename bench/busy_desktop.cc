#include "busy_desktop.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "eventlog/codec.h"
#include "session/normalizer.h"

namespace bench {
namespace {

constexpr broker::Timestamp kMorning{1'795'200'513'123'456, 131'623'456};
constexpr int64_t kBetweenUs = 1'003;
constexpr size_t kSessionsOfLines = 40;
constexpr const char* kBoot = "5d0c6a0e6f0c4d2e8a8d5e2f7b1c9a34";

/// Every third works from elsewhere.
broker::LogonRequest RequestOf(size_t number) {
  constexpr std::array users{"ada", "grace.hopper", "alan", "barbara.liskov", "edsger"};
  broker::LogonRequest request;
  request.user = users.at(number % users.size());
  request.remote = number % 3 == 0;
  if (request.remote) {
    request.type = "tty";
    request.remote_host = "desk-" + std::to_string(number) + ".example.org";
  }
  return request;
}

/// Makes events of what it is told.
class Normalizing final : public broker::RawSink {
 public:
  void Submit(broker::RawEvent raw) noexcept override { normalizer_.Normalize(raw, events_); }
  std::vector<broker::Event>& Events() { return events_; }

 private:
  broker::SessionTable table_;
  broker::Normalizer normalizer_{table_, kBoot, "simulated"};
  std::vector<broker::Event> events_;
};

}  // namespace

BusyDesktop::BusyDesktop(size_t sessions, const std::string& boot_id)
    : desktop_(std::make_shared<broker::SimulatedDesktop>(kMorning, boot_id)), locked_(sessions) {
  for (size_t i = 0; i < sessions; ++i) {
    desktop_->GetClock().Advance(kBetweenUs);
    broker::Result<std::string> id = desktop_->Logon(RequestOf(i));
    if (!id.ok()) throw std::runtime_error(id.status().message());
    ids_.push_back(std::move(id).value());
  }
}

void BusyDesktop::Act() {
  const size_t who = random_() % ids_.size();
  desktop_->GetClock().Advance(kBetweenUs);
  const broker::Status done =
      locked_[who] ? desktop_->Unlock(ids_[who]) : desktop_->Lock(ids_[who]);
  if (!done.ok()) throw std::runtime_error(done.message());
  locked_[who] = !locked_[who];
}

std::vector<broker::Event> MakeEvents(size_t count) {
  BusyDesktop busy(kSessionsOfLines, kBoot);
  Normalizing sink;
  busy.Desktop()->Attach(sink);
  sink.Events().clear();  // Those of the first snapshot.
  for (size_t i = 0; i < count; ++i) busy.Act();
  busy.Desktop()->Detach();

  broker::Seq seq = 0;
  for (broker::Event& event : sink.Events()) event.seq = ++seq;
  return std::move(sink.Events());
}

std::vector<std::string> MakeLines(size_t count) {
  std::vector<std::string> lines;
  lines.reserve(count);
  for (const broker::Event& event : MakeEvents(count)) {
    std::string line;
    broker::EncodeEvent(line, event);
    lines.push_back(line + "\n");
  }
  return lines;
}

}  // namespace bench
