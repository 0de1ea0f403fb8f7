#pragma once

#include <sys/types.h>

#include <string>

#include "event/status.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// Trusted = nobody but root and this process' user can change what the path leads to. Every
/// component is opened from the one before it and judged by its descriptor: owned by root or that
/// user, writable by neither group nor others (an access control list that lets others write shows
/// in the group's bits: acl(5)). A root-owned sticky folder such as /tmp is excepted, as only the
/// owner of an entry can replace it; what has several names is not trusted there, since anybody may
/// have given it this one. Links to folders are followed one by one under the same rule;
/// relative paths begin at the working directory. Errors of kind kPermission name the component.
/// Source: path_resolution(7), openat(2).

/// The rule about owners, for what lies at `path` and a process of the user `self`.
Status CheckOwner(const std::string& path, uid_t owner, uid_t self);

/// Opens the regular file at `path` for reading; a link at the end is refused.
Result<UniqueFd> OpenTrustedFile(const std::string& path);

/// The same (O_PATH) where a link at the end is followed under the same rule, as /bin/sh is one.
Result<UniqueFd> OpenTrustedProgram(const std::string& path);

/// Opens the folder at `path` (O_PATH). A missing one is made, mode 0700, with those above it.
Result<UniqueFd> MakeTrustedFolder(const std::string& path);

/// Whether nobody else can put a file into the folder at `path`, be it there already or not; a
/// sticky folder is none such.
Status CheckSearchFolder(const std::string& path);

}  // namespace broker
