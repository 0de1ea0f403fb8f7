#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/event.h"
#include "usher/ext/emit.h"
#include "usher/status.h"

namespace broker {

/// Who emits: the instance, and the id of its plugin.
struct Emitter {
  std::string_view instance;
  std::string_view id;
};

/// Makes an event of what a plugin passed to emit(), none of which is trusted; its time and cause
/// are still missing. As usher/ext/emit.h says; on failure `why` is set to a sentence and `event`
/// is as it was.
usher_status ReadEmission(const Emitter& emitter, const char* type,
                          const usher_detail* const* details, uint32_t count, Event& event,
                          std::string& why);

}  // namespace broker
