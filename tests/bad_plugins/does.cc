// A good plugin that does with the host what an event's details tell it, and says what came of it:
//   do     "put" `value` under `key`, "fill" it with `bytes` bytes, "get" or "remove" `key`,
//   "visit"
// With a key `only` in its configuration it gets the events of that type only; with a key `note` it
// puts each event's number under that one.
#include <stdexcept>
#include <string>

#include <usher/plugin.hpp>

class Does final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    const auto only = host().Config().GetString("only");
    if (only) host().Subscribe(std::string(*only).c_str());
    note_ = std::string(host().Config().GetString("note").value_or(""));
  }

  void OnEvent(const usher::Event& event) override {
    if (!note_.empty()) return Note(event.seq());
    const std::string verb = Detail(event, "do");
    const std::string key = Detail(event, "key");
    host().LogInfo(verb + " " + key + ": " + Do(verb, key, event));
  }

 private:
  void Note(uint64_t seq) {
    std::string outcome = "done";
    try {
      host().Storage().Put(note_, std::to_string(seq));
    } catch (const usher::Error& error) {
      outcome = error.what();
    }
    host().LogInfo("note " + std::to_string(seq) + ": " + outcome);
  }

  static std::string Detail(const usher::Event& event, const char* name) {
    return std::string(event.Find(name).value_or(""));
  }

  std::string Do(const std::string& verb, const std::string& key, const usher::Event& event) {
    try {
      if (verb == "visit") return Visit();
      const usher::Storage storage = host().Storage();
      if (verb == "get") return Shortened(storage.Get(key));
      if (verb == "remove") storage.Remove(key);
      if (verb == "put") storage.Put(key, Detail(event, "value"));
      if (verb == "fill") storage.Put(key, std::string(std::stoul(Detail(event, "bytes")), 'x'));
      return "done";
    } catch (const usher::Error& error) {
      return error.what();
    }
  }

  std::string Visit() {
    std::string seen;
    host().VisitSessions([&](const usher::Snapshot& now) {
      seen = "as of " + std::to_string(now.as_of_seq());
      for (const usher::Session session : now.sessions()) seen += " " + std::string(session.key());
    });
    return seen;
  }

  static std::string Shortened(const std::optional<std::string>& value) {
    if (!value) return "nothing";
    return value->size() < 100 ? *value
                               : std::to_string(value->size()) + " bytes of " + value->front();
  }

  std::string note_;
};

USHER_PLUGIN(Does, "org.example.does", "1.0.0", usher::AllEvents,
             usher::Optional(USHER_EXT_STORAGE, USHER_EXT_SESSIONS));
