#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "plugin_host/module.h"
#include "sdk/check/call_note.h"
#include "sdk/check/finding.h"
#include "sdk/check/subject.h"
#include "settings/settings.h"

namespace broker::check {

/// What the checks are to know. A value.
struct CheckOptions {
  std::string plugin;                            ///< Its path, as people know it.
  PluginSettings settings;                       ///< Its own table.
  std::chrono::milliseconds time_limit{10'000};  ///< For one call.
  uint64_t events = 1'000'000;                   ///< Of the check `million`.
  uint64_t seed = 1;
  uint64_t fuzz_runs = 25;
};

/// What one check works with, in a process of its own.
///
/// Used from the check's main thread; Run's body runs on another, while that one waits.
class Workbench {
 public:
  /// Where findings and notes go at once: a check may not live to tell them later.
  struct Listener {
    std::function<void(const Finding&)> finding;
    std::function<void(const std::string&)> note;
  };

  /// `copy` is the plugin's file to be loaded, and is removed in the end.
  Workbench(CheckOptions options, std::string copy, CallNote note, Listener listener);

  [[nodiscard]] const CheckOptions& Options() const { return options_; }
  [[nodiscard]] CallNote& Calls() { return note_; }

  void Add(const Finding& finding) { listener_.finding(finding); }
  void Note(const std::string& text) { listener_.note(text); }

  /// The file that the library is loaded from.
  [[nodiscard]] const std::string& File() const { return copy_; }
  /// Loads the library, once. Throws a Finding.
  const std::shared_ptr<const Library>& Load();
  /// Forgets the library; who else has none of it unloads it so.
  void Unload() { library_.reset(); }
  /// What its descriptor says. Throws a Finding.
  [[nodiscard]] PluginInfo Info();

  /// An instance, not active yet.
  [[nodiscard]] std::unique_ptr<Subject> Make(SubjectOptions options = {});
  /// An active one. Throws a Finding.
  [[nodiscard]] std::unique_ptr<Subject> Start(SubjectOptions options = {});

 private:
  const CheckOptions options_;
  const std::string copy_;
  CallNote note_;
  const Listener listener_;
  std::shared_ptr<const Library> library_;
};

/// Runs `body` on a thread of its own, as an instance has one; throws what it throws.
void OnThread(const std::function<void()>& body);

}  // namespace broker::check
