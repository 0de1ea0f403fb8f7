#pragma once

#include "plugin_host/host_context.h"

namespace broker {

/// Strikes those who are to blame for the end of the broker before this one, as the record of
/// `context` says: a plugin.failed of the reason "crashed", perhaps a quarantine; noted durably
/// before anything is loaded, and kept in the record where that fails. Without a record nothing
/// happens.
void StrikeBlamed(const HostContext& context);

}  // namespace broker
