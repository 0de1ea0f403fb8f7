/* Does HOW in the call number WHERE: create, init, on_snapshot, on_event, stop, destroy. */
#include <stdlib.h>
#include <unistd.h>

#include "skeleton.h"

static inline void Segfault(void) {
  volatile int* volatile nowhere = 0;
  *nowhere = 1;
}

/* Ends where no stack has room for it any more. */
static inline int Deeper(const volatile char* above) {
  volatile char frame[4096];
  int below = 0;
  frame[0] = *above;
  if (*above == 1) below = Deeper(frame);
  return below + frame[0] + *above;
}

static inline void Overflow(void) {
  const volatile char one = 1;
  exit(Deeper(&one));
}

static inline void Exit(void) {
  exit(3);
}

static inline void Hang(void) {
  for (;;) pause();
}

static inline void Abort(void) {
  abort();
}

static void Reach(int call) {
  if (call == WHERE) HOW();
}

static usher_status Init(const usher_plugin* plugin, usher_error* error) {
  (void)plugin;
  (void)error;
  Reach(1);
  return USHER_OK;
}

static usher_status OnSnapshot(const usher_plugin* plugin, const usher_snapshot* snapshot,
                               usher_error* error) {
  (void)plugin;
  (void)snapshot;
  (void)error;
  Reach(2);
  return USHER_OK;
}

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  (void)plugin;
  (void)event;
  (void)error;
  Reach(3);
  return USHER_OK;
}

static void Stop(const usher_plugin* plugin) {
  (void)plugin;
  Reach(4);
}

static void Destroy(const usher_plugin* plugin) {
  (void)plugin;
  Reach(5);
}

static const usher_plugin kPlugin = {
    sizeof(usher_plugin), 0, Init, OnSnapshot, OnEvent, Stop, Destroy, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  Reach(0);
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
