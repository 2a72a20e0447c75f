/* Rounding for people. Called by what draws `sallyport top`. */
#include "figure_text.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DAY  86400
#define HOUR 3600

/* Of what is not shown as it is: the largest unit that leaves a digit before the point. */
static const char *scale(double number, const char *const *units, size_t unit_count,
                         char memory[FIGURE_TEXT_SIZE])
{
    size_t unit = 0;
    number = number > 0 && isfinite(number) ? number : 0;
    /* 999.6 would be shown as 1000. */
    while (number >= 999.5 && unit + 1 < unit_count) {
        number /= 1000;
        unit++;
    }
    int digits = number > 0 && number < 9.95 && (unit > 0 || number != floor(number)) ? 1 : 0;
    (void)snprintf(memory, FIGURE_TEXT_SIZE, "%.*f%s", digits, number, units[unit]);
    return memory;
}

const char *figure_text_count(double count, char memory[FIGURE_TEXT_SIZE])
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    if (count >= 999.5 && count < 99999.5) { /* five digits are read as fast as a unit */
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%.0f", count);
        return memory;
    }
    return scale(count, units, sizeof(units) / sizeof(units[0]), memory);
}

const char *figure_text_noun(const char *count, const char *one, const char *many)
{
    return strcmp(count, "1") == 0 ? one : many;
}

const char *figure_text_size(double bytes, char memory[FIGURE_TEXT_SIZE])
{
    static const char *const units[] = {" B", " kB", " MB", " GB", " TB"};
    return scale(bytes, units, sizeof(units) / sizeof(units[0]), memory);
}

const char *figure_text_time(double seconds, char memory[FIGURE_TEXT_SIZE])
{
    double milliseconds = seconds * 1000;
    if (!isfinite(seconds)) {
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "-");
    } else if (milliseconds >= 999.5) {
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%.*f s", seconds < 9.95 ? 1 : 0, seconds);
    } else {
        int digits = milliseconds < 0.0995 ? 3 : milliseconds < 0.995 ? 2 : milliseconds < 9.95;
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%.*f ms", digits, milliseconds);
    }
    return memory;
}

const char *figure_text_age(double seconds, char memory[FIGURE_TEXT_SIZE])
{
    bool is_sane = seconds > 0 && seconds < 1e12;
    unsigned long long whole = is_sane ? (unsigned long long)seconds : 0;
    if (whole >= DAY) {
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%llud %02lluh", whole / DAY, whole % DAY / HOUR);
    } else if (whole >= HOUR) {
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%lluh %02llum", whole / HOUR, whole % HOUR / 60);
    } else if (whole >= 60) {
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%llum %02llus", whole / 60, whole % 60);
    } else {
        (void)snprintf(memory, FIGURE_TEXT_SIZE, "%llus", whole);
    }
    return memory;
}
