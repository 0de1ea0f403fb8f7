#pragma once

namespace broker {

/// The files that a broker holds locked while it runs: in its state directory, and in its log's.
/// The names differ, as one folder may serve as both.
inline constexpr const char* kStateLockName = "lock";
inline constexpr const char* kLogLockName = "writer.lock";

}  // namespace broker
