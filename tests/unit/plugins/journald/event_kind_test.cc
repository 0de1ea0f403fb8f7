#include "event_kind.h"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using journald::EventKind;
using journald::EventKinds;
using testing::HasSubstr;
using usher::EventType;

/// One entry of a catalog.
struct Entry {
  std::string subject;
  std::string text;
};

/// The entries of usher.catalog, by id.
std::map<std::string, Entry> ReadCatalog() {
  std::ifstream file(USHER_CATALOG);
  std::map<std::string, Entry> entries;
  Entry* entry = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("-- ")) {
      const auto [at, is_new] = entries.emplace(line.substr(3), Entry());
      EXPECT_TRUE(is_new) << line << " stands there twice";
      entry = &at->second;
    } else if (entry != nullptr && line.starts_with("Subject: ")) {
      entry->subject = line.substr(9);
    } else if (entry != nullptr && !line.starts_with("Defined-By: ")) {
      entry->text += line + "\n";
    }
  }
  return entries;
}

TEST(EventKinds, ThereIsOneForEachTypeOfEvent) {
  std::set<EventType> types;
  for (const EventKind& kind : EventKinds()) types.insert(kind.type);
  EXPECT_EQ(types.size(), EventKinds().size());
  for (int32_t number = 0; number < usher::detail::kTypeCount; ++number) {
    EXPECT_TRUE(types.contains(static_cast<EventType>(number)))
        << usher::detail::kTypeNames[number];
  }
}

TEST(EventKinds, TheirIdsAreUniqueAndOfTheFormThatTheJournalAsksFor) {
  const std::regex form("[0-9a-f]{32}");
  std::set<std::string> ids;
  for (const EventKind& kind : EventKinds()) {
    EXPECT_TRUE(std::regex_match(kind.message_id, form)) << kind.message_id;
    EXPECT_TRUE(ids.insert(kind.message_id).second) << kind.message_id;
  }
}

TEST(EventKinds, ATypeWithoutANumberIsTheFirstOne) {
  EXPECT_EQ(journald::KindOf(EventType::kUnknown).type, EventType::kUnknown);
  EXPECT_EQ(&journald::KindOf(static_cast<EventType>(4711)), &EventKinds().front());
  EXPECT_EQ(journald::KindOf(EventType::kLogDamaged).type, EventType::kLogDamaged);
}

TEST(EventKinds, WhatSomebodyMustSeeToIsMoreUrgentThanTheRest) {
  using journald::Priority;
  for (const EventType type : {EventType::kPluginFailed, EventType::kPluginQuarantined,
                               EventType::kLogDamaged, EventType::kLogGap}) {
    EXPECT_EQ(journald::KindOf(type).priority, Priority::kError) << usher::Name(type);
  }
  EXPECT_EQ(journald::KindOf(EventType::kSourceLost).priority, Priority::kWarning);
  EXPECT_EQ(journald::KindOf(EventType::kSessionLogon).priority, Priority::kNotice);
  EXPECT_EQ(journald::KindOf(EventType::kSessionCreated).priority, Priority::kInfo);
}

TEST(TheCatalog, ExplainsEachTypeAndNothingElse) {
  auto entries = ReadCatalog();
  for (const EventKind& kind : EventKinds()) {
    const auto entry = entries.extract(kind.message_id);
    ASSERT_FALSE(entry.empty()) << usher::Name(kind.type) << " " << kind.message_id;
    EXPECT_FALSE(entry.mapped().subject.empty()) << usher::Name(kind.type);
    EXPECT_GT(entry.mapped().text.size(), 20) << usher::Name(kind.type);
  }
  for (const auto& [id, entry] : entries)
    ADD_FAILURE() << id << " is of no type: " << entry.subject;
}

TEST(TheCatalog, ShowsNoTextThatSomebodyElseChose) {
  const std::set<std::string> harmless{
      "USHER_TYPE",         "USHER_UID",           "USHER_SESSION",      "USHER_SESSION_KEY",
      "USHER_DETAIL_UID",   "USHER_DETAIL_FROM",   "USHER_DETAIL_TO",    "USHER_DETAIL_INSTANCE",
      "USHER_DETAIL_COUNT", "USHER_DETAIL_METHOD", "USHER_DETAIL_RESULT"};
  const std::regex field("@([^@\\s]*)@");
  size_t found = 0;
  for (const auto& [id, entry] : ReadCatalog()) {
    const std::string text = entry.subject + entry.text;
    for (std::sregex_iterator at(text.begin(), text.end(), field), end; at != end; ++at, ++found) {
      EXPECT_TRUE(harmless.contains((*at)[1])) << (*at)[0] << " in " << entry.subject;
    }
  }
  EXPECT_GT(found, 20);
}

}  // namespace
