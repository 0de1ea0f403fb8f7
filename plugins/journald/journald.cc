// The journald plugin: every event becomes a record of the systemd journal, with a field for each
// of its facts. README.md has the fields, and queries to copy.

#include <optional>
#include <string>

#include <usher/plugin.hpp>

#include "journal_socket.h"
#include "outbox.h"
#include "record.h"
#include "settings.h"

namespace {

class JournaldPlugin final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;

  static void CheckConfig(const usher::Host& host) { (void)journald::ReadSettings(host.Config()); }

  void OnInit() override {
    settings_ = journald::ReadSettings(host().Config());
    journal_.emplace(settings_.socket);
    outbox_.emplace(host(), [this](const std::string& record) { return journal_->Send(record); });
  }

  usher::Answer OnEvent(const usher::Event& event) override {
    if (!settings_.Wants(event)) return usher::Answer::kDone;
    return outbox_->Post(journald::Describe(event, settings_).bytes(), event);
  }

  void OnStop() override { outbox_->Stop(); }

 private:
  journald::Settings settings_;
  std::optional<journald::JournalSocket> journal_;
  std::optional<journald::Outbox> outbox_;  // Destroyed first: it uses the journal.
};

}  // namespace

USHER_PLUGIN(JournaldPlugin, "org.usher.journald", "1.0.0", usher::AllEvents,
             usher::Requires(USHER_EXT_CONFIG));
