#pragma once

#include <array>

#include "action/failures.h"

namespace broker {

/// How a unit's process ends that the service manager could not make the agent of. Most of these
/// come from settings that the broker does not make. Source: systemd.exec(5), "Process exit codes".
inline constexpr auto kSystemdFailures = [] {
  using enum Remedy;
  constexpr auto kLinux = CodeSystem::kLinux;
  constexpr auto kSpawn = LaunchStage::kSpawn;
  constexpr std::string_view kDropIn =
      "see journalctl -u 'usher-agent-*_NAME-*'; the broker does not ask for this, a drop-in for "
      "all "
      "services (service.d) or the container does";
  return std::to_array<FailureRow>({
      {"exit-chdir", kLinux, kSpawn, "", 200, "EXIT_CHDIR", kFix,
       "the directory it is to start in is none, or the user may not enter it",
       "correct directory, or leave it out for the user's home"},
      {"exit-nice", kLinux, kSpawn, "", 201, "EXIT_NICE", kFix, "its priority cannot be set",
       kDropIn},
      {"exit-fds", kLinux, kSpawn, "", 202, "EXIT_FDS", kFix, "its descriptors cannot be arranged",
       kDropIn},
      {"exit-exec", kLinux, kSpawn, "", 203, "EXIT_EXEC", kFix,
       "the program cannot be executed: it is missing, not executable, not for this machine, or "
       "its interpreter is missing",
       "run it by hand as that user; correct program, or chmod +x it"},
      {"exit-memory", kLinux, kSpawn, "", 204, "EXIT_MEMORY", kRetry,
       "there was not enough memory to start it",
       "see what uses it up, and whether limits allow it enough"},
      {"exit-limits", kLinux, kSpawn, "", 205, "EXIT_LIMITS", kFix, "its limits cannot be set",
       "correct limits; they may be higher than the broker's own"},
      {"exit-oom-adjust", kLinux, kSpawn, "", 206, "EXIT_OOM_ADJUST", kFix,
       "its rank for the kernel's want of memory cannot be set", kDropIn},
      {"exit-signal-mask", kLinux, kSpawn, "", 207, "EXIT_SIGNAL_MASK", kFix,
       "its signals cannot be arranged", kDropIn},
      {"exit-stdin", kLinux, kSpawn, "", 208, "EXIT_STDIN", kFix,
       "its standard input cannot be opened", kDropIn},
      {"exit-stdout", kLinux, kSpawn, "", 209, "EXIT_STDOUT", kRetry,
       "its output cannot be connected to the journal", "see systemctl status systemd-journald"},
      {"exit-chroot", kLinux, kSpawn, "", 210, "EXIT_CHROOT", kFix,
       "its root directory cannot be changed", kDropIn},
      {"exit-ioprio", kLinux, kSpawn, "", 211, "EXIT_IOPRIO", kFix,
       "its priority for disks cannot be set", kDropIn},
      {"exit-timerslack", kLinux, kSpawn, "", 212, "EXIT_TIMERSLACK", kFix,
       "the slack of its timers cannot be set", kDropIn},
      {"exit-securebits", kLinux, kSpawn, "", 213, "EXIT_SECUREBITS", kFix,
       "its secure bits cannot be set", kDropIn},
      {"exit-setscheduler", kLinux, kSpawn, "", 214, "EXIT_SETSCHEDULER", kFix,
       "its scheduling cannot be set", kDropIn},
      {"exit-cpuaffinity", kLinux, kSpawn, "", 215, "EXIT_CPUAFFINITY", kFix,
       "its processors cannot be chosen", kDropIn},
      {"exit-group", kLinux, kSpawn, "", 216, "EXIT_GROUP", kRetry,
       "the user's groups cannot be found out or taken",
       "see whether id USER answers; a directory on the network may be out of reach"},
      {"exit-user", kLinux, kSpawn, "", 217, "EXIT_USER", kRetry,
       "the user cannot be found out or taken",
       "see whether getent passwd UID answers; a directory on the network may be out of reach"},
      {"exit-capabilities", kLinux, kSpawn, "", 218, "EXIT_CAPABILITIES", kFix,
       "its capabilities cannot be set", kDropIn},
      {"exit-cgroup", kLinux, kSpawn, "", 219, "EXIT_CGROUP", kRetry,
       "its control group cannot be made", "see systemctl status user-UID.slice; it may be ending"},
      {"exit-setsid", kLinux, kSpawn, "", 220, "EXIT_SETSID", kFix,
       "it cannot begin a process session of its own", kDropIn},
      {"exit-confirm", kLinux, kSpawn, "", 221, "EXIT_CONFIRM", kFix,
       "somebody at the console did not let it start",
       "take systemd.confirm_spawn= off the kernel's command line"},
      {"exit-stderr", kLinux, kSpawn, "", 222, "EXIT_STDERR", kRetry,
       "its error output cannot be connected to the journal",
       "see systemctl status systemd-journald"},
      {"exit-pam", kLinux, kSpawn, "", 224, "EXIT_PAM", kFix, "PAM refuses a session", kDropIn},
      {"exit-network", kLinux, kSpawn, "", 225, "EXIT_NETWORK", kFix,
       "its network cannot be set apart", kDropIn},
      {"exit-namespace", kLinux, kSpawn, "", 226, "EXIT_NAMESPACE", kFix,
       "its view of the file system cannot be made", kDropIn},
      {"exit-no-new-privileges", kLinux, kSpawn, "", 227, "EXIT_NO_NEW_PRIVILEGES", kFix,
       "it cannot be kept from new privileges", kDropIn},
      {"exit-seccomp", kLinux, kSpawn, "", 228, "EXIT_SECCOMP", kFix,
       "its system calls cannot be filtered", kDropIn},
      {"exit-selinux-context", kLinux, kSpawn, "", 229, "EXIT_SELINUX_CONTEXT", kFix,
       "its SELinux context cannot be set", kDropIn},
      {"exit-personality", kLinux, kSpawn, "", 230, "EXIT_PERSONALITY", kFix,
       "its execution domain cannot be set", kDropIn},
      {"exit-apparmor-profile", kLinux, kSpawn, "", 231, "EXIT_APPARMOR_PROFILE", kFix,
       "its AppArmor profile cannot be set", kDropIn},
      {"exit-address-families", kLinux, kSpawn, "", 232, "EXIT_ADDRESS_FAMILIES", kFix,
       "its address families cannot be restricted", kDropIn},
      {"exit-runtime-directory", kLinux, kSpawn, "", 233, "EXIT_RUNTIME_DIRECTORY", kFix,
       "a runtime directory of its own cannot be made", kDropIn},
      {"exit-chown", kLinux, kSpawn, "", 235, "EXIT_CHOWN", kFix, "a socket cannot be given to it",
       kDropIn},
      {"exit-smack-process-label", kLinux, kSpawn, "", 236, "EXIT_SMACK_PROCESS_LABEL", kFix,
       "its SMACK label cannot be set", kDropIn},
      {"exit-keyring", kLinux, kSpawn, "", 237, "EXIT_KEYRING", kRetry,
       "its keyring cannot be made", "see the user's quota of keys in /proc/key-users"},
      {"exit-state-directory", kLinux, kSpawn, "", 238, "EXIT_STATE_DIRECTORY", kFix,
       "a state directory of its own cannot be made", kDropIn},
      {"exit-cache-directory", kLinux, kSpawn, "", 239, "EXIT_CACHE_DIRECTORY", kFix,
       "a cache directory of its own cannot be made", kDropIn},
      {"exit-logs-directory", kLinux, kSpawn, "", 240, "EXIT_LOGS_DIRECTORY", kFix,
       "a log directory of its own cannot be made", kDropIn},
      {"exit-configuration-directory", kLinux, kSpawn, "", 241, "EXIT_CONFIGURATION_DIRECTORY",
       kFix, "a configuration directory of its own cannot be made", kDropIn},
      {"exit-numa-policy", kLinux, kSpawn, "", 242, "EXIT_NUMA_POLICY", kFix,
       "its memory nodes cannot be chosen", kDropIn},
      {"exit-credentials", kLinux, kSpawn, "", 243, "EXIT_CREDENTIALS", kFix,
       "its credentials cannot be loaded", kDropIn},
      {"exit-bpf", kLinux, kSpawn, "", 245, "EXIT_BPF", kFix,
       "its file systems cannot be restricted", kDropIn},
  });
}();

}  // namespace broker
