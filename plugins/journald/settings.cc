#include "settings.h"

#include <algorithm>
#include <optional>

#include <usher/cpp/error.hpp>

#include "sentence.h"
#include "type_glob.h"

namespace journald {
namespace {

// journalctl's own names for them. Source: journalctl(1), --priority.
constexpr std::array<const char*, Settings::kPriorities> kPriorityNames{
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

// What an address of a Unix socket has room for. Source: unix(7).
constexpr size_t kLongestPath = 107;

bool MatchesAny(const std::vector<std::string>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(),
                     [text](const std::string& glob) { return plugins::MatchesGlob(glob, text); });
}

bool MatchesAType(std::string_view glob) {
  const std::span<const EventKind> kinds = EventKinds();
  return std::any_of(kinds.begin() + 1, kinds.end(), [glob](const EventKind& kind) {
    return plugins::MatchesGlob(glob, usher::Name(kind.type));
  });
}

/// Types of other plugins begin with the plugin's id, so that they have two dots at least.
bool MayBeOfAPlugin(std::string_view glob) {
  return std::count(glob.begin(), glob.end(), '.') >= 2;
}

/// Reads the keys of one table.
class SettingsReader {
 public:
  explicit SettingsReader(const usher::Config& config) : config_(config) {}

  void Read(const std::string& key, bool& out) const {
    Take(key, "must be true or false", out, [&] { return config_.GetBoolean(key); });
  }
  void Read(const std::string& key, std::string& out) const {
    Take(key, "must be a text", out, [&] { return config_.GetString(key); });
  }
  void Read(const std::string& key, std::vector<std::string>& out) const {
    Take(key, "must be a list of texts", out, [&]() -> std::optional<std::vector<std::string>> {
      const auto texts = config_.GetStrings(key);
      if (!texts) return std::nullopt;
      return std::vector<std::string>(texts->begin(), texts->end());
    });
  }
  void ReadGlobs(const std::string& key, std::vector<std::string>& out) const {
    Read(key, out);
    for (const std::string& glob : out) {
      if (MatchesAType(glob) || MayBeOfAPlugin(glob)) continue;
      config_.Fail(key, "there is no type of event that \"" + glob +
                            "\" matches; types are as in \"session.logon\", \"plugin.*\" or, of a "
                            "plugin's own, \"org.example.name.*\"");
    }
  }

  /// `problem` is a sentence that says what would be right.
  void Demand(bool condition, const std::string& key, const char* problem) const {
    if (!condition) config_.Fail(key, problem);
  }

 private:
  /// A value of another type is told with its line, as any other mistake is, and with the others.
  template <class Value, class Get>
  void Take(const std::string& key, const char* problem, Value& out, Get get) const {
    try {
      if (const auto value = get()) out = Value(*value);
    } catch (const usher::Error& error) {
      if (error.status() != USHER_WRONG_TYPE) throw;
      config_.Fail(key, problem);
    }
  }

  const usher::Config& config_;
};

}  // namespace

bool Settings::Wants(const usher::Event& event) const {
  if (!MatchesAny(events, event.type_name()) || MatchesAny(except, event.type_name())) return false;
  const usher::Session session = SessionOf(event);
  return classes.empty() || !session ||
         std::find(classes.begin(), classes.end(), session.session_class()) != classes.end();
}

Priority Settings::PriorityOf(std::string_view type, Priority otherwise) const {
  for (size_t number = 0; number < priorities.size(); ++number) {
    if (MatchesAny(priorities.at(number), type)) return static_cast<Priority>(number);
  }
  return otherwise;
}

Settings ReadSettings(const usher::Config& config) {
  const SettingsReader reader(config);
  Settings settings;
  reader.ReadGlobs("events", settings.events);
  reader.ReadGlobs("except", settings.except);
  reader.Read("classes", settings.classes);
  reader.Read("identifier", settings.identifier);
  reader.Demand(!settings.identifier.empty(), "identifier", "must not be empty");
  reader.Read("event_json", settings.event_json);
  reader.Read("socket", settings.socket);
  const bool is_path = settings.socket.starts_with('/') && settings.socket.size() <= kLongestPath;
  reader.Demand(is_path, "socket",
                "must be the absolute path of the journal's socket, of at most 107 bytes");
  for (size_t number = 0; number < Settings::kPriorities; ++number) {
    reader.ReadGlobs(std::string("priorities.") + kPriorityNames.at(number),
                     settings.priorities.at(number));
  }
  return settings;
}

}  // namespace journald
