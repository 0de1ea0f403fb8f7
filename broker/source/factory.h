#pragma once

#include <memory>

#include "event/diagnostics.h"
#include "settings/settings.h"
#include "source/source.h"

namespace broker {

/// Makes the source that `settings` name. Implemented once per system in
/// platform/*/source_factory.cc. `diagnostics` must outlive the source. Errors name the choices
/// there are on this system.
Result<std::unique_ptr<Source>> CreateSource(const SourceSettings& settings,
                                             Diagnostics& diagnostics);

}  // namespace broker
