#include "dispatch/lane.h"

#include <thread>

#include "dispatch/worker_lane.h"

namespace broker {

std::shared_ptr<Lane> Lane::Create(LaneOptions options, Consumer& consumer, Hub& hub,
                                   FileSystem& files, const CursorStore& cursors) {
  return std::make_shared<WorkerLane>(std::move(options), consumer, hub, files, cursors);
}

}  // namespace broker
