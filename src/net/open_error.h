/*
 * Why a descriptor was not to be had, of whatever kind. Any thread; no state.
 */
#ifndef NET_OPEN_ERROR_H
#define NET_OPEN_ERROR_H

#include <errno.h>

#include "base/result.h"

/* error_number: errno behind the call that failed. ERROR_LIMIT_REACHED (of descriptors),
 * ERROR_OUT_OF_MEMORY, or otherwise. */
static inline enum error open_error(int error_number, enum error otherwise)
{
    switch (error_number) {
    case EMFILE:
    case ENFILE:
        return ERROR_LIMIT_REACHED;
    case ENOBUFS:
    case ENOMEM:
        return ERROR_OUT_OF_MEMORY;
    default:
        return otherwise;
    }
}

#endif
