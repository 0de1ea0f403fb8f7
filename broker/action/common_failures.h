#pragma once

#include <array>

#include "action/failures.h"

namespace broker {

/// What beats every other row.
inline constexpr auto kFirstFailures = std::to_array<FailureRow>({
    {"session-gone", CodeSystem::kAny, kAnyStage, "", kAnyCode, "", Remedy::kDrop,
     "the session ended meanwhile", "nothing to do", EventType::kUnknown, SessionIs::kGone},
});

/// What is the same on every system.
inline constexpr auto kCommonFailures = [] {
  using enum CodeSystem;
  using enum LaunchStage;
  using enum Remedy;
  return std::to_array<FailureRow>({
      {"program-not-trusted", kAny, kPolicy, "CheckProgram", kNotPermittedCode,
       "USHER_NOT_PERMITTED", kFix,
       "the program, or a folder above it, can be written by others than root and the broker's "
       "user, or is not there",
       "give program and folders to root, and take everybody else's right to write: chown root, "
       "chmod go-w"},
      {"program-not-granted", kAny, kPolicy, "programs", kNotPermittedCode, "USHER_NOT_PERMITTED",
       kFix, "the plugin may not launch this program",
       "add it to programs in [plugins.NAME.launch], and reload"},
      {"token-not-granted", kAny, kPolicy, "tokens", kNotPermittedCode, "USHER_NOT_PERMITTED", kFix,
       "the plugin may not launch with these rights",
       "add it to tokens in [plugins.NAME.launch], and reload"},
      {"class-not-granted", kAny, kPolicy, "classes", kNotPermittedCode, "USHER_NOT_PERMITTED",
       kFix, "the plugin may not launch in sessions of this class",
       "add it to classes in [plugins.NAME.launch], and reload"},
      {"program-not-looked-at", kAny, kPolicy, "CheckProgram", kIoCode, "USHER_IO", kRetry,
       "the program, or a folder above it, could not be looked at",
       "see what the message names: a disk, or a server, may not answer"},
      {"impossible-agent", kAny, kPolicy, "start", kInvalidCode, "USHER_INVALID_ARGUMENT", kFix,
       "the plugin asks for an agent that cannot be",
       "correct what the message names in the plugin's configuration, if it is there; else it is "
       "the plugin's mistake"},
      {"too-much-asked", kAny, kPolicy, "start", kLimitCode, "USHER_LIMIT", kRetry,
       "the plugin asks for more than there may be",
       "see what the message names: shorten that, or have fewer agents in one instance"},
      {"session-not-there", kAny, kSession, "start", kNotFoundCode, "USHER_NOT_FOUND", kDrop,
       "the plugin asks for an agent in a session that is not there", "nothing to do"},
      {"refused", kAny, kPolicy, "", kAnyCode, "", kFix, "the broker's policy forbids this",
       "see what the message names, and [plugins.NAME.launch]"},
      {"display-not-ready", kAny, kEnvironment, "display", kAnyCode, "", kRetry,
       "the session has no display yet to show anything on",
       "nothing to do while the desktop starts; a text session never has one: choose sessions by "
       "type, or leave display out of ready_when"},
      {"user-bus-not-ready", kAny, kEnvironment, "user bus", kAnyCode, "", kRetry,
       "the user's message bus is not there yet",
       "see systemctl --user status dbus as that user, or leave user_bus out of ready_when"},
      {"runtime-directory-not-ready", kAny, kEnvironment, "runtime directory", kAnyCode, "", kRetry,
       "the user's runtime directory is not there yet",
       "see systemctl status user-runtime-dir@UID, or leave runtime_directory out of ready_when"},
      {"profile-not-ready", kAny, kEnvironment, "profile", kAnyCode, "", kRetry,
       "the user's home or profile is not there yet",
       "see whether it is mounted or unlocked, or leave profile out of ready_when"},
  });
}();

/// What can happen anywhere.
inline constexpr auto kLastFailures = std::to_array<FailureRow>({
    {"pipe-peer-gone", CodeSystem::kWindows, kAnyStage, "", 233, "ERROR_PIPE_NOT_CONNECTED",
     Remedy::kRetry, "a pipe's other end went away: one of the broker's own, or a service's",
     "nothing to do; it is tried again"},
    {"no-memory", CodeSystem::kLinux, kAnyStage, "", 12, "ENOMEM", Remedy::kRetry,
     "there is not enough memory", "see what uses it up"},
    {"no-descriptors", CodeSystem::kLinux, kAnyStage, "", 24, "EMFILE", Remedy::kRetry,
     "the broker has as many files open as it may have",
     "raise LimitNOFILE= of usherd.service; if it goes on rising, report it"},
    {"no-files", CodeSystem::kLinux, kAnyStage, "", 23, "ENFILE", Remedy::kRetry,
     "the system has as many files open as it may have", "see what opens them, and fs.file-max"},
});

}  // namespace broker
