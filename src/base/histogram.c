/* Counting durations and reading the counts. */
#include "base/histogram.h"

/* All are mere figures: one writer, no order between them. */
static uint64_t load(const _Atomic uint64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

static void add(_Atomic uint64_t *figure, uint64_t amount)
{
    atomic_store_explicit(figure, load(figure) + amount, memory_order_relaxed); /* likewise */
}

void histogram_record(struct histogram *histogram, uint64_t start_ns, uint64_t end_ns)
{
    uint64_t duration_ns = end_ns > start_ns ? end_ns - start_ns : 0;
    add(&histogram->counts[histogram_bucket(duration_ns)], 1);
    add(&histogram->sum_ns, duration_ns);
}

void histogram_sum(struct histogram *sum, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        add(&sum->counts[i], load(&from->counts[i]));
    }
    add(&sum->sum_ns, load(&from->sum_ns));
}

uint64_t histogram_bound_ns(size_t bucket)
{
    if (bucket >= HISTOGRAM_BUCKET_COUNT - 1) {
        return UINT64_MAX;
    }
    uint64_t base_ns = UINT64_C(1) << (HISTOGRAM_FIRST_POWER + bucket / HISTOGRAM_STEPS);
    return base_ns + base_ns / HISTOGRAM_STEPS * (bucket % HISTOGRAM_STEPS);
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        count += load(&histogram->counts[i]);
    }
    return count;
}

uint64_t histogram_quantile_ns(const struct histogram *histogram, unsigned thousandths)
{
    uint64_t count = histogram_count(histogram);
    uint64_t wanted = count / 1000 * thousandths + (count % 1000 * thousandths + 999) / 1000;
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT && count > 0; i++) {
        seen += load(&histogram->counts[i]);
        if (seen >= wanted && seen > 0) {
            /* Of the last bucket only the beginning is known. */
            return histogram_bound_ns(i < HISTOGRAM_BUCKET_COUNT - 1 ? i : i - 1);
        }
    }
    return 0;
}
