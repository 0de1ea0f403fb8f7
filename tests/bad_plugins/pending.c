/* Answers every event with PENDING and completes it from a thread, in its own good time. */
#include <pthread.h>
#include <stdlib.h>

#include "skeleton.h"

enum { kMostEvents = 64 };

typedef struct Pending {
  usher_plugin plugin;
  const usher_host* host;
  pthread_t threads[kMostEvents];
  int count;
} Pending;

typedef struct Job {
  const usher_host* host;
  uint64_t seq;
} Job;

static void* Work(void* argument) {
  Job* const job = argument;
  job->host->complete(job->host, job->seq, USHER_OK, 0);
  free(job);
  return 0;
}

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  Pending* const self = plugin->plugin_data;
  Job* const job = malloc(sizeof *job);
  (void)error;
  if (job == 0 || self->count == kMostEvents) return USHER_ERROR;
  job->host = self->host;
  job->seq = event->seq;
  if (pthread_create(&self->threads[self->count], 0, Work, job) != 0) return USHER_ERROR;
  ++self->count;
  return USHER_PENDING;
}

static void Stop(const usher_plugin* plugin) {
  Pending* const self = plugin->plugin_data;
  while (self->count > 0) pthread_join(self->threads[--self->count], 0);
}

static void Destroy(const usher_plugin* plugin) {
  free(plugin->plugin_data);
}

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  Pending* const self = calloc(1, sizeof *self);
  (void)error;
  if (self == 0) return 0;
  self->host = host;
  self->plugin = (usher_plugin){sizeof(usher_plugin), self, Succeed, 0, OnEvent, Stop, Destroy, 0};
  return &self->plugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
