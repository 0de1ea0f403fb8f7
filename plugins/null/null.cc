// The null plugin: does nothing of use, and shows everything a plugin can do. Copy it to begin.

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <usher/plugin.hpp>

namespace {

// One object of this class is one instance: one table [plugins.NAME] of the configuration. All of
// its methods are called on one thread, one at a time, so plain members need no lock.
class Null final : public usher::Plugin {
 public:
  // The constructor takes the host and keeps it; the broker is not ready for calls yet, so whatever
  // needs it belongs into OnInit.
  using Plugin::Plugin;

  // Before there is an instance, and for `usherctl check-config`: whether the configuration is
  // good. Read every key here, one that nobody asked for is taken for misspelt. What Fail is told
  // the administrator reads with the value's file, line and column, so let it say what would be
  // right. Without this function, OnInit does the same for its own instance.
  static void CheckConfig(const usher::Host& host) {
    const usher::Config config = host.Config();
    (void)config.GetBoolean("log_events");
    (void)config.GetBoolean("locks_only");
    const int64_t save_every = config.GetInteger("save_every").value_or(1);
    if (save_every < 1) {
      config.Fail("save_every", "is " + std::to_string(save_every) + "; must be 1 or more");
    }
  }

  // Once, first. An exception refuses the instance, here and in the constructor; its text is what
  // the administrator reads.
  void OnInit() override {
    const usher::Config config = host().Config();
    log_events_ = config.GetBoolean("log_events").value_or(log_events_);
    save_every_ = config.GetInteger("save_every").value_or(save_every_);
    // An extension that the plugin can do without: timers call on this same thread.
    if (const auto timers = host().Timers()) {
      saving_ = timers->Every(kSaveInterval, [this] { SaveNews(); });
    }
    // Without Subscribe, all types of the descriptor come (see the end of this file).
    if (config.GetBoolean("locks_only").value_or(false)) {
      host().Subscribe(usher::EventType::kSessionLocked, usher::EventType::kSessionUnlocked);
    }
    LoadCount();
  }

  // All sessions there are, before the first event and again whenever events were skipped: the
  // place to begin from, as earlier events will not come. Views are valid during the call only;
  // copy what must stay.
  void OnSnapshot(const usher::Snapshot& snapshot) override {
    as_of_seq_ = snapshot.as_of_seq();
    host().LogInfo("there are " + std::to_string(snapshot.sessions().size()) +
                   " sessions as of event " + std::to_string(as_of_seq_));
    for (const usher::Session session : snapshot.sessions()) LogSession(session);
  }

  // One event. To return is to acknowledge it; an exception is a strike, and the event is skipped
  // for this instance. After a crash events come again (event.redelivered()), so what is done here
  // should bear to be done twice. Who has to wait for something derives from usher::AsyncPlugin and
  // leaves the event open meanwhile: sdk/README.md.
  void OnEvent(const usher::Event& event) override {
    if (event.seq() <= as_of_seq_) return;  // The snapshot had it already.
    ++count_;
    if (log_events_) LogEvent(event);
    if (count_ % save_every_ == 0) SaveCount();
  }

  // The last call but the destructor. It comes on every orderly stop, not after a crash: hence
  // save_every.
  void OnStop() override {
    SaveCount();
    host().LogInfo("counted " + std::to_string(count_) + " events in all");
    // Not needed here, but this is how to ask for the sessions at any time, from any thread.
    host().VisitSessions([this](const usher::Snapshot& now) {
      host().LogDebug("leaving " + std::to_string(now.sessions().size()) + " sessions behind");
    });
  }

 private:
  static constexpr const char* kCountKey = "events";
  static constexpr std::chrono::minutes kSaveInterval{10};

  // The store is the instance's own and survives restarts. Values are bytes; text is easy to look
  // at.
  void LoadCount() {
    const std::optional<std::string> stored = host().Storage().Get(kCountKey);
    if (!stored) return;
    const char* end = stored->data() + stored->size();
    const auto parsed = std::from_chars(stored->data(), end, count_);
    if (parsed.ec == std::errc() && parsed.ptr == end) return;
    host().LogWarning("the stored count \"" + *stored + "\" is no number; counting from 0");
    count_ = 0;
  }

  // Durable when it returns, so as slow as the disk: not something to do at every event.
  void SaveCount() {
    host().Storage().Put(kCountKey, std::to_string(count_));
    saved_ = count_;
  }
  void SaveNews() {
    if (count_ != saved_) SaveCount();
  }

  // Many events concern no session (a suspend): event.session() is then the view of none, all
  // empty.
  void LogEvent(const usher::Event& event) {
    std::string text =
        "event " + std::to_string(event.seq()) + ": " + std::string(event.type_name());
    if (event.session()) text += " of session " + std::string(event.session().id());
    for (const usher::Detail detail : event.details()) {
      text += ", " + std::string(detail.key()) + "=" + std::string(detail.value());
    }
    host().LogInfo(text);
  }

  void LogSession(const usher::Session& session) {
    host().LogDebug("session " + std::string(session.id()) + ": " + std::string(session.user()) +
                    " (" + std::string(session.session_class()) + ")");
  }

  bool log_events_ = true;
  int64_t save_every_ = 100;
  int64_t count_ = 0;
  int64_t saved_ = 0;
  uint64_t as_of_seq_ = 0;
  usher::Timer saving_;  // Goes on as long as it lives.
};

}  // namespace

// The library's one exported symbol: constant data that the broker reads before any code here runs.
// The types are an upper bound; a plugin that wants less names them:
// usher::Events(usher::EventType::…).
USHER_PLUGIN(Null, "org.usher.null", "1.0.0", usher::AllEvents,
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_STORAGE),
             usher::Optional(USHER_EXT_TIMER));
