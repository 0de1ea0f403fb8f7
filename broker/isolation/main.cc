#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "isolation/child_host.h"

namespace {

/// Whatever the plugin does, and wherever it hangs.
void EndAfter(std::chrono::seconds limit) {
  if (limit.count() == 0) return;
  std::thread([limit] {
    std::this_thread::sleep_for(limit);
    std::_Exit(broker::kChildTooSlow);
  }).detach();
}

}  // namespace

// usher-plugin-host FILE PATH SECONDS: started by the broker (LoadInChild), of no use by hand.
int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  EndAfter(std::chrono::seconds(std::atoll(argv[3])));
  broker::ServePlugin(argv[1], argv[2], *broker::OpenParentChannel());
  return EXIT_SUCCESS;
}
