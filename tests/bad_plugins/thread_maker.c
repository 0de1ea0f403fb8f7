/* No plugin: a library that plugins need, or a part of them. */
#include "thread_maker.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static void* Run(void* running) {
  const struct timespec nap = {0, 1000000};
  sem_post(running);
  for (;;) nanosleep(&nap, 0);
  return 0;
}

__attribute__((visibility("default"))) void MakeThread(void) {
  static sem_t running;
  pthread_t thread;
  sem_init(&running, 0, 0);
  if (pthread_create(&thread, 0, Run, &running) != 0) return;
  pthread_detach(thread);
  sem_wait(&running);
}
