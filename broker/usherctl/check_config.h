#pragma once

#include <string>

#include "usherctl/streams.h"

namespace broker {

struct CheckConfigOptions {
  std::string file;
  bool json = false;
};

/// `usherctl check-config FILE`: every error in it at once, as compilers print them.
int RunCheckConfig(const CheckConfigOptions& options, Streams& streams);

}  // namespace broker
