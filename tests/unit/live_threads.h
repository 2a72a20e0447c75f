/*
 * How many threads the process of a test has. One that ends stays listed for a moment after it has
 * been joined: those are left out, which makes the count exact behind pthread_join().
 */
#ifndef TESTS_UNIT_LIVE_THREADS_H
#define TESTS_UNIT_LIVE_THREADS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* PF_EXITING of the kernel's include/linux/sched.h; set before whoever joins the thread wakes. */
#define LIVE_THREADS_EXITING 0x4u

/* id: its folder in /proc/self/task. False, too, when it has gone since it was listed. */
static inline bool live_threads_has(const char *id)
{
    char path[64];
    char line[512];
    unsigned flags = LIVE_THREADS_EXITING;
    (void)snprintf(path, sizeof(path), "/proc/self/task/%.20s/stat", id);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    /* The state and five numbers are between the name and the flags (proc_pid_stat(5)). */
    const char *behind_name = fgets(line, sizeof(line), file) == NULL ? NULL : strrchr(line, ')');
    if (behind_name != NULL) {
        (void)sscanf(behind_name, ") %*c %*d %*d %*d %*d %*d %u", &flags);
    }
    (void)fclose(file);
    return (flags & LIVE_THREADS_EXITING) == 0;
}

static inline size_t live_threads_count(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/task");
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.' && live_threads_has(entry->d_name);
    }
    (void)closedir(folder);
    return count;
}

#endif
