/*
 * Counts of durations, from which percentiles are read. One thread writes; merged when it has
 * ended.
 *
 * As in HdrHistogram the buckets grow with the value, so that every one is known to a part in a
 * thousand, from a nanosecond to two minutes, in memory of a fixed size; a longer one is counted as
 * the longest. Recording is an index and an addition.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_VALUE_MAX_NS   ((UINT64_C(1) << 37) - 1)
#define HISTOGRAM_PRECISION_BITS 10
/* Values below 2^10 have a bucket each, every doubling above has 2^9. */
#define HISTOGRAM_BUCKET_COUNT ((37 - 9 + 1) * 512)

struct histogram {
    uint64_t count;
    unsigned __int128 sum_ns; /* a day's operations that all hung are more than 64 bits hold */
    uint64_t least_ns;        /* 0 when there is none */
    uint64_t most_ns;
    uint64_t buckets[HISTOGRAM_BUCKET_COUNT];
};

void histogram_clear(struct histogram *histogram);
void histogram_record(struct histogram *histogram, uint64_t value_ns);

/* The same so many times, at least once. */
void histogram_record_many(struct histogram *histogram, uint64_t value_ns, uint64_t count);

/* Adds all of from. */
void histogram_merge(struct histogram *histogram, const struct histogram *from);

/*
 * The value that a part of all (0 to 1) do not exceed, as the highest of its bucket but never more
 * than the longest recorded; 0 when there is none.
 */
uint64_t histogram_at(const struct histogram *histogram, double part);

/* In nanoseconds; 0 when there is none. */
double histogram_mean(const struct histogram *histogram);
double histogram_deviation(const struct histogram *histogram);

/* How many do not exceed value_ns, to the precision of a bucket. */
uint64_t histogram_count_up_to(const struct histogram *histogram, uint64_t value_ns);

#endif
