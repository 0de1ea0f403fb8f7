#pragma once

#include <chrono>
#include <functional>

namespace broker {

/// Runs `body` on a thread of its own and waits for it up to `limit`. False: it goes on, and maybe
/// for ever; what it refers to must then live as long as the process. Any thread.
bool RunApart(std::function<void()> body, std::chrono::milliseconds limit);

}  // namespace broker
