#pragma once

#include <span>

#include "sdk/check/workbench.h"

namespace broker::check {

/// What it means that the plugin crashes during a check, where that is known: instead of the
/// general words.
struct CrashMeaning {
  const char* text = nullptr;
  const char* change = nullptr;
  const char* read = nullptr;
};

/// One check. Static data.
struct Check {
  const char* name;
  const char* about;        ///< What a plugin does that passes: a predicate.
  const char* needs;        ///< The check that must not have failed before; null for none.
  void (*run)(Workbench&);  ///< Adds findings, or throws one.
  CrashMeaning crash;
  bool watches_output = false;  ///< Whether it minds what is written to standard output.
  const char* hint = nullptr;   ///< What to change where only this check fails, if that is known.
};

/// All of them, in the order in which they run. `file` is the first and has no `run`: it is made
/// before any process is started.
[[nodiscard]] std::span<const Check> AllChecks();

/// The check of this name; null if there is none.
[[nodiscard]] const Check* FindCheck(std::string_view name);

// The checks, by what they look at; a file each in checks/.

void CheckEntry(Workbench& bench);
void CheckExports(Workbench& bench);
void CheckLoad(Workbench& bench);
void CheckAbi(Workbench& bench);
void CheckDescriptor(Workbench& bench);

void CheckCreate(Workbench& bench);
void CheckLifecycle(Workbench& bench);
void CheckInstances(Workbench& bench);
void CheckExtensions(Workbench& bench);
void CheckStop(Workbench& bench);

void CheckSnapshot(Workbench& bench);
void CheckEvents(Workbench& bench);
void CheckAnswers(Workbench& bench);
void CheckStrings(Workbench& bench);
void CheckUnknown(Workbench& bench);
void CheckRedelivery(Workbench& bench);
void CheckConst(Workbench& bench);
void CheckCopies(Workbench& bench);

void CheckThreads(Workbench& bench);
void CheckMoves(Workbench& bench);
void CheckInterrupt(Workbench& bench);
void CheckUnload(Workbench& bench);
void CheckProcess(Workbench& bench);

void CheckStorage(Workbench& bench);
void CheckLog(Workbench& bench);
void CheckMillion(Workbench& bench);
void CheckMemory(Workbench& bench);
void CheckFuzz(Workbench& bench);

}  // namespace broker::check
