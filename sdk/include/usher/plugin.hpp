// usher/plugin.hpp: plugins in C++17 and later. Header-only; the interface between plugin and
// broker stays C, so plugin and broker may come from different compilers.
//
//   class LockNotes final : public usher::Plugin {
//   public:
//       using Plugin::Plugin;
//       void OnEvent(const usher::Event& event) override {
//           host().LogInfo("locked: " + std::string(event.session().user()));
//       }
//   };
//
//   USHER_PLUGIN(LockNotes, "org.example.lock-notes", "1.0.0",
//                usher::Events(usher::EventType::kSessionLocked));
//
// Begin with usher/cpp/base.hpp (Plugin); then usher/cpp/views.hpp (Event, Session, Snapshot),
// usher/cpp/text.hpp (times and names in words), usher/cpp/host.hpp (what the broker offers),
// usher/cpp/completion.hpp (events that take time) and usher/cpp/handlers.hpp (a method for each
// type of event).
// Thread tags are those of usher/plugin.h.
#ifndef USHER_PLUGIN_HPP
#define USHER_PLUGIN_HPP

#include "usher/cpp/base.hpp"
#include "usher/cpp/completion.hpp"
#include "usher/cpp/config.hpp"
#include "usher/cpp/emitter.hpp"
#include "usher/cpp/entry.hpp"
#include "usher/cpp/error.hpp"
#include "usher/cpp/event_type.hpp"
#include "usher/cpp/extension.hpp"
#include "usher/cpp/handlers.hpp"
#include "usher/cpp/host.hpp"
#include "usher/cpp/launcher.hpp"
#include "usher/cpp/range.hpp"
#include "usher/cpp/runner.hpp"
#include "usher/cpp/session_control.hpp"
#include "usher/cpp/storage.hpp"
#include "usher/cpp/text.hpp"
#include "usher/cpp/timer.hpp"
#include "usher/cpp/views.hpp"

#endif
