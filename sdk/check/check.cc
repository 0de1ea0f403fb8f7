#include "sdk/check/check.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace broker::check {
namespace {

constexpr std::array kChecks{
    Check{"file", "is a library that the broker may load", nullptr, nullptr, {}},
    Check{"entry", "exports usher_plugin_entry, as data", "file", CheckEntry, {}},
    Check{"exports", "exports nothing else", "file", CheckExports, {}},
    Check{"load", "can be loaded, and does nothing then", "entry", CheckLoad, {}},
    Check{"abi", "was built for this version of the interface", "load", CheckAbi, {}},
    Check{"descriptor", "says what it is and needs", "abi", CheckDescriptor, {}},
    Check{"create", "only stores the host in create()", "descriptor", CheckCreate, {}},
    Check{"lifecycle", "starts and stops, without events", "create", CheckLifecycle, {}},
    Check{"snapshot",
          "takes snapshots of none and of 10,000 sessions",
          "lifecycle",
          CheckSnapshot,
          {}},
    Check{
        "events", "takes one event of each type, and a day of them", "lifecycle", CheckEvents, {}},
    Check{"answers", "ends what it leaves open, once", "events", CheckAnswers, {}},
    Check{"instances", "may be there twice", "answers", CheckInstances, {}},
    Check{"extensions", "gets by without what it does not require", "answers", CheckExtensions, {}},
    Check{"strings", "stands texts that are empty, long, or odd", "answers", CheckStrings, {}},
    Check{"unknown", "stands types and numbers that it does not know", "answers", CheckUnknown, {}},
    Check{"redelivery", "stands events that come again", "answers", CheckRedelivery, {}},
    Check{"const",
          "does not write to events",
          "answers",
          CheckConst,
          {"writes to the memory of an event or snapshot, which is const",
           "copy what you want to change", "usher/event.h; sdk/README.md, Threads and memory"}},
    Check{"copies",
          "does not keep pointers to events",
          "answers",
          CheckCopies,
          {"uses the memory of an event or snapshot when the call that it came with has returned",
           "copy what must stay, e.g. into a std::string",
           "usher/event.h; sdk/README.md, Threads and memory"}},
    Check{"stop", "is silent once stop() has returned", "answers", CheckStop, {}},
    Check{"threads",
          "ends its threads, and calls the host from the right ones",
          "answers",
          CheckThreads,
          {}},
    Check{"moves", "does not depend on which thread calls", "threads", CheckMoves, {}},
    Check{"interrupt", "stands interrupt() at any time", "answers", CheckInterrupt, {}},
    Check{"unload",
          "can be unloaded",
          "threads",
          CheckUnload,
          {"crashes when its library is unloaded, or soon after",
           "leave nothing behind that leads into the library: threads, atexit(), handlers",
           "usher/plugin.h, destroy"}},
    Check{"process", "leaves the process as it is", "answers", CheckProcess, {}, true},
    Check{"storage", "stands a disk that fails", "answers", CheckStorage, {}},
    Check{"log", "does not flood the log", "answers", CheckLog, {}},
    Check{"million", "takes a million events", "answers", CheckMillion, {}},
    Check{"memory", "does not grow", "threads", CheckMemory, {}},
    Check{"fuzz", "stands any order of events", "answers", CheckFuzz, {}},
};

}  // namespace

std::span<const Check> AllChecks() {
  return kChecks;
}

const Check* FindCheck(std::string_view name) {
  const auto* const found = std::find_if(kChecks.begin(), kChecks.end(),
                                         [&](const Check& check) { return check.name == name; });
  return found == kChecks.end() ? nullptr : &*found;
}

}  // namespace broker::check
