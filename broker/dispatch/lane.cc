#include "dispatch/lane.h"

#include <thread>

#include "dispatch/worker_lane.h"

namespace broker {

std::shared_ptr<Lane> Lane::Create(LaneOptions options, Consumer& consumer, const Parts& parts) {
  return std::make_shared<WorkerLane>(std::move(options), consumer, parts);
}

}  // namespace broker
