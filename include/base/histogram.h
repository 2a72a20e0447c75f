/*
 * How long something took, counted by size: four buckets for each doubling, from 4 us to 68 s. One
 * thread records, any thread reads; sums over threads are made by the reader.
 *
 * A record costs two plain stores. Nothing is kept between the figures: a reader may see a count
 * that its sum does not have yet.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Below 2^FIRST ns is the first bucket, from 2^LAST ns on the last one. */
#define HISTOGRAM_FIRST_POWER 12
#define HISTOGRAM_LAST_POWER  36
#define HISTOGRAM_STEPS       4 /* of a doubling */
#define HISTOGRAM_BUCKET_COUNT \
    ((HISTOGRAM_LAST_POWER - HISTOGRAM_FIRST_POWER) * HISTOGRAM_STEPS + 2)

struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKET_COUNT];
    _Atomic uint64_t sum_ns;
};

/* The bucket of a duration; buckets are numbered from the shortest durations on. */
static inline size_t histogram_bucket(uint64_t duration_ns)
{
    if (duration_ns >> HISTOGRAM_FIRST_POWER == 0) {
        return 0;
    }
    unsigned power = 63u - (unsigned)__builtin_clzll(duration_ns);
    if (power >= HISTOGRAM_LAST_POWER) {
        return HISTOGRAM_BUCKET_COUNT - 1;
    }
    /* The two bits behind the first one tell the quarter. */
    size_t step = (size_t)(duration_ns >> (power - 2)) & (HISTOGRAM_STEPS - 1);
    return 1 + (size_t)(power - HISTOGRAM_FIRST_POWER) * HISTOGRAM_STEPS + step;
}

/* The writer's. A clock that went back has taken no time. */
void histogram_record(struct histogram *histogram, uint64_t start_ns, uint64_t end_ns);

/* Any thread: adds what from has counted to sum, which is the caller's alone. */
void histogram_sum(struct histogram *sum, const struct histogram *from);

/* What bucket holds is shorter than this; UINT64_MAX for the last one. */
uint64_t histogram_bound_ns(size_t bucket);

uint64_t histogram_count(const struct histogram *histogram);

/*
 * The duration that `thousandths` of a thousand (up to 1000) of those recorded do not exceed, up to
 * the width of a bucket (a fifth); 0 when nothing was recorded.
 */
uint64_t histogram_quantile_ns(const struct histogram *histogram, unsigned thousandths);

#endif
