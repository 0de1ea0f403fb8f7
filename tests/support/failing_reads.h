#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/forwarding_file_system.h"

namespace broker::testing {

/// The real file system, but for the files that a bad disk keeps to itself: those whose paths
/// contain `where`, while `fails` is set.
class FailingReads final : public ForwardingFileSystem {
 public:
  explicit FailingReads(std::string where)
      : ForwardingFileSystem(MakeFileSystem()), where_(std::move(where)) {}

  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    if (fails && path.find(where_) != std::string::npos) {
      return Status(StatusCode::kIo, "cannot read '" + path + "': input/output error");
    }
    return ForwardingFileSystem::OpenRead(path);
  }

  std::atomic<bool> fails = true;

 private:
  const std::string where_;
};

}  // namespace broker::testing
