/* Reading and writing points in time. Called by the commands that take or show one. */
#include "moment.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "base/bytes.h"

/* The end of the year 9999, where certificates' dates end too. */
#define SECONDS_MAX 253402300799U

static const char *const formats[] = {
    "%Y-%m-%d",          "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",     "%b %d %H:%M:%S %Y GMT",
};

/* timegm() takes February 30 for March 2; a day that changes so was none. */
static bool to_seconds(struct tm *broken, int64_t *ret_seconds)
{
    struct tm given = *broken;
    int64_t seconds = timegm(broken);
    bool is_real = broken->tm_mday == given.tm_mday && broken->tm_mon == given.tm_mon &&
                   broken->tm_hour == given.tm_hour && broken->tm_min == given.tm_min;
    if (!is_real || seconds < 0 || seconds > (int64_t)SECONDS_MAX) {
        return false;
    }
    *ret_seconds = seconds;
    return true;
}

bool moment_read(const char *text, int64_t *ret_seconds)
{
    uint64_t number;
    if (text[0] == '@') {
        if (!bytes_to_number(bytes_from_string(text + 1), SECONDS_MAX, &number)) {
            return false;
        }
        *ret_seconds = (int64_t)number;
        return true;
    }
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct tm broken = {0};
        const char *end = strptime(text, formats[i], &broken);
        if (end != NULL && *end == '\0') {
            return to_seconds(&broken, ret_seconds);
        }
    }
    return false;
}

const char *moment_write(int64_t seconds, char memory[MOMENT_SIZE])
{
    struct tm broken;
    time_t time = seconds;
    if (gmtime_r(&time, &broken) == NULL ||
        strftime(memory, MOMENT_SIZE, "%b %e %H:%M:%S %Y GMT", &broken) == 0) {
        (void)snprintf(memory, MOMENT_SIZE, "@%lld", (long long)seconds);
    }
    return memory;
}
