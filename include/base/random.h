/*
 * Random bytes from the kernel, read ahead in blocks. A buffer per thread; any thread.
 *
 * Each byte is wiped as it is handed out, and what is left is thrown away in a child after fork().
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

#include "base/result.h"

/* Fills output whole or fails with ERROR_SYSTEM, then output must not be used. */
struct result random_fill(void *output, size_t length_bytes);

#endif
