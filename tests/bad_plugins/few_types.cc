// Counts events in an array that has room for the types of today.
#include <array>
#include <cstdint>
#include <cstdlib>

#include <usher/plugin.h>

#include "skeleton.h"

namespace {

std::array<uint64_t, USHER_EVENT_ACTION_FAILED + 1> counts{};

usher_status OnEvent(const usher_plugin*, const usher_event* event, usher_error*) {
  const auto type = static_cast<size_t>(event->type);
  if (type >= counts.size()) std::abort();  // As a hardened array does.
  ++counts[type];
  return USHER_OK;
}

constexpr usher_plugin kPlugin = {
    sizeof(usher_plugin), nullptr, Succeed, nullptr, OnEvent, DoNothing, DoNothing, nullptr};

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {
    sizeof(usher_plugin_entry_t), USHER_ABI_VERSION, &kGoodDescriptor,
    [](const usher_host*, usher_error*) { return &kPlugin; }};
