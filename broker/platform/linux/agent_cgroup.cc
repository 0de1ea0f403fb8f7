#include "platform/linux/agent_cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

namespace broker {
namespace {

constexpr mode_t kMode = 0755;
// What was killed is in its group until it is gone.
constexpr std::chrono::milliseconds kStep{1};
constexpr int kMostSteps = 100;

bool IsVersion2(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder + "/cgroup.controllers", ignored);
}

}  // namespace

AgentCgroup::AgentCgroup(const std::string& cgroups, const std::string& unit) {
  for (const std::string& folder : {cgroups, cgroups + "/unified"}) {
    if (root_.empty() && IsVersion2(folder)) root_ = folder + "/usher";
  }
  path_ = root_ + "/" + unit;
}

UniqueFd AgentCgroup::Make() const {
  if (root_.empty()) return UniqueFd();
  ::mkdir(root_.c_str(), kMode);
  if (::mkdir(path_.c_str(), kMode) != 0 && errno != EEXIST) return UniqueFd();
  return UniqueFd(::open((path_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
}

void AgentCgroup::Kill() const {
  if (root_.empty()) return;
  const UniqueFd end(::open((path_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  if (!end || ::write(end.get(), "1", 1) != 1) {
    ::rmdir(path_.c_str());
    return;
  }
  for (int step = 0; ::rmdir(path_.c_str()) != 0 && errno == EBUSY && step < kMostSteps; ++step) {
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace broker
