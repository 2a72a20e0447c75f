/*
 * Loaded before libc: the program's calendar is off by as many seconds as the file MOVED_CLOCK_FILE
 * says at this moment, an int64_t that the test writes into. The monotonic clocks stay what they
 * are.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_gettime_function)(clockid_t, struct timespec *);

static clock_gettime_function real_clock_gettime;
static const _Atomic int64_t *offset_seconds;

__attribute__((constructor)) static void find_file(void)
{
    const char *path = getenv("MOVED_CLOCK_FILE");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    real_clock_gettime = (clock_gettime_function)dlsym(RTLD_NEXT, "clock_gettime");
    if (file < 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof(*offset_seconds), PROT_READ, MAP_SHARED, file, 0);
    offset_seconds = mapped == MAP_FAILED ? NULL : mapped;
    (void)close(file);
}

int clock_gettime(clockid_t which, struct timespec *ret_now)
{
    if (real_clock_gettime == NULL) {
        find_file(); /* another library's constructor came first */
    }
    int status = real_clock_gettime(which, ret_now);
    if (status == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) &&
        offset_seconds != NULL) {
        ret_now->tv_sec += *offset_seconds;
    }
    return status;
}

time_t time(time_t *ret_now)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret_now != NULL) {
        *ret_now = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict ret_now, void *restrict zone)
{
    struct timespec now = {0};
    int status = clock_gettime(CLOCK_REALTIME, &now);
    (void)zone;
    *ret_now = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return status;
}
