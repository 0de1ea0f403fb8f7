#pragma once

#include <memory>

#include "event/diagnostics.h"
#include "event/status.h"
#include "settings/settings.h"
#include "source/source.h"

namespace broker {

/// Makes the source that the table [source] of `settings` names; the others tell what it must keep
/// out of. Implemented once per system in platform/*/source_factory.cc. `diagnostics` must outlive
/// the source. Errors name the choices there are on this system.
Result<std::unique_ptr<Source>> CreateSource(const Settings& settings, Diagnostics& diagnostics);

/// Whether CreateSource failed for what the settings name: something that is not there, or that
/// cannot be played. Else for what may be mended without them: a right, a disk.
[[nodiscard]] inline bool IsForSettings(const Status& failure) {
  return failure.code() == StatusCode::kInvalid || failure.code() == StatusCode::kNotFound;
}

}  // namespace broker
