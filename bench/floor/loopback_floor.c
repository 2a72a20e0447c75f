/*
 * Prints what the kernel takes for each of a few works over loopback, by io_uring and by epoll:
 * CPU time of the thread that does them, the least of fifteen runs. bench/PROFILE.md compares the
 * gateway's with it.
 *
 * Usage: loopback_floor [milliseconds of each run (100)]
 */
#include <stdio.h>
#include <stdlib.h>

#include "floor.h"

#define RUN_COUNT 15

/* clang-format off */
static const struct floor_work works[] = {
    {"a message of 200 bytes in, one of 500 out; 32 connections", "µs",   FLOOR_MICRO,          32, 200,    500,    0},
    {"the same; 1 connection",                                    "µs",   FLOOR_MICRO,          1,  200,    500,    0},
    {"a connection of two such turns, accepted and closed",       "µs",   FLOOR_MICRO,          8,  500,    1500,   2},
    {"sending in pieces of 32 KiB; 8 connections",                "s/GB", FLOOR_PER_GB(32768),  8,  0,      32768,  0},
    {"sending in pieces of 256 KiB; 8 connections",               "s/GB", FLOOR_PER_GB(262144), 8,  0,      262144, 0},
    {"receiving in pieces of 32 KiB; 8 connections",              "s/GB", FLOOR_PER_GB(32768),  8,  32768,  0,      0},
};
static const struct {
    const char *name;
    void (*work)(struct floor_run *run);
} ways[] = {{"io_uring", floor_by_ring}, {"epoll", floor_by_epoll}};
/* clang-format on */

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static double measure_once(const struct floor_work *work, size_t way, long milliseconds)
{
    struct floor_run run = {.work = work};
    return floor_measure(&run, ways[way].work, milliseconds);
}

static double measure(const struct floor_work *work, size_t way, long milliseconds)
{
    double least = measure_once(work, way, milliseconds);
    for (int i = 1; i < RUN_COUNT; i++) {
        double again = measure_once(work, way, milliseconds);
        least = again < least ? again : least;
    }
    return least;
}

int main(int argument_count, char **arguments)
{
    long milliseconds = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 100;
    if (milliseconds <= 0) {
        fprintf(stderr, "usage: loopback_floor [milliseconds of each run (100)]\n");
        return 2;
    }
    printf("%-60s", "CPU time in the kernel and for asking it, over loopback");
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        printf("%14s", ways[way].name);
    }
    printf("\n");
    for (size_t i = 0; i < COUNT_OF(works); i++) {
        printf("%-60s", works[i].name);
        for (size_t way = 0; way < COUNT_OF(ways); way++) {
            printf("%9.3f %-4s", measure(&works[i], way, milliseconds), works[i].unit);
            (void)fflush(stdout);
        }
        printf("\n");
    }
    return 0;
}
