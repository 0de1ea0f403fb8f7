#include <array>
#include <chrono>
#include <string>

#include "event/text.h"
#include "sdk/check/check.h"
#include "sdk/check/checks/play.h"

namespace broker::check {
namespace {

using std::chrono::steady_clock;

constexpr uint64_t kSomeEvents = 300;
constexpr size_t kManySessions = 10'000;
constexpr int64_t kSlowNs = 1'000'000'000;
constexpr size_t kLongText = 64UL << 10U;

std::vector<SessionRef> Sessions(size_t count) {
  std::vector<SessionRef> sessions;
  for (size_t i = 0; i < count; ++i) {
    sessions.push_back(std::make_shared<const Session>(SessionOf(1'000'000 + i)));
  }
  return sessions;
}

template <class Body>
void ForEachType(Body&& body) {
  for (auto i = static_cast<int32_t>(EventType::kUnknown) + 1;
       i < static_cast<int32_t>(EventType::kCount); ++i) {
    body(static_cast<EventType>(i));
  }
}

/// Whether there is room for another event; what becomes of the open ones, and of those that are
/// asked for again, is for `answers` to see.
bool OfferOnce(Subject& subject, const Event& event) {
  if (subject.Offer(event) != Outcome::kFailed) return subject.Open() < OpenEvents::kLimit;
  throw Finding{Verdict::kFail,
                "failed: " + subject.Why() + ", for event " + std::to_string(event.seq) + " " +
                    std::string(event.TypeName()),
                "return USHER_OK for what is no trouble of yours; an error is a strike, and three "
                "strikes in ten minutes quarantine the instance",
                "usher/plugin.h, on_event"};
}

struct OddText {
  const char* what;
  std::string text;
};

std::vector<OddText> OddTexts() {
  std::string wide;
  while (wide.size() + 4 <= kLongText) wide += "\xF0\x9F\x98\x80";
  return {{"empty", ""},
          {"64 KiB long", std::string(kLongText, 'x')},
          {"64 KiB of four-byte characters", wide},
          {"with control characters", "a\x01\n\r\t\x1b[2J\x7f\xC2\x9Bz"},
          {"written from right to left", "\xE2\x80\xAE\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"},
          {"with quotes and formats", "%s%n%d ' \" \\ $(id) `id` ; ../../etc/passwd {}"},
          {"not UTF-8", "\xFF\xFE\xC3\x28\xED\xA0\x80"}};
}

void Oddify(Event& event, const std::string& text) {
  const auto oddify = [&](SessionRef& session) {
    if (session == nullptr) return;
    SessionFacts odd = session->Facts();
    for (std::string* part : {&odd.user, &odd.user_id, &odd.session_class, &odd.type, &odd.seat,
                              &odd.tty, &odd.display, &odd.remote_host}) {
      *part = text;
    }
    session = std::make_shared<const Session>(odd);
  };
  oddify(event.session);
  oddify(event.before);
  event.reason = event.source = text;
  for (auto& [key, value] : event.details) value = text;
  event.details.emplace_back(text, text);
}

void TakeOdd(Workbench& bench, const OddText& odd) {
  const auto subject = bench.Start();
  Story story(1, Story::Kind::kOrderly);
  ForEachType([&](EventType type) {
    Event event = story.One(type);
    Oddify(event, odd.text);
    subject->Deliver(event);
  });
  subject->Settle();
  subject->Deactivate();
}

void PlayGuarded(Workbench& bench, Guard guard) {
  SubjectOptions options;
  options.probe.guard = guard;
  options.sessions = Sessions(5);
  const auto subject = bench.Start(options);
  Story story(5, Story::Kind::kOrderly);
  Play(*subject, story, kSomeEvents);
  subject->ShowSnapshot();
  Play(*subject, story, kSomeEvents);
  subject->Settle();
  subject->Deactivate();
}

}  // namespace

void CheckSnapshot(Workbench& bench) {
  for (const size_t count : {size_t{0}, size_t{1}, kManySessions}) {
    SubjectOptions options;
    options.sessions = Sessions(count);
    const auto subject = bench.Start(options);
    const auto begin = steady_clock::now();
    subject->ShowSnapshot();
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - begin);
    if (count == kManySessions) {
      bench.Note(Grouped(count) + " sessions in " + std::to_string(took.count()) + " ms");
    }
    subject->Deactivate();
  }
}

void CheckEvents(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(1, Story::Kind::kOrderly);
  bool room = true;
  ForEachType([&](EventType type) { room = room && OfferOnce(*subject, story.One(type)); });
  for (uint64_t i = 0; room && i < kSomeEvents; ++i) room = OfferOnce(*subject, story.Next());
  const ProbeCounts counts = subject->Counts();
  bench.Note(Grouped(counts.events) + " of " + Grouped(story.Last()) + " events were for it");
  if (counts.slowest_ns > kSlowNs) {
    bench.Add({Verdict::kWarn,
               "took " + std::to_string(counts.slowest_ns / 1'000'000) + " ms for one event",
               "hand slow work to a thread and answer USHER_PENDING (in C++: usher::AsyncPlugin)",
               "sdk/README.md, Events that take their time"});
  }
  Tolerantly([&] { subject->Settle(); });
  Tolerantly([&] { subject->Deactivate(); });
}

void CheckAnswers(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(2, Story::Kind::kOrderly);
  Play(*subject, story, kSomeEvents);
  subject->Settle();
  for (const std::string& misuse : subject->Misuses()) {
    if (misuse.find("complete()") == std::string::npos) continue;
    throw Finding{Verdict::kFail, misuse,
                  "call complete() once, for events that on_event answers with USHER_PENDING",
                  "usher/plugin.h, complete"};
  }
  subject->Deactivate();
}

void CheckStrings(Workbench& bench) {
  for (const OddText& odd : OddTexts()) {
    try {
      TakeOdd(bench, odd);
    } catch (Finding& finding) {
      // The broker makes all text UTF-8: who does not take this may say so.
      if (!IsUtf8(odd.text)) continue;
      finding.text += ", with texts that are " + std::string(odd.what);
      throw;
    }
  }
}

void CheckUnknown(Workbench& bench) {
  SubjectOptions options;
  options.probe.newer = true;
  const auto subject = bench.Start(options);
  Story story(4, Story::Kind::kOrderly);
  for (int i = 0; i < 10; ++i) subject->Deliver(story.One(EventType::kUnknown));
  if (subject->Counts().events == 0) bench.Note("wants known types only");
  ForEachType([&](EventType type) { subject->Deliver(story.One(type)); });
  subject->Settle();
  subject->Deactivate();
}

void CheckRedelivery(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(6, Story::Kind::kOrderly);
  std::vector<Event> events;
  for (uint64_t i = 0; i < kSomeEvents; ++i) events.push_back(story.Next());
  for (const Event& event : events) subject->Deliver(event, {false, true});
  subject->Settle();
  subject->ShowSnapshot();
  for (Event& event : events) {
    event.origin = Origin::kReconciled;
    subject->Deliver(event, {true, false});
  }
  subject->Settle();
  subject->Deactivate();
}

void CheckConst(Workbench& bench) {
  PlayGuarded(bench, Guard::kReadOnly);
}

void CheckCopies(Workbench& bench) {
  PlayGuarded(bench, Guard::kCallOnly);
}

}  // namespace broker::check
