#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/status.h"

// Implemented once per system in platform/*/module_trust.cc. Paths are UTF-8. Any thread.

namespace broker {

/// The largest library that is loaded, in bytes.
inline constexpr uint64_t kMaxModuleBytes = 256ULL << 20U;

/// Makes `directory`, empties it of copies that a killed broker left behind, and holds it against
/// what copies need: a trusted path, the broker's own and nobody else's to enter, on a file system
/// that code may be mapped from (Debian mounts /run noexec).
Status PrepareCopyDirectory(const std::string& directory);

/// Decides whether the library at `path` may be loaded, and returns the path of the private copy
/// in `directory` that is to be loaded in its place. The caller removes the copy.
///
/// Opened once and judged by that descriptor: a regular file, not a link, at most kMaxModuleBytes;
/// it and every folder on the way belong to root or the broker's own user and can be written by
/// nobody else, a root-owned sticky folder excepted. Links among the folders are followed one by
/// one under the same rule. The copy must be a shared library of this machine's kind, whose
/// RPATH / RUNPATH leads to trusted folders only; `$ORIGIN` counts as the folder of `path` and as
/// that of the copy. kPermission: not trusted; kInvalid: not a library; kNotFound; kIo.
///
/// What is copied can be neither swapped after the check nor truncated while it is mapped.
Result<std::string> CopyTrusted(const std::string& path, const std::string& directory);

/// Whether nobody but root and the broker's own user can change the file at `path`: CopyTrusted's
/// rule for the file and the folders above it, for whatever else the broker obeys.
Status CheckTrustedFile(const std::string& path);

/// Variables of the environment by which the system's loader adds libraries of its own or looks for
/// them elsewhere, as "NAME=value". It has obeyed them before this process could ask, and will for
/// each plugin. kPermission: one names a place where others than root and the broker's own user can
/// put a library. Source: ld.so(8).
Result<std::vector<std::string>> CheckLoaderVariables();

}  // namespace broker
