/*
 * Reading an open file to its end, or as far as there is room. Any thread that may wait for a disk.
 *
 * What may be read, and how much of it, is the caller's to judge.
 */
#ifndef BASE_FILE_CONTENT_H
#define BASE_FILE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads on from where descriptor is: capacity_bytes (0 or more), and fewer only at the end. Who
 * wants to know whether that was all gives room for one byte more than it takes. False with errno;
 * then what had been read is wiped: it may be a part of a key.
 */
bool file_content_read(int descriptor, uint8_t *buffer, size_t capacity_bytes, size_t *ret_length);

#endif
