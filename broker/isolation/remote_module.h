#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "event/status.h"
#include "plugin_host/module.h"

namespace broker {

/// Loads the plugin at `path` in a child process that runs `program` (usher-plugin-host); as
/// Module::Load in all else. The instance made of it lives there, and every call of the interface
/// crosses a channel. It makes one instance at a time; the child ends with the module.
///
/// A child that ends before its time makes the call at hand, and all that follow, fail with a
/// sentence that says how; it ends itself after `limit`, unless that is 0. Not fast: the broker
/// only tries plugins so, before it loads them anew.
Result<std::shared_ptr<const Module>> LoadInChild(const std::string& program,
                                                  const std::string& path,
                                                  const std::string& copies,
                                                  std::chrono::seconds limit = {});

}  // namespace broker
