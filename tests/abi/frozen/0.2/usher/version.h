/* usher/version.h: the version of the plugin interface. C11, C++11 and later. */
#ifndef USHER_VERSION_H
#define USHER_VERSION_H

#include <stdint.h>

/*
 * Rationale: the same major version is required of host and plugin; the minor one counts additions,
 * which both sides notice by the `size` members. Until 1.0, major 0, a minor step may break: host
 * and plugin must then agree in both.
 */
#define USHER_ABI_MAJOR 0u
#define USHER_ABI_MINOR 2u
#define USHER_ABI_VERSION ((USHER_ABI_MAJOR << 16) | USHER_ABI_MINOR)

#endif
