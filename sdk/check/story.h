#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "event/event.h"

namespace broker::check {

/// Invents events without end, numbered from 1: the same seed gives the same ones on every machine.
/// Sessions come and go, at most eight at a time, of a handful of users.
///
/// Not thread-safe.
class Story {
 public:
  enum class Kind {
    kOrderly,  ///< Whole lives of sessions, each step of which the broker could report.
    kWild,     ///< Every other event is any type with any session, or none, and odd details.
  };

  Story(uint64_t seed, Kind kind);

  /// The next event.
  [[nodiscard]] Event Next();

  /// One event of this type (kUnknown: of a type that nobody knows), with the session that was
  /// there last, if its type concerns one.
  [[nodiscard]] Event One(EventType type);

  [[nodiscard]] Seq Last() const { return seq_; }

 private:
  using Change = void (*)(Session&);

  [[nodiscard]] uint64_t Below(uint64_t limit) { return random_() % limit; }
  Event& Add(EventType type, Details details = {});
  void AddChange(EventType type, size_t index, Change change, Details details = {});
  void Act();
  void Begin();
  void End(size_t index);
  void Disturb();
  void AddWild();
  [[nodiscard]] SessionRef AnySession();
  [[nodiscard]] std::string AnyText();

  std::mt19937_64 random_;
  const Kind kind_;
  Seq seq_ = 0;
  uint64_t sessions_begun_ = 0;
  Timestamp now_;
  std::vector<SessionRef> live_;
  SessionRef last_;
  std::deque<Event> next_;
};

/// The boot that these events are of.
[[nodiscard]] const std::string& StoryBoot();

/// A session as the story's first ones are; the number makes it another one.
[[nodiscard]] SessionFacts SessionOf(uint64_t number);

}  // namespace broker::check
