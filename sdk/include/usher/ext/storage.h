/* usher/ext/storage.h: small values that survive restarts. C11, C++11 and later. */
#ifndef USHER_EXT_STORAGE_H
#define USHER_EXT_STORAGE_H

#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_STORAGE "usher.storage/1"

#define USHER_STORAGE_MAX_KEY 64u        /* bytes; [a-z0-9._-], not beginning with a dot */
#define USHER_STORAGE_MAX_VALUE 1048576u /* bytes */
#define USHER_STORAGE_MAX_KEYS 256u

/* Granted unless the configuration denies it. Each instance has a store of its own. */
typedef struct usher_ext_storage {
  uint32_t size;

  /*
   * Stores `length` bytes under `key`, atomically and durably. USHER_LIMIT: too large, or too many
   * keys; USHER_INVALID_ARGUMENT: no valid key.
   */
  usher_status (*put)(const usher_host* host, const char* key, const void* value, size_t length,
                      usher_error* error); /* [plugin-thread] */

  /*
   * Copies the value to `buffer`. `*length` is the buffer's size on entry and the value's size on
   * return; USHER_TOO_SMALL copies nothing (a buffer of 0 bytes may be NULL). USHER_NOT_FOUND:
   * there is none, and `*length` is as it was.
   */
  usher_status (*get)(const usher_host* host, const char* key, void* buffer, size_t* length,
                      usher_error* error); /* [plugin-thread] */

  /* Forgets `key`; a key that is not there is no error. */
  usher_status (*remove)(const usher_host* host, const char* key,
                         usher_error* error); /* [plugin-thread] */
} usher_ext_storage;

#ifdef __cplusplus
}
#endif

#endif
