/* Summing and printing what the workers have counted. */
#include "proxy/counters.h"

#define COUNTER_WORD_ROW(name, word, help) [name] = word,
static const char *const words[COUNTER_COUNT] = {COUNTER_LIST(COUNTER_WORD_ROW)};

static const char *const gauge_words[GAUGE_COUNT] = {GAUGE_LIST(COUNTER_WORD_ROW)};
static const char *const timing_words[TIMING_COUNT] = {TIMING_LIST(COUNTER_WORD_ROW)};

#define COUNTER_HELP_ROW(name, word, help) [name] = help,
static const char *const helps[COUNTER_COUNT] = {COUNTER_LIST(COUNTER_HELP_ROW)};
static const char *const gauge_helps[GAUGE_COUNT] = {GAUGE_LIST(COUNTER_HELP_ROW)};

static void sum_row(_Atomic uint64_t *sum, const _Atomic uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        counters_add_to(&sum[i], atomic_load_explicit(&from[i], memory_order_relaxed));
    }
}

void counters_sum(struct counters *sum, const struct counters *from)
{
    sum_row(sum->values, from->values, COUNTER_COUNT);
    sum_row(sum->gauges, from->gauges, GAUGE_COUNT);
    sum_row(sum->closed, from->closed, CLOSE_REASON_COUNT);
    sum_row(sum->verdicts, from->verdicts, VERDICT_REASON_COUNT);
    for (size_t i = 0; i < LABEL_COUNT_MAX; i++) {
        sum_row(sum->profile_verdicts[i], from->profile_verdicts[i], VERDICT_REASON_COUNT);
    }
    traffic_counters_sum(&sum->traffic, &from->traffic);
    for (size_t i = 0; i < TIMING_COUNT; i++) {
        histogram_sum(&sum->timings[i], &from->timings[i]);
    }
}

const char *counters_word(enum counter counter)
{
    return words[counter];
}

const char *counters_help(enum counter counter)
{
    return helps[counter];
}

const char *counters_gauge_word(enum gauge gauge)
{
    return gauge_words[gauge];
}

const char *counters_gauge_help(enum gauge gauge)
{
    return gauge_helps[gauge];
}

const char *counters_timing_word(enum timing timing)
{
    return timing_words[timing];
}

static unsigned long long read_figure(const _Atomic uint64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

void counters_print(const struct counters *counters, FILE *output)
{
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        (void)fprintf(output, "counter %s %llu\n", words[i], read_figure(&counters->values[i]));
    }
    for (size_t i = 0; i < GAUGE_COUNT; i++) {
        (void)fprintf(output, "counter %s %llu\n", gauge_words[i],
                      read_figure(&counters->gauges[i]));
    }
    for (enum close_reason reason = CLOSE_NONE + 1; reason < CLOSE_REASON_COUNT; reason++) {
        (void)fprintf(output, "counter closed_%s %llu\n", close_reason_word(reason),
                      read_figure(&counters->closed[reason]));
    }
    for (enum verdict_reason reason = 0; reason < VERDICT_REASON_COUNT; reason++) {
        (void)fprintf(output, "counter verdict_%s %llu\n", verdict_word(reason),
                      read_figure(&counters->verdicts[reason]));
    }
}
