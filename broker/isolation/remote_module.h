#pragma once

#include <memory>
#include <string>

#include "event/mutex.h"
#include "event/status.h"
#include "isolation/cutoff.h"
#include "plugin_host/module.h"

namespace broker {

/// Loads the plugin at `path` in a child process that runs `program` (usher-plugin-host); as
/// Module::Load in all else. The instance made of it lives there, and every call of the interface
/// crosses a channel. It makes one instance at a time; the child ends with the module.
///
/// A child that ends before its time makes the call at hand, and all that follow, fail with a
/// sentence that says how. Not fast: the broker only tries plugins so, before it loads them anew.
Result<std::shared_ptr<const Module>> LoadInChild(const std::string& program,
                                                  const std::string& path,
                                                  const std::string& copies);

/// The same of a file that CopyTrusted made of `path`; stays the caller's. Whatever is not done by
/// `deadline`, or once `cutoff` is cut, fails; it must outlive the module.
Result<std::shared_ptr<const Module>> LoadCopyInChild(const std::string& program,
                                                      const std::string& copy,
                                                      const std::string& path,
                                                      Condition::TimePoint deadline,
                                                      Cutoff& cutoff);

}  // namespace broker
