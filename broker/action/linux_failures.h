#pragma once

#include <array>

#include "action/failures.h"

namespace broker {

/// Linux' part of the table, but for the service manager's exit codes. The codes are errno's, as
/// numbers: the table is the same wherever it is compiled; those of errors that have a name on the
/// message bus alone are what their owners take them for. Source: errno(3), execve(2), signal(7),
/// org.freedesktop.systemd1(5), org.freedesktop.login1(5), and systemd's bus-common-errors.c.
inline constexpr auto kLinuxFailures = [] {
  using enum CodeSystem;
  using enum LaunchStage;
  using enum Remedy;
  return std::to_array<FailureRow>({
      // Its session.
      {"no-such-session", kLinux, kSession, "", 6, "org.freedesktop.login1.NoSuchSession", kDrop,
       "there is no such session any more", "nothing to do"},
      {"session-object-gone", kLinux, kSession, "", 53, "org.freedesktop.DBus.Error.UnknownObject",
       kDrop, "there is no such session any more", "nothing to do"},
      {"logind-gone", kLinux, kSession, "", 113, "org.freedesktop.DBus.Error.ServiceUnknown",
       kRetry, "nobody on the system's bus knows the sessions: logind does not run",
       "see systemctl status systemd-logind"},
      {"logind-disconnected", kLinux, kSession, "", 104, "org.freedesktop.DBus.Error.Disconnected",
       kRetry, "the connection to the system's bus was lost",
       "see systemctl status dbus; the broker connects again by itself"},
      {"logind-no-answer", kLinux, kSession, "", 110, "org.freedesktop.DBus.Error.NoReply", kRetry,
       "logind does not answer", "see systemctl status systemd-logind"},
      {"logind-denies", kLinux, kSession, "", 13, "org.freedesktop.DBus.Error.AccessDenied", kFix,
       "the broker may not ask logind about this session", "run the broker as root"},

      // Whose rights it gets.
      {"no-such-user", kLinux, kToken, "getpwuid", 0, "", kRetry,
       "the session's user is in no user database",
       "see whether getent passwd UID answers; a directory on the network may be out of reach"},
      {"user-database", kLinux, kToken, "getpwuid", kAnyCode, "", kRetry,
       "the database of users does not answer",
       "see whether getent passwd UID answers; a directory on the network may be out of reach"},
      {"not-root", kLinux, kToken, "", 1, "EPERM", kFix,
       "the broker is not root's, so it starts agents as its own user only", "run it as root"},
      {"user-processes", kLinux, kToken, "setuid", 11, "EAGAIN", kRetry,
       "the user has as many processes as they may have",
       "see what they run, or raise the limit: ulimit -u, limits.conf(5)"},

      // Its environment.
      {"no-user-manager", kLinux, kEnvironment, "user manager", 2, "ENOENT", kRetry,
       "the user's service manager is not there",
       "see systemctl status user@UID; sessions of that class may have none"},
      {"user-manager-refuses", kLinux, kEnvironment, "user manager", 111, "ECONNREFUSED", kRetry,
       "the user's service manager does not run", "see systemctl status user@UID"},
      {"user-manager-no-answer", kLinux, kEnvironment, "user manager", kAnyCode, "", kRetry,
       "the user's service manager does not answer", "see systemctl status user@UID"},

      // Its start, by the service manager.
      {"unit-exists", kLinux, kSpawn, "StartTransientUnit", 17,
       "org.freedesktop.systemd1.UnitExists", kRetry,
       "the agent's unit is still there, of its run before",
       "nothing to do while it ends; else systemctl stop, and reset-failed, the unit"},
      {"scope-gone", kLinux, kSpawn, "StartTransientUnit", 2, "org.freedesktop.systemd1.NoSuchUnit",
       kDrop, "the session's scope is gone, so the session is over", "nothing to do"},
      {"scope-stopping", kLinux, kSpawn, "StartTransientUnit", 35,
       "org.freedesktop.systemd1.TransactionIsDestructive", kDrop,
       "the session's scope is being stopped, so the session is over", "nothing to do"},
      {"manager-denies", kLinux, kSpawn, "StartTransientUnit", 13,
       "org.freedesktop.DBus.Error.AccessDenied", kFix,
       "the service manager does not let the broker start units", "run the broker as root"},
      {"manager-property", kLinux, kSpawn, "StartTransientUnit", 30,
       "org.freedesktop.DBus.Error.PropertyReadOnly", kFix,
       "this service manager cannot set what the agent asks for",
       "leave out its limits, or have a later systemd"},
      {"manager-arguments", kLinux, kSpawn, "StartTransientUnit", 22,
       "org.freedesktop.DBus.Error.InvalidArgs", kFix,
       "the service manager does not understand what the agent asks for",
       "see what its message names: program, args, directory or limits"},
      {"manager-too-many", kLinux, kSpawn, "StartTransientUnit", 105,
       "org.freedesktop.DBus.Error.LimitsExceeded", kRetry,
       "too much is asked of the bus or the service manager at once", "nothing to do"},
      {"manager-no-answer", kLinux, kSpawn, "StartTransientUnit", 110,
       "org.freedesktop.DBus.Error.NoReply", kRetry, "the service manager does not answer",
       "see systemctl status; a machine short of memory answers late"},
      {"manager-timeout", kLinux, kSpawn, "StartTransientUnit", 62,
       "org.freedesktop.DBus.Error.Timeout", kRetry, "the service manager does not answer",
       "see systemctl status; a machine short of memory answers late"},
      {"manager-disconnected", kLinux, kSpawn, "StartTransientUnit", 104,
       "org.freedesktop.DBus.Error.Disconnected", kRetry,
       "the connection to the service manager was lost", "nothing to do; it is made again"},
      {"manager-unreachable", kLinux, kSpawn, "connect", kAnyCode, "", kRetry,
       "the service manager cannot be reached",
       "see whether /run/systemd/private is there, and the broker root's"},
      {"manager-masked", kLinux, kSpawn, "StartTransientUnit", 132,
       "org.freedesktop.systemd1.UnitMasked", kFix, "the agent's unit is masked",
       "systemctl unmask it"},
      {"manager-going-down", kLinux, kSpawn, "StartTransientUnit", 125,
       "org.freedesktop.systemd1.ShuttingDown", kDrop, "the machine is going down",
       "nothing to do"},
      {"job-dependency", kLinux, kSpawn, "JobRemoved: dependency", kAnyCode, "", kDrop,
       "the session's scope ended before the agent could start", "nothing to do"},
      {"job-canceled", kLinux, kSpawn, "JobRemoved: canceled", kAnyCode, "", kRetry,
       "somebody stopped the agent's unit while it started",
       "nothing to do, unless it was you: usherctl agents stop NAME keeps it from running"},
      {"job-timeout", kLinux, kSpawn, "JobRemoved: timeout", kAnyCode, "", kRetry,
       "the service manager did not come to start it in time",
       "see systemctl list-jobs; the machine may be too busy"},

      // Its start, without a service manager.
      {"program-missing", kLinux, kSpawn, "execve", 2, "ENOENT", kFix,
       "there is no such program, or not the interpreter that its first line names",
       "install it, or correct program; it is an absolute path"},
      {"program-not-executable", kLinux, kSpawn, "execve", 13, "EACCES", kFix,
       "its user may not run this program",
       "chmod +x it, and let the user enter its folders; or the file system is mounted noexec"},
      {"not-a-program", kLinux, kSpawn, "execve", 8, "ENOEXEC", kFix,
       "this file is no program for this machine",
       "name a program; a script begins with the line of its interpreter, as #!/bin/sh"},
      {"program-being-written", kLinux, kSpawn, "execve", 26, "ETXTBSY", kRetry,
       "somebody is writing the program", "nothing to do while it is being installed"},
      {"arguments-too-long", kLinux, kSpawn, "execve", 7, "E2BIG", kFix,
       "arguments and environment are too long together", "shorten args or environment"},
      {"interpreter-loop", kLinux, kSpawn, "execve", 40, "ELOOP", kFix,
       "links, or interpreters of interpreters, go round in a circle",
       "name the program that is meant"},
      {"bad-directory", kLinux, kSpawn, "chdir", kAnyCode, "", kFix,
       "the directory it is to start in is none, or the user may not enter it",
       "correct directory, or leave it out for the user's home"},
      {"fork-limit", kLinux, kSpawn, "fork", 11, "EAGAIN", kRetry,
       "there are as many processes as there may be",
       "see what runs; the broker's unit may have too low a TasksMax="},

      // Its first seconds.
      {"library-missing", kLinux, kEarlyExit, "exit", 127, "", kFix,
       "it ended with 127, as the loader does where a library is missing, and shells where a "
       "program is",
       "see what ldd PROGRAM says is not found, and journalctl -u 'usher-agent-*_NAME-*'"},
      {"command-not-executable", kLinux, kEarlyExit, "exit", 126, "", kFix,
       "it ended with 126, as shells do where what they call cannot be executed",
       "see journalctl -u 'usher-agent-*_NAME-*'"},
      {"usage", kLinux, kEarlyExit, "exit", 64, "EX_USAGE", kFix,
       "it does not understand its arguments", "correct args"},
      {"configuration", kLinux, kEarlyExit, "exit", 78, "EX_CONFIG", kFix,
       "it finds something wrong with its configuration",
       "see journalctl -u 'usher-agent-*_NAME-*'"},
      {"killed", kLinux, kEarlyExit, "signal", 9, "SIGKILL", kRetry,
       "somebody killed it; mostly the kernel, for want of memory",
       "see journalctl -k for \"Out of memory\", and whether limits allow it enough"},
      {"aborted", kLinux, kEarlyExit, "signal", 6, "SIGABRT", kRetry,
       "it gave up by itself, as after a fatal error (abort)", "see coredumpctl info"},
      {"crashed", kLinux, kEarlyExit, "signal", 11, "SIGSEGV", kRetry,
       "it crashed: it touched memory that is not its own", "see coredumpctl info"},
      {"crashed-bus", kLinux, kEarlyExit, "signal", 7, "SIGBUS", kRetry,
       "it crashed: memory of its was not there, as where a file was truncated or a disk fails",
       "see coredumpctl info"},
      {"crashed-instruction", kLinux, kEarlyExit, "signal", 4, "SIGILL", kRetry,
       "it crashed: it has an instruction that this processor does not know",
       "install the one for this machine; see coredumpctl info"},
      {"forbidden-call", kLinux, kEarlyExit, "signal", 31, "SIGSYS", kFix,
       "it called the system in a way that a filter forbids",
       "see journalctl -k, and drop-ins for services (SystemCallFilter=)"},
  });
}();

}  // namespace broker
