/* Reads the small files of numbers that /proc and /sys have. Any thread. */
#ifndef LOAD_PROC_FILE_H
#define LOAD_PROC_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The first numbers of the file, between spaces; how many were there, at most count. */
size_t proc_file_read_numbers(const char *path, uint64_t *ret_numbers, size_t count);

/* Of a line "NAME:   123 kB", in bytes; 0 when there is none. */
uint64_t proc_file_read_size(const char *path, const char *name);

#endif
