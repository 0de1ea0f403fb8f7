#include "event_kind.h"

#include <algorithm>
#include <array>

namespace journald {
namespace {

using usher::EventType;

constexpr auto kKinds = std::to_array<EventKind>({
    {EventType::kUnknown, "6d4189b5dd1742fc87ca2f29108e088d", Priority::kInfo,
     "Event {type}[ of session {session} of {user}]"},
    {EventType::kSessionCreated, "a88b1352317c48c8ae954dd373b63a71", Priority::kInfo,
     "Session {session} of {user} was created[ {place}][, class {class}]"},
    {EventType::kSessionLogon, "edb2e13124ca4541a090d3aeb580837b", Priority::kNotice,
     "{user} logged on[ {place}][, session {session}]"},
    {EventType::kSessionLogoff, "56c953ceb31c462babb449b76d058b74", Priority::kNotice,
     "{user} logged off[ {place}][, session {session}]"},
    {EventType::kSessionDestroyed, "b5d98b2d01f24e9c8b8c95ff1d31c0c5", Priority::kInfo,
     "Session {session} of {user} is gone"},
    {EventType::kSessionConnected, "27d492acabcc4c368e2833349758d923", Priority::kInfo,
     "Session {session} of {user} was connected[ ({via})][ {place}]"},
    {EventType::kSessionDisconnected, "55f8def15e274831ab9068173ac3e9e8", Priority::kInfo,
     "Session {session} of {user} was disconnected[ ({via})][ {place}]"},
    {EventType::kSessionLocked, "ced9a681b8a545ba8f07300f535a1eac", Priority::kInfo,
     "{user} locked session {session}[ {place}]"},
    {EventType::kSessionUnlocked, "476a4e4d2cbe469d823421b7a26ba749", Priority::kInfo,
     "{user} unlocked session {session}[ {place}]"},
    {EventType::kSessionLockRequested, "bb50025bac6540dba50334adbe928a8a", Priority::kInfo,
     "Session {session} of {user} was asked to lock"},
    {EventType::kSessionUnlockRequested, "31e6885b1baa499ab0e762ad64b35bf7", Priority::kInfo,
     "Session {session} of {user} was asked to unlock"},
    {EventType::kSessionRemoteControl, "43dba5ab62ef4f13955649044ba850c3", Priority::kNotice,
     "The remote control of session {session} of {user} changed"},
    {EventType::kConsoleSwitched, "116c8ae3329341dc950968114f5a787b", Priority::kInfo,
     "The screen of {seat} [shows session {to}][ of {user}][, before session {from}]"},
    {EventType::kSessionUnknownChange, "c0f83a71e4e64bc5a4282a99ddd3d7f0", Priority::kNotice,
     "Session {session} of {user} changed in an unknown way[, code {code}]"},
    {EventType::kSystemSuspending, "39ced5984ded4d56a141b7897217f8f1", Priority::kNotice,
     "The machine is going to sleep"},
    {EventType::kSystemResumed, "d67fdf838af5433c9c05f6ae83ce53a3", Priority::kNotice,
     "The machine goes on"},
    {EventType::kSystemShuttingDown, "37d78e5ecfbe49feaf2ad7c63278d3dc", Priority::kNotice,
     "The machine is shutting down"},
    {EventType::kSourceLost, "9af1532ec48b416b9fccf6ecd1d8ed0c", Priority::kWarning,
     "What happens to sessions is not known for now"},
    {EventType::kSourceResynced, "eb3ecf9d0b5046e19b1f33e2f4e6116b", Priority::kNotice,
     "What happens to sessions is known again"},
    {EventType::kBrokerStarted, "4fabe146fe07449ab3681a94ba72fd39", Priority::kNotice,
     "Usher[ {version}] has started[; unwatched for {unwatched_us} microseconds]"},
    {EventType::kBrokerStopping, "5153dbbc74624cbeb4642f6d56cf3c0e", Priority::kNotice,
     "Usher is stopping"},
    {EventType::kConfigReloaded, "26e0bb50ca50477ea2223890b9dea197", Priority::kNotice,
     "The configuration of Usher was reloaded"},
    {EventType::kConfigRejected, "65679a93fca440679883ca8014dbe35b", Priority::kError,
     "The new configuration of Usher was rejected[: {error}]"},
    {EventType::kPluginLoaded, "f2647b4167a841a0b486b7b779641025", Priority::kInfo,
     "Plugin {instance} was loaded[ from {library}]"},
    {EventType::kPluginFailed, "c267b52d76b049d39e1c8aa410ccd6bd", Priority::kError,
     "Plugin {instance} failed[ in {call}][ with event {seq}][: {error}]"},
    {EventType::kPluginOverdue, "ae54acd5059b4648a6c15c42a9ec0b7b", Priority::kWarning,
     "Plugin {instance} takes too long[ in {call}][ with event {seq}]"},
    {EventType::kPluginQuarantined, "00aee40d49d34338ad8f0cb5ae55f63c", Priority::kError,
     "Plugin {instance} is quarantined[ after {strikes} failures]"},
    {EventType::kPluginReleased, "af054ed1aff64c1bacd5290cb0198449", Priority::kNotice,
     "Plugin {instance} was released"},
    {EventType::kPluginLagging, "e1df435a855b4f43850c5f49a6172928", Priority::kWarning,
     "Plugin {instance} falls behind"},
    {EventType::kPluginSkipped, "46a6eb02bc6f47c787325bc3c1090934", Priority::kWarning,
     "Plugin {instance} does not get events {from} to {to}[: {reason}]"},
    {EventType::kAgentLaunching, "f6e78a2ec90c4af9b96379e7372921dc", Priority::kInfo,
     "Agent {agent} is being started[ in session {session}]"},
    {EventType::kAgentStarted, "701e16b945a54e8399da78417abe34f5", Priority::kInfo,
     "Agent {agent} has started[ in session {session}]"},
    {EventType::kAgentExited, "736720e911104372ad6ee6bd5f513787", Priority::kNotice,
     "Agent {agent} has ended[ in session {session}][, code {code}][: {error}]"},
    {EventType::kAgentBackingOff, "690d5a298185431d8ea6ccb783ed71d4", Priority::kWarning,
     "Agent {agent} waits before it is started again[ in session {session}][: {why}]"},
    {EventType::kAgentGaveUp, "d811b4fbde0740b79101acf910c13a3b", Priority::kError,
     "Agent {agent} is tried but seldom[ in session {session}][: {why}]"},
    {EventType::kAgentStopped, "4ba280759d204a789e32b231f5a711c8", Priority::kInfo,
     "Agent {agent} was stopped[ in session {session}]"},
    {EventType::kMessageQueued, "09c78ca74f9d47f5a1634207ea15b67b", Priority::kInfo,
     "A message[ for {user}][ in session {session}] waits to be shown"},
    {EventType::kMessageShown, "01b8f3d1b3184f62a0a617888327cbdc", Priority::kInfo,
     "A message was shown[ to {user}][ in session {session}]"},
    {EventType::kMessageAnswered, "6aca6a357d054bffa8044d281a44cbec", Priority::kInfo,
     "A message was answered[ by {user}][ in session {session}]"},
    {EventType::kMessageExpired, "220644f88ed34e96916055c4643dd544", Priority::kNotice,
     "A message[ for {user}][ in session {session}] was not answered in time"},
    {EventType::kMessageFailed, "45810c02a4ba4dbd9ce9e96290f87585", Priority::kWarning,
     "A message[ for {user}][ in session {session}] could not be shown[: {error}]"},
    {EventType::kLogGap, "414182a8a1734cbeb0c9b916ba75889c", Priority::kError,
     "Usher's log lacks events {from} to {to}"},
    {EventType::kLogDamaged, "5bb976e46f334d9ea122bd7506c66362", Priority::kError,
     "Usher's log is damaged[: {what}][, {count} times][ in {file}]"},
    {EventType::kSuppressed, "7d38c8b195b64d94bb9db41cbbcb958f", Priority::kWarning,
     "{count} events {type}[ of plugin {instance}] were too many within a minute and left out"},
    {EventType::kControlRequest, "fcf8fc1feb9d478f93204be265d105e6", Priority::kNotice,
     "User {uid} asked for {method}[ {name}][: {result}][, {error}]"},
    {EventType::kRunStarted, "c8448dbdccca4f668deb2fb502d2d776", Priority::kInfo,
     "Plugin {instance} runs {program}[ in session {session}]"},
    {EventType::kRunEnded, "a09f72390f9b456d8fff76f971409d7c", Priority::kInfo,
     "{program} has ended[ in session {session}]: {result}[ {code}]"},
    {EventType::kRunFailed, "f0f2badfe5664254a1536582f01170c2", Priority::kError,
     "{program} could not be started[ in session {session}][: {error}]"},
    {EventType::kActionDone, "9b09569ee32e4284a8d3d2efa708f94a", Priority::kNotice,
     "Plugin {instance} had this done to session {session}: {action}"},
    {EventType::kActionFailed, "d6ae9f458ca6413c97981fb98bbb6a07", Priority::kError,
     "What plugin {instance} wanted done to session {session} could not be: {action}[, {error}]"},
});

}  // namespace

std::span<const EventKind> EventKinds() {
  return kKinds;
}

const EventKind& KindOf(usher::EventType type) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [type](const EventKind& kind) { return kind.type == type; });
  return found == kKinds.end() ? kKinds.front() : *found;
}

}  // namespace journald
