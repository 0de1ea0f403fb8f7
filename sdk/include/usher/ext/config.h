/* usher/ext/config.h: the instance's own table of the configuration. C11, C++11 and later. */
#ifndef USHER_EXT_CONFIG_H
#define USHER_EXT_CONFIG_H

#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_CONFIG "usher.config/1"

/*
 * Reads [plugins.NAME.config]; granted unless the configuration denies it. `key` is dotted
 * ("limits.memory"). Each getter answers USHER_NOT_FOUND when the key is absent, USHER_WRONG_TYPE
 * when its value is of another type, and leaves `*out` as it was then. An integer is a number, too.
 * Keys that nobody asked for until init() returned are errors: they refuse the instance. Rationale:
 * a misspelt key must not be silently ignored.
 */
typedef struct usher_ext_config {
  uint32_t size;

  /* `*out` is owned by the broker, valid as long as the host is. */
  usher_status (*get_string)(const usher_host* host, const char* key,
                             const char** out); /* [plugin-thread] */
  usher_status (*get_integer)(const usher_host* host, const char* key,
                              int64_t* out); /* [plugin-thread] */
  usher_status (*get_number)(const usher_host* host, const char* key,
                             double* out); /* [plugin-thread] */
  usher_status (*get_boolean)(const usher_host* host, const char* key,
                              int32_t* out); /* [plugin-thread] */

  /*
   * The elements of an array of strings: how many, and one of them, as get_string hands it out. An
   * array with an element of another type is USHER_WRONG_TYPE, an index behind the end
   * USHER_NOT_FOUND.
   */
  usher_status (*get_count)(const usher_host* host, const char* key,
                            uint32_t* out); /* [plugin-thread] */
  usher_status (*get_string_at)(const usher_host* host, const char* key, uint32_t index,
                                const char** out); /* [plugin-thread] */

  /*
   * Says that the value of `key` is wrong; `text` (copied) is a sentence that says what would be
   * right. The administrator reads it with the key's file, line and column; for a key that is
   * absent, with those of the table it belongs into. The instance is refused, whatever init()
   * answers: so one call of init() or check_config() can tell of all mistakes at once.
   *
   * Since 0.3. USHER_INVALID_ARGUMENT: no key or text, or called after init().
   */
  usher_status (*config_error)(const usher_host* host, const char* key,
                               const char* text); /* [plugin-thread & init, check_config] */

  /*
   * How many tables there are in the array of tables at `key` ([[plugins.NAME.config.KEY]]). Keys
   * of one of them have its index, from 0, in them: "hook.0.program".
   *
   * Since 0.3. An array with something else in it is USHER_WRONG_TYPE.
   */
  usher_status (*get_table_count)(const usher_host* host, const char* key,
                                  uint32_t* out); /* [plugin-thread] */
} usher_ext_config;

#ifdef __cplusplus
}
#endif

#endif
