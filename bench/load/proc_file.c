/* Numbers from the kernel; see the header. Called by lane.c and server_watch.c. */
#include "proc_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 256

size_t proc_file_read_numbers(const char *path, uint64_t *ret_numbers, size_t count)
{
    char line[LINE_SIZE] = "";
    const char *at = line;
    size_t found = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    if (fgets(line, sizeof(line), file) == NULL) {
        line[0] = '\0';
    }
    (void)fclose(file);
    while (found < count) {
        char *end;
        uint64_t number = strtoull(at, &end, 10);
        if (end == at) {
            break;
        }
        ret_numbers[found++] = number;
        at = end;
    }
    return found;
}

uint64_t proc_file_read_size(const char *path, const char *name)
{
    char line[LINE_SIZE];
    uint64_t kilobytes = 0;
    size_t length = strlen(name);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    while (kilobytes == 0 && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            kilobytes = strtoull(line + length + 1, NULL, 10);
        }
    }
    (void)fclose(file);
    return kilobytes * 1024;
}
