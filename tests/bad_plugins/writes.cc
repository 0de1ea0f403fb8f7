// Writes to the text of an event.
#include <cstring>

#include <usher/plugin.h>

#include "skeleton.h"

namespace {

usher_status OnEvent(const usher_plugin*, const usher_event* event, usher_error*) {
  if (event->session == nullptr || *event->session->user == '\0') return USHER_OK;
  char* const user = const_cast<char*>(event->session->user);
  *user = *user == 'a' ? 'A' : *user;
  return USHER_OK;
}

constexpr usher_plugin kPlugin = {
    sizeof(usher_plugin), nullptr, Succeed, nullptr, OnEvent, DoNothing, DoNothing, nullptr};

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {
    sizeof(usher_plugin_entry_t), USHER_ABI_VERSION, &kGoodDescriptor,
    [](const usher_host*, usher_error*) { return &kPlugin; }};
