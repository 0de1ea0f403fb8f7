/* usher/version.h: the version of the plugin interface. C11, C++11 and later. */
#ifndef USHER_VERSION_H
#define USHER_VERSION_H

#include <stdint.h>

/*
 * A step of the minor number appends: members at the end of structures, extensions, constants. Both
 * sides notice by the `size` members, so host and plugin may differ in it. Whatever else changes is
 * a step of the major number, which must be the same.
 *
 * Rationale: a plugin need not be built anew for every broker. 0.1 did not promise this yet, so
 * USHER_ABI_OLDEST is the first version that a host takes.
 */
#define USHER_ABI_MAJOR 0u
#define USHER_ABI_MINOR 3u
#define USHER_ABI_VERSION ((USHER_ABI_MAJOR << 16) | USHER_ABI_MINOR)

#define USHER_ABI_OLDEST ((0u << 16) | 2u)

#endif
