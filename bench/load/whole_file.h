/* Reads a file whole into memory. Any thread; the memory is the caller's, to free. */
#ifndef LOAD_WHOLE_FILE_H
#define LOAD_WHOLE_FILE_H

#include "base/bytes.h"
#include "base/result.h"

#define WHOLE_FILE_SIZE_MAX (16 << 20)

/*
 * ERROR_FILE with errno set when it cannot be read, or is more than WHOLE_FILE_SIZE_MAX (EFBIG).
 * A NUL follows the bytes, which may be empty.
 */
struct result whole_file_read(const char *path, struct bytes *ret_bytes);

/* Wipes and frees; an empty view is fine. */
void whole_file_free(struct bytes *bytes);

#endif
