/* Files as bytes; see the header. Keys pass through here, so what is freed is wiped. */
#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_SIZE 16384

/* realloc() would leave a copy of a key behind. */
static uint8_t *grow(uint8_t *memory, size_t length, size_t capacity)
{
    uint8_t *larger = malloc(capacity);
    if (larger != NULL) {
        memcpy(larger, memory, length);
    }
    explicit_bzero(memory, length);
    free(memory);
    return larger;
}

static struct result read_all(FILE *file, struct bytes *ret_bytes)
{
    size_t capacity = FIRST_SIZE;
    size_t length = 0;
    uint8_t *memory = malloc(capacity);
    while (memory != NULL) {
        length += fread(memory + length, 1, capacity - 1 - length, file);
        if (length < capacity - 1) {
            break;
        }
        capacity *= 2;
        if (capacity > WHOLE_FILE_SIZE_MAX) {
            errno = EFBIG;
            goto free_memory;
        }
        memory = grow(memory, length, capacity);
    }
    if (memory == NULL || ferror(file) != 0) {
        goto free_memory;
    }
    memory[length] = '\0';
    *ret_bytes = bytes_from(memory, length);
    return RESULT_OK;

free_memory:
    if (memory != NULL) {
        explicit_bzero(memory, length);
    }
    free(memory);
    return result_failure(ERROR_FILE);
}

struct result whole_file_read(const char *path, struct bytes *ret_bytes)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return result_failure(ERROR_FILE);
    }
    struct result result = read_all(file, ret_bytes);
    int failure = errno;
    (void)fclose(file);
    errno = failure;
    return result;
}

void whole_file_free(struct bytes *bytes)
{
    if (bytes->at != NULL) {
        explicit_bzero((void *)(uintptr_t)bytes->at, bytes->length);
        free((void *)(uintptr_t)bytes->at);
    }
    *bytes = (struct bytes){0};
}
