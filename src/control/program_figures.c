/* Reading /proc/self (proc(5)). The name of the program may hold blanks and parentheses: fields are
 * counted from the last parenthesis on. */
#include "program_figures.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Fields of /proc/self/stat behind the name, the state is number 0. */
#define FIELD_USER_TICKS     11
#define FIELD_SYSTEM_TICKS   12
#define FIELD_THREADS        17
#define FIELD_START_TICKS    19
#define FIELD_VIRTUAL_BYTES  20
#define FIELD_RESIDENT_PAGES 21
#define FIELD_COUNT          22

static bool read_fields(unsigned long long fields[FIELD_COUNT])
{
    char line[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) {
        return false;
    }
    bool is_read = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file);
    char *at = is_read ? strrchr(line, ')') : NULL;
    if (at == NULL || strlen(at) < 3) {
        return false;
    }
    at += 3; /* ") S" */
    for (size_t i = 1; i < FIELD_COUNT; i++) {
        char *end = at;
        fields[i] = strtoull(at, &end, 10); /* negative ones wrap around; none of them is used */
        if (end == at) {
            return false;
        }
        at = end;
    }
    return true;
}

/* How long the table of descriptors is; none lies beyond. */
static int table_size(void)
{
    static const char word[] = "FDSize:";
    char line[256];
    int size = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, word, strlen(word)) == 0) {
            size = (int)strtol(line + strlen(word), NULL, 10);
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return size;
}

uint64_t program_figures_probe_descriptors(void)
{
    uint64_t count = 0;
    int size = table_size();
    for (int i = 0; i < size; i++) {
        count += fcntl(i, F_GETFD) >= 0;
    }
    return count;
}

/* Linux has told so since 6.2. Nobody lists the folder: the kernel would make a file of each. */
static uint64_t count_descriptors(void)
{
    struct stat folder;
    bool is_told = stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0;
    return is_told ? (uint64_t)folder.st_size : program_figures_probe_descriptors();
}

/* The start is told in ticks since the machine's. */
static double wall_start(unsigned long long start_ticks, double ticks_per_second)
{
    struct timespec since_boot = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &since_boot);
    double boot_seconds = (double)since_boot.tv_sec + (double)since_boot.tv_nsec / 1e9;
    double age_seconds = boot_seconds - (double)start_ticks / ticks_per_second;
    return (double)clock_wall_microseconds() / 1e6 - age_seconds;
}

void program_figures_read(struct program_figures *ret_figures)
{
    unsigned long long fields[FIELD_COUNT] = {0};
    double ticks_per_second = (double)sysconf(_SC_CLK_TCK);
    struct rlimit limit = {0};
    *ret_figures = (struct program_figures){0};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        ret_figures->descriptor_count_max = limit.rlim_cur;
    }
    ret_figures->descriptor_count = count_descriptors();
    if (!read_fields(fields)) {
        return;
    }
    ret_figures->cpu_seconds =
        (double)(fields[FIELD_USER_TICKS] + fields[FIELD_SYSTEM_TICKS]) / ticks_per_second;
    ret_figures->resident_bytes = fields[FIELD_RESIDENT_PAGES] * (uint64_t)sysconf(_SC_PAGESIZE);
    ret_figures->virtual_bytes = fields[FIELD_VIRTUAL_BYTES];
    ret_figures->thread_count = fields[FIELD_THREADS];
    ret_figures->start_seconds = wall_start(fields[FIELD_START_TICKS], ticks_per_second);
}
