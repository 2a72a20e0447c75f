/*
 * One read() is not all of a file: a signal may come between, and a pipe in its place gives what it
 * has.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file_content.h"

bool file_content_read(int descriptor, uint8_t *buffer, size_t capacity_bytes, size_t *ret_length)
{
    size_t length = 0;
    while (length < capacity_bytes) {
        ssize_t got = read(descriptor, buffer + length, capacity_bytes - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            explicit_bzero(buffer, length);
            return false;
        }
        if (got == 0) {
            break;
        }
        length += (size_t)got;
    }
    *ret_length = length;
    return true;
}
