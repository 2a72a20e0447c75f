/* Buckets of growing width; see the header. Recorded into by the threads of a run. */
#include "histogram.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define HALF (UINT64_C(1) << (HISTOGRAM_PRECISION_BITS - 1))

/* The value's ten highest bits choose the bucket within its doubling. */
static size_t index_of(uint64_t value)
{
    if (value < 2 * HALF) {
        return (size_t)value;
    }
    unsigned shift = 64 - HISTOGRAM_PRECISION_BITS - (unsigned)__builtin_clzll(value);
    return (size_t)(shift * HALF + (value >> shift));
}

static uint64_t highest_of(size_t index)
{
    if (index < 2 * HALF) {
        return index;
    }
    size_t shift = index / HALF - 1;
    return ((index - shift * HALF + 1) << shift) - 1;
}

void histogram_clear(struct histogram *histogram)
{
    memset(histogram, 0, sizeof(*histogram));
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
    histogram_record_many(histogram, value_ns, 1);
}

void histogram_record_many(struct histogram *histogram, uint64_t value_ns, uint64_t count)
{
    if (value_ns > HISTOGRAM_VALUE_MAX_NS) {
        value_ns = HISTOGRAM_VALUE_MAX_NS;
    }
    if (histogram->count == 0 || value_ns < histogram->least_ns) {
        histogram->least_ns = value_ns;
    }
    if (value_ns > histogram->most_ns) {
        histogram->most_ns = value_ns;
    }
    histogram->count += count;
    histogram->sum_ns += (unsigned __int128)value_ns * count;
    histogram->buckets[index_of(value_ns)] += count;
}

void histogram_merge(struct histogram *histogram, const struct histogram *from)
{
    if (from->count == 0) {
        return;
    }
    if (histogram->count == 0 || from->least_ns < histogram->least_ns) {
        histogram->least_ns = from->least_ns;
    }
    if (from->most_ns > histogram->most_ns) {
        histogram->most_ns = from->most_ns;
    }
    histogram->count += from->count;
    histogram->sum_ns += from->sum_ns;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        histogram->buckets[i] += from->buckets[i];
    }
}

uint64_t histogram_at(const struct histogram *histogram, double part)
{
    /* 0.99 of 100 is 99, though 0.99 * 100 may be a hair more. */
    double wanted = ceil(part * (double)histogram->count - 1e-6);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        seen += histogram->buckets[i];
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t value = highest_of(i);
            return value < histogram->most_ns ? value : histogram->most_ns;
        }
    }
    return histogram->most_ns;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count == 0 ? 0 : (double)histogram->sum_ns / (double)histogram->count;
}

double histogram_deviation(const struct histogram *histogram)
{
    double mean = histogram_mean(histogram);
    double squares = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        if (histogram->buckets[i] > 0) {
            double distance = (double)highest_of(i) - mean;
            squares += distance * distance * (double)histogram->buckets[i];
        }
    }
    return histogram->count == 0 ? 0 : sqrt(squares / (double)histogram->count);
}

uint64_t histogram_count_up_to(const struct histogram *histogram, uint64_t value_ns)
{
    uint64_t seen = 0;
    size_t last = index_of(value_ns > HISTOGRAM_VALUE_MAX_NS ? HISTOGRAM_VALUE_MAX_NS : value_ns);
    for (size_t i = 0; i <= last; i++) {
        seen += histogram->buckets[i];
    }
    return seen;
}
