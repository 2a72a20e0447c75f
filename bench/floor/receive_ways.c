/*
 * Prints what receiving takes by the ways in which buffers can be lent to the kernel: as the
 * gateway lends them, in bundles, incrementally, and both. Of each work first a run of every way in
 * which all bytes are compared, then runs of all ways in turn. Told are CPU time of the thread (the
 * least) and how many times that of the first way (the median of the rounds); below them how many
 * receives a turn took and how much the largest brought.
 *
 * Fails only when the gateway's own way delivers wrong bytes: that a kernel does not know another
 * one, or does it wrongly, is told.
 *
 * Usage: receive_ways [milliseconds of each run (100)]
 */
#include <stdio.h>
#include <stdlib.h>

#include "floor.h"

#define ROUND_COUNT 15
#define WAY_COUNT   4
#define KIB         1024U

struct row {
    struct floor_work work;
    const struct floor_receiving *ways;
};

/* Of the gateway's sizes (net/ring.c): buffers of messages, and the few that what is large is
 * received into, one by one. Those are of no use to the other ways as they are: about as much
 * memory is divided otherwise. */
/* clang-format off */
static const struct floor_receiving as_they_come[WAY_COUNT] = {
    {64, 16 * KIB, 0,        false, false}, {64, 16 * KIB, 0,        true, false},
    {64, 16 * KIB, 0,        false, true},  {64, 16 * KIB, 0,        true, true},
};
static const struct floor_receiving one_by_one[WAY_COUNT] = {
    {64, 16 * KIB, 16 * KIB, false, false}, {64, 16 * KIB, 16 * KIB, true, false},
    {64, 16 * KIB, 16 * KIB, false, true},  {64, 16 * KIB, 16 * KIB, true, true},
};
static const struct floor_receiving large_one_by_one[WAY_COUNT] = {
    {8,  36 * KIB, 36 * KIB, false, false}, {16, 16 * KIB, 36 * KIB, true, false},
    {4,  72 * KIB, 36 * KIB, false, true},  {4,  72 * KIB, 36 * KIB, true, true},
};
static const struct row rows[] = {
    {{"200 bytes in, 500 out; 32 connections; as they come", "µs",   FLOOR_MICRO,         32, 200,   500,   0}, as_they_come},
    {{"the same; one by one",                                "µs",   FLOOR_MICRO,         32, 200,   500,   0}, one_by_one},
    {{"32 KiB in; 8 connections; as they come",              "s/GB", FLOOR_PER_GB(32768), 8,  32768, 0,     0}, as_they_come},
    {{"the same; one by one",                                "s/GB", FLOOR_PER_GB(32768), 8,  32768, 0,     0}, large_one_by_one},
    {{"32 KiB in, 32 KiB out; 8 connections; one by one",    "s/GB", FLOOR_PER_GB(32768), 8,  32768, 32768, 0}, large_one_by_one},
};
/* clang-format on */
static const char *const way_names[WAY_COUNT] = {"as now", "bundles", "incremental", "both"};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

enum state { IS_FINE, IS_UNKNOWN, IS_WRONG };

/* Of one way of a row. */
struct found {
    enum state state;
    double times[ROUND_COUNT];
    double ratios[ROUND_COUNT];
    uint64_t turn_count; /* of all rounds, as what follows */
    uint64_t receive_count;
    uint32_t receive_bytes_max;
};

static int compare(const void *left, const void *right)
{
    double one = *(const double *)left, other = *(const double *)right;
    return (one > other) - (one < other);
}

static enum state check(const struct row *row, size_t way, long milliseconds)
{
    struct floor_run run = {.work = &row->work, .receiving = &row->ways[way], .is_checked = true};
    if (!floor_by_buffers_is_known(run.receiving)) {
        return IS_UNKNOWN;
    }
    (void)floor_measure(&run, floor_by_buffers, milliseconds);
    return run.is_wrong ? IS_WRONG : IS_FINE;
}

static double measure_once(const struct row *row, size_t way, struct found *found,
                           long milliseconds)
{
    struct floor_run run = {.work = &row->work, .receiving = &row->ways[way]};
    double time = floor_measure(&run, floor_by_buffers, milliseconds);
    found->turn_count += run.turn_count;
    found->receive_count += run.receive_count;
    if (run.receive_bytes_max > found->receive_bytes_max) {
        found->receive_bytes_max = run.receive_bytes_max;
    }
    return time;
}

static void measure_round(const struct row *row, struct found *found, size_t round,
                          long milliseconds)
{
    for (size_t way = 0; way < WAY_COUNT; way++) {
        if (found[way].state == IS_FINE) {
            found[way].times[round] = measure_once(row, way, &found[way], milliseconds);
            found[way].ratios[round] = found[way].times[round] / found[0].times[round];
        }
    }
}

static void print_time(const struct row *row, struct found *found)
{
    if (found->state != IS_FINE) {
        printf("%22s", found->state == IS_UNKNOWN ? "unknown here" : "wrong bytes");
        return;
    }
    qsort(found->times, ROUND_COUNT, sizeof(double), compare);
    qsort(found->ratios, ROUND_COUNT, sizeof(double), compare);
    printf("%9.3f %-4s (%5.3f)", found->times[0], row->work.unit, found->ratios[ROUND_COUNT / 2]);
}

static void print_receives(const struct found *found)
{
    if (found->state != IS_FINE) {
        printf("%22s", "");
        return;
    }
    printf("%10.2f %7u bytes", (double)found->receive_count / (double)found->turn_count,
           found->receive_bytes_max);
}

/* False when the gateway's own way is not fine. */
static bool measure_row(const struct row *row, long milliseconds)
{
    struct found found[WAY_COUNT] = {0};
    for (size_t way = 0; way < WAY_COUNT; way++) {
        found[way].state = check(row, way, milliseconds);
    }
    for (size_t round = 0; round < ROUND_COUNT && found[0].state == IS_FINE; round++) {
        measure_round(row, found, round, milliseconds);
    }
    printf("%-54s", row->work.name);
    for (size_t way = 0; way < WAY_COUNT; way++) {
        print_time(row, &found[way]);
    }
    printf("\n%-54s", "  receives a turn, the most that one brought");
    for (size_t way = 0; way < WAY_COUNT && found[0].state == IS_FINE; way++) {
        print_receives(&found[way]);
    }
    printf("\n");
    return found[0].state == IS_FINE;
}

int main(int argument_count, char **arguments)
{
    long milliseconds = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 100;
    if (milliseconds <= 0) {
        fprintf(stderr, "usage: receive_ways [milliseconds of each run (100)]\n");
        return 2;
    }
    printf("%-54s", "CPU time of receiving over loopback (and to the first)");
    for (size_t way = 0; way < WAY_COUNT; way++) {
        printf("%22s", way_names[way]);
    }
    printf("\n");
    bool is_fine = true;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        is_fine = measure_row(&rows[i], milliseconds) && is_fine;
        (void)fflush(stdout);
    }
    return is_fine ? 0 : 1;
}
