#pragma once

#include <memory>
#include <string>

#include "event/status.h"
#include "isolation/remote_module.h"
#include "plugin_host/module.h"

namespace broker::testing {

/// Where a plugin runs. Nothing of the interface depends on one address space: what is so of an
/// instance in this process is so where its plugin is in another one, behind a channel.
enum class Where { kHere, kInAChild };

inline Result<std::shared_ptr<const Module>> Load(Where where, const std::string& path,
                                                  const std::string& copies) {
  if (where == Where::kHere) return Module::Load(path, copies);
  return LoadInChild(PLUGIN_HOST_PROGRAM, path, copies);
}

/// For the names of tests.
inline std::string NameOf(const ::testing::TestParamInfo<Where>& where) {
  return where.param == Where::kHere ? "InThisProcess" : "InAChild";
}

}  // namespace broker::testing
