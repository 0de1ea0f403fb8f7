/* Its entry is code. */
#include <usher/version.h>

__attribute__((visibility("default"))) const void* usher_plugin_entry(void);
const void* usher_plugin_entry(void) {
  return 0;
}
