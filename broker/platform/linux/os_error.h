#pragma once

#include <string_view>

#include "event/status.h"

namespace broker {

/// The status for an errno value: "`what`: permission denied (EACCES, code 13)", with advice where
/// there is a general one. `what` says what failed, and where: "cannot open '/x'". errno(3).
[[nodiscard]] Status OsError(std::string_view what, int code);

/// "`what` '`path`'" for OsError.
[[nodiscard]] Status OsError(std::string_view what, std::string_view path, int code);

}  // namespace broker
