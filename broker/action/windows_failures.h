#pragma once

#include <array>

#include "action/failures.h"

namespace broker {

/// A code that is written in hexadecimal: NTSTATUS, or a number of no session.
constexpr int32_t HexCode(uint32_t code) {
  return static_cast<int32_t>(code);
}

/// Windows' part of the table. Source: learn.microsoft.com, "System Error Codes" and "NTSTATUS
/// Values"; what is to be done is what the makers of remote desktops have found out.
inline constexpr auto kWindowsFailures = [] {
  using enum CodeSystem;
  using enum LaunchStage;
  using enum Remedy;
  using enum SessionIs;
  constexpr auto kConsole = EventType::kConsoleSwitched;
  constexpr auto kConnected = EventType::kSessionConnected;
  constexpr auto kLogon = EventType::kSessionLogon;
  return std::to_array<FailureRow>({
      // Its session.
      {"console-switching", kWindows, kSession, "WTSGetActiveConsoleSessionId", HexCode(0xFFFFFFFF),
       "", kDefer, "no session has the console: it is just being switched",
       "nothing to do; it starts with the next session that comes to the console", kConsole},
      {"session-zero", kWindows, kSession, "session 0", kAnyCode, "", kDrop,
       "session 0 is where services run: it has no user and no screen",
       "nothing to do; agents run in users' sessions and at the logon screen"},
      {"session-not-found", kWindows, kSession, "", 7022, "ERROR_CTX_WINSTATION_NOT_FOUND", kDrop,
       "there is no such session any more", "nothing to do"},
      {"session-file-not-found", kWindows, kSession, "", 2, "ERROR_FILE_NOT_FOUND", kDrop,
       "there is no such session any more", "nothing to do"},
      {"terminal-services-not-ready", kWindows, kSession, "", 1702, "RPC_S_INVALID_BINDING", kRetry,
       "the service that knows the sessions, TermService, is not up yet",
       "nothing to do while the machine starts; later see whether TermService runs"},
      {"terminal-services-unreachable", kWindows, kSession, "", 1722, "RPC_S_SERVER_UNAVAILABLE",
       kRetry, "the service that knows the sessions, TermService, does not answer",
       "see whether TermService runs"},
      {"session-query-denied", kWindows, kSession, "", 5, "ERROR_ACCESS_DENIED", kFix,
       "the broker may not ask about this session",
       "run the service as LocalSystem: sc config usherd obj= LocalSystem"},

      // Whose rights it gets.
      {"no-user-token", kWindows, kToken, "", 1008, "ERROR_NO_TOKEN", kDefer,
       "nobody is logged on in this session yet",
       "nothing to do; it starts at the logon. An agent for the logon screen itself asks for it "
       "with token = \"system\" and start_on = [\"logon_screen\"]",
       kLogon},
      {"null-token", kWindows, kToken, "WTSQueryUserToken", 0, "", kDefer,
       "the session has no user's token yet", "nothing to do; it starts at the logon", kLogon},
      {"token-session-gone", kWindows, kToken, "WTSQueryUserToken", 2, "ERROR_FILE_NOT_FOUND",
       kDrop, "there is no such session any more", "nothing to do"},
      {"token-session-not-found", kWindows, kToken, "", 7022, "ERROR_CTX_WINSTATION_NOT_FOUND",
       kDrop, "there is no such session any more", "nothing to do"},
      {"token-privilege", kWindows, kToken, "", 1314, "ERROR_PRIVILEGE_NOT_HELD", kFix,
       "the broker's account lacks SeTcbPrivilege, to act as part of the operating system",
       "run the service as LocalSystem: sc config usherd obj= LocalSystem"},
      {"token-denied", kWindows, kToken, "", 5, "ERROR_ACCESS_DENIED", kFix,
       "the broker's account may not have the user's token",
       "run the service as LocalSystem: sc config usherd obj= LocalSystem"},
      {"no-elevated-token", kWindows, kToken, "GetTokenInformation", 1312,
       "ERROR_NO_SUCH_LOGON_SESSION", kFix, "this user has no rights beside the everyday ones",
       "give the agent token = \"user\", or choose users who are administrators"},
      {"token-parameter", kWindows, kToken, "", 87, "ERROR_INVALID_PARAMETER", kFix,
       "the broker asked for the token in a wrong way", "this is a bug of the broker; report it"},
      {"token-too-early", kWindows, kToken, "", 1702, "RPC_S_INVALID_BINDING", kRetry,
       "the service that knows the sessions, TermService, is not up yet",
       "nothing to do while the machine starts; later see whether TermService runs"},
      {"token-unreachable", kWindows, kToken, "", 1722, "RPC_S_SERVER_UNAVAILABLE", kRetry,
       "the service that knows the sessions, TermService, does not answer",
       "see whether TermService runs"},

      // Its environment.
      {"profile-not-loaded", kWindows, kEnvironment, "RegOpenKeyEx", 2, "ERROR_FILE_NOT_FOUND",
       kRetry, "the user's profile is not loaded yet: HKEY_USERS has no key of theirs",
       "nothing to do; ready_when = [\"profile\"] waits for it"},
      {"profile-load", kWindows, kEnvironment, "", 500, "ERROR_USER_PROFILE_LOAD", kRetry,
       "the user's profile cannot be loaded",
       "see the event log of the User Profile Service; the profile may be damaged"},
      {"no-user-environment", kWindows, kEnvironment, "CreateEnvironmentBlock", kAnyCode, "",
       kRetry, "the user's environment cannot be made yet: their profile is not there",
       "nothing to do; ready_when = [\"profile\"] waits for it"},

      // Its start.
      {"logon-screen-away", kWindows, kSpawn, "CreateProcessAsUser", 233,
       "ERROR_PIPE_NOT_CONNECTED", kDefer,
       "the session's winlogon cannot be reached, and nobody sees the session",
       "nothing to do; it starts when the session is connected again", kConnected, kAway},
      {"logon-screen-not-serving", kWindows, kSpawn, "CreateProcessAsUser", 233,
       "ERROR_PIPE_NOT_CONNECTED", kRetry, "the session's winlogon does not serve yet",
       "nothing to do; at the logon screen that takes some seconds"},
      {"logon-screen-away-87", kWindows, kSpawn, "CreateProcessAsUser", 87,
       "ERROR_INVALID_PARAMETER", kDefer,
       "the session's winlogon cannot be reached, and nobody sees the session",
       "nothing to do; it starts when the session is connected again", kConnected, kAway},
      {"logon-screen-not-serving-87", kWindows, kSpawn, "CreateProcessAsUser", 87,
       "ERROR_INVALID_PARAMETER", kRetry, "the session's winlogon does not serve yet",
       "nothing to do at the logon screen, where that takes some seconds; elsewhere it is a bug of "
       "the broker, which you may report"},
      {"already-in-a-job", kWindows, kSpawn, "AssignProcessToJobObject", 5, "ERROR_ACCESS_DENIED",
       kFix, "the program is in a job already, and this Windows knows no jobs in jobs",
       "see what starts programs in jobs there, as the compatibility assistant does; Windows 8 and "
       "later have no such limit"},
      {"spawn-denied", kWindows, kSpawn, "", 5, "ERROR_ACCESS_DENIED", kFix,
       "the session is there, but its user may not run this program",
       "let the user read and execute the program and its folders: icacls PROGRAM"},
      {"spawn-privilege", kWindows, kSpawn, "", 1314, "ERROR_PRIVILEGE_NOT_HELD", kFix,
       "the broker's account lacks SeAssignPrimaryTokenPrivilege or SeIncreaseQuotaPrivilege",
       "run the service as LocalSystem: sc config usherd obj= LocalSystem"},
      {"program-missing", kWindows, kSpawn, "", 2, "ERROR_FILE_NOT_FOUND", kFix,
       "there is no such program", "install it, or correct program; it is an absolute path"},
      {"program-folder-missing", kWindows, kSpawn, "", 3, "ERROR_PATH_NOT_FOUND", kFix,
       "there is no such folder",
       "install the program, or correct program; a drive letter of the user's is not there for "
       "services"},
      {"not-a-program", kWindows, kSpawn, "", 193, "ERROR_BAD_EXE_FORMAT", kFix,
       "this file is no program for Windows",
       "name a program; a script needs its interpreter as program and itself as an argument"},
      {"wrong-machine", kWindows, kSpawn, "", 216, "ERROR_EXE_MACHINE_TYPE_MISMATCH", kFix,
       "the program is for another kind of machine", "install the one for this machine"},
      {"bad-directory", kWindows, kSpawn, "", 267, "ERROR_DIRECTORY", kFix,
       "the directory it is to start in is none, or the user may not enter it",
       "correct directory, or leave it out for the user's profile"},
      {"file-in-use", kWindows, kSpawn, "", 32, "ERROR_SHARING_VIOLATION", kRetry,
       "somebody is writing the program", "nothing to do while it is being installed"},
      {"needs-elevation", kWindows, kSpawn, "", 740, "ERROR_ELEVATION_REQUIRED", kFix,
       "the program asks for an administrator's rights",
       "give the agent token = \"elevated\" and grant it, or take requireAdministrator out of the "
       "program's manifest"},
      {"blocked-by-policy", kWindows, kSpawn, "", 1260, "ERROR_ACCESS_DISABLED_BY_POLICY", kFix,
       "a policy of the machine forbids this program",
       "allow it in AppLocker or the software restriction policies"},
      {"blocked-by-integrity-policy", kWindows, kSpawn, "", 4551,
       "ERROR_SYSTEM_INTEGRITY_POLICY_VIOLATION", kFix,
       "the machine's application control forbids this program", "allow it there, or sign it"},
      {"held-to-be-a-virus", kWindows, kSpawn, "", 225, "ERROR_VIRUS_INFECTED", kFix,
       "the virus scanner holds the program back", "see what it says of the program"},
      {"side-by-side", kWindows, kSpawn, "", 14001, "ERROR_SXS_CANT_GEN_ACTCTX", kFix,
       "libraries that the program's manifest names are missing",
       "install the Visual C++ runtime it was built with; sxstrace.exe names the library"},
      {"command-line-too-long", kWindows, kSpawn, "", 206, "ERROR_FILENAME_EXCED_RANGE", kFix,
       "program and arguments are too long together", "shorten args: 32,767 characters at most"},
      {"spawn-no-memory", kWindows, kSpawn, "", 8, "ERROR_NOT_ENOUGH_MEMORY", kRetry,
       "there is not enough memory", "see what uses it up"},
      {"spawn-no-resources", kWindows, kSpawn, "", 1450, "ERROR_NO_SYSTEM_RESOURCES", kRetry,
       "the system is short of resources", "see what uses them up"},
      {"commit-limit", kWindows, kSpawn, "", 1455, "ERROR_COMMITMENT_LIMIT", kRetry,
       "memory and paging file are full", "see what uses them up, or enlarge the paging file"},
      {"spawn-no-quota", kWindows, kSpawn, "", 1816, "ERROR_NOT_ENOUGH_QUOTA", kRetry,
       "a quota of the user's or the job's is used up", "raise limits, or see what uses it up"},
      {"spawn-no-token", kWindows, kSpawn, "", 1008, "ERROR_NO_TOKEN", kDefer,
       "the user's token went away meanwhile", "nothing to do; it starts at the next logon",
       kLogon},
      {"spawn-bad-handle", kWindows, kSpawn, "", 6, "ERROR_INVALID_HANDLE", kFix,
       "the broker handed over something that is no handle",
       "this is a bug of the broker; report it"},

      // Its first seconds.
      {"dll-init-away", kWindows, kEarlyExit, "", HexCode(0xC0000142), "STATUS_DLL_INIT_FAILED",
       kDefer, "a library of its could not start, and nobody sees the session",
       "nothing to do; it starts when the session is connected again", kConnected, kAway},
      {"dll-init-failed", kWindows, kEarlyExit, "", HexCode(0xC0000142), "STATUS_DLL_INIT_FAILED",
       kRetry, "a library of its could not start; mostly the desktop's heap is used up",
       "close windows there, or enlarge SharedSection in HKLM\\SYSTEM\\CurrentControlSet\\Control\\"
       "Session Manager\\SubSystems; nothing with windows fits on the desktop \"winlogon\""},
      {"dll-missing", kWindows, kEarlyExit, "", HexCode(0xC0000135), "STATUS_DLL_NOT_FOUND", kFix,
       "a library that it needs is missing",
       "install it beside the program; the folders in the user's PATH do not count for services"},
      {"entry-point-missing", kWindows, kEarlyExit, "", HexCode(0xC0000139),
       "STATUS_ENTRYPOINT_NOT_FOUND", kFix, "a library that it needs is of another version",
       "install the version it was built for"},
      {"bad-image", kWindows, kEarlyExit, "", HexCode(0xC000007B), "STATUS_INVALID_IMAGE_FORMAT",
       kFix, "a library that it needs is for another kind of machine, or damaged",
       "install program and libraries for the same machine: all 64 bits, or all 32"},
      {"access-violation", kWindows, kEarlyExit, "", HexCode(0xC0000005), "STATUS_ACCESS_VIOLATION",
       kRetry, "it crashed: it touched memory that is not its own",
       "see its crash in the event log, Windows Error Reporting"},
      {"stack-overrun", kWindows, kEarlyExit, "", HexCode(0xC0000409),
       "STATUS_STACK_BUFFER_OVERRUN", kRetry,
       "it ended itself at once, as after a fatal error (abort)",
       "see its crash in the event log, Windows Error Reporting"},
      {"ended-by-ctrl-c", kWindows, kEarlyExit, "", HexCode(0xC000013A), "STATUS_CONTROL_C_EXIT",
       kRetry, "its console was closed, or somebody pressed Ctrl-C",
       "nothing to do at a logoff; else build it without a console (/SUBSYSTEM:WINDOWS)"},
      {"ended-at-logoff", kWindows, kEarlyExit, "", HexCode(0x40010004), "DBG_TERMINATE_PROCESS",
       kDrop, "the logoff ended it", "nothing to do"},
      {"died-while-away", kWindows, kEarlyExit, "", kAnyCode, "", kDefer,
       "it ended at once, and nobody sees its session",
       "nothing to do; it starts when the session is connected again. An agent that is to run "
       "there "
       "must bear having no screen",
       kConnected, kAway},
  });
}();

}  // namespace broker
