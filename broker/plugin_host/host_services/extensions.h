#pragma once

#include <span>
#include <string_view>

#include "usher/ext/config.h"
#include "usher/ext/emit.h"
#include "usher/ext/launch.h"
#include "usher/ext/log.h"
#include "usher/ext/run.h"
#include "usher/ext/session.h"
#include "usher/ext/sessions.h"
#include "usher/ext/storage.h"
#include "usher/ext/thread_check.h"
#include "usher/ext/timer.h"

namespace broker {

// The function tables of the extensions, one file each. Static data; any thread.
[[nodiscard]] const usher_ext_config& ConfigExtension();
[[nodiscard]] const usher_ext_emit& EmitExtension();
[[nodiscard]] const usher_ext_launch& LaunchExtension();
[[nodiscard]] const usher_ext_log& LogExtension();
[[nodiscard]] const usher_ext_run& RunExtension();
[[nodiscard]] const usher_ext_session& SessionExtension();
[[nodiscard]] const usher_ext_sessions& SessionsExtension();
[[nodiscard]] const usher_ext_storage& StorageExtension();
[[nodiscard]] const usher_ext_thread_check& ThreadCheckExtension();
[[nodiscard]] const usher_ext_timer& TimerExtension();

/// The ids of all extensions that this broker has.
[[nodiscard]] std::span<const std::string_view> ExtensionIds();

/// Whether it is there also for a check of the configuration, which must have no effect.
[[nodiscard]] bool IsPure(std::string_view id);

/// Whether an instance has it only where the configuration grants it.
[[nodiscard]] bool NeedsGrant(std::string_view id);

/// The function table of the extension with this id; null if there is none.
[[nodiscard]] const void* FindExtension(std::string_view id);

}  // namespace broker
