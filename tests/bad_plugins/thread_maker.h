#ifndef TESTS_BAD_PLUGINS_THREAD_MAKER_H
#define TESTS_BAD_PLUGINS_THREAD_MAKER_H

/* Starts a thread that goes on for ever, and returns when that runs. */
void MakeThread(void);

#endif
