/* usher/status.h: what calls across the plugin interface answer. C11, C++11 and later. */
#ifndef USHER_STATUS_H
#define USHER_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An outcome: 0, one of the negative values below, or, from on_event only, one of the positive
 * ones. Unknown negative values are failures; whoever gets a positive one that it does not know, or
 * does not expect there, takes it for USHER_ERROR.
 */
typedef int32_t usher_status;

#define USHER_OK ((usher_status)0)
#define USHER_ERROR ((usher_status)-1)            /* Failed; the error's text says why. */
#define USHER_INVALID_ARGUMENT ((usher_status)-2) /* The caller passed something wrong. */
#define USHER_NOT_FOUND ((usher_status)-3)        /* There is no such key, session, … */
#define USHER_NOT_PERMITTED ((usher_status)-4)    /* The configuration does not grant it. */
#define USHER_WRONG_TYPE ((usher_status)-5)       /* It is there, but of another type. */
#define USHER_TOO_SMALL ((usher_status)-6) /* The buffer is too small; the needed size is told. */
#define USHER_LIMIT ((usher_status)-7)     /* A quota is used up, a value too large. */
#define USHER_STOPPED ((usher_status)-8)   /* The instance is stopped; nothing is done for it. */
#define USHER_IO ((usher_status)-9)        /* The system reported an I/O error. */

#define USHER_PENDING ((usher_status)1) /* on_event: complete() will follow. */
#define USHER_RETRY ((usher_status)2)   /* on_event: not now; call again with the same event. */

#define USHER_ERROR_TEXT_SIZE 512

/*
 * Where a call puts the sentence that explains its failure. Owned by the caller, valid during the
 * call; never NULL, and its text is "" on entry. The callee writes only when it fails, and at most
 * `size - offsetof(usher_error, text)` bytes of UTF-8, the final NUL included.
 */
typedef struct usher_error {
  uint32_t size; /* sizeof(usher_error) of the caller. */
  char text[USHER_ERROR_TEXT_SIZE];
} usher_error;

#ifdef __cplusplus
}
#endif

#endif
