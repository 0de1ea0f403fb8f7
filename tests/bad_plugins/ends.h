/* The ways in which a plugin can end the process, or keep it from going on. */
#ifndef TESTS_BAD_PLUGINS_ENDS_H
#define TESTS_BAD_PLUGINS_ENDS_H

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static inline void Segfault(void) {
  /* Not null: sanitizers say so before there is a signal. */
  volatile int* volatile nowhere = (volatile int*)8;
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

/* Leaves a process behind that belongs to nobody's group or session. */
static inline void Escape(void) {
  if (fork() == 0) {
    setsid();
    Hang();
  }
  Hang();
}

static inline void Freeze(void) {
  raise(SIGSTOP);
}

#endif
