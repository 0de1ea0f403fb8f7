// Lets exceptions out of every function that may be called with an event.
#include <stdexcept>

#include "skeleton.h"

namespace {

usher_status OnSnapshot(const usher_plugin*, const usher_snapshot*, usher_error*) {
  throw std::runtime_error("no snapshots, please");
}

usher_status OnEvent(const usher_plugin*, const usher_event* event, usher_error*) {
  if (event->type == USHER_EVENT_SESSION_LOGON) throw std::runtime_error("no \xff logons");
  throw 42;
}

void Throw(const usher_plugin*) {
  throw std::runtime_error("no end");
}

constexpr usher_plugin kPlugin = {
    sizeof(usher_plugin), nullptr, Succeed, OnSnapshot, OnEvent, Throw, Throw, nullptr};

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {
    sizeof(usher_plugin_entry_t), USHER_ABI_VERSION, &kGoodDescriptor,
    [](const usher_host*, usher_error*) { return &kPlugin; }};
