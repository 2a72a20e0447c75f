/* The limits as rows; see the header. Called by main() when a run has ended. */
#include "limit.h"

#include <math.h>
#include <stdio.h>

#include "quantity.h"
#include "results.h"

/* clang-format off */
static const struct {
    const char *option;
    double part; /* of the operations */
} latencies[LIMIT_LATENCY_COUNT] = {
    [LIMIT_P50]  = {"max-p50",     0.5},
    [LIMIT_P90]  = {"max-p90",     0.9},
    [LIMIT_P99]  = {"max-p99",     0.99},
    [LIMIT_P999] = {"max-p999",    0.999},
    [LIMIT_MOST] = {"max-latency", 1},
};
/* clang-format on */

static struct limit_verdict judge_duration(const char *option, double ns, uint64_t limit_ns)
{
    char found[QUANTITY_SIZE];
    char wanted[QUANTITY_SIZE];
    struct limit_verdict verdict = {.option = option, .is_kept = ns <= (double)limit_ns};
    (void)snprintf(verdict.text, sizeof(verdict.text), "%s, at most %s",
                   isnan(ns) ? "not measured" : quantity_write_duration(ns, found),
                   quantity_write_duration((double)limit_ns, wanted));
    return verdict;
}

static struct limit_verdict judge_rate(const struct results *results, uint64_t least)
{
    double rate = results_rate(results);
    char found[32];
    char wanted[QUANTITY_SIZE];
    struct limit_verdict verdict = {.option = "min-rate", .is_kept = rate >= (double)least};
    (void)snprintf(found, sizeof(found), "%.1f /s", rate);
    (void)snprintf(verdict.text, sizeof(verdict.text), "%s, at least %s /s",
                   isnan(rate) ? "not measured" : found, quantity_write_count(least, wanted));
    return verdict;
}

static struct limit_verdict judge_errors(const struct results *results, uint64_t most)
{
    char found[QUANTITY_SIZE];
    char wanted[QUANTITY_SIZE];
    uint64_t errors = tally_errors(results->tally);
    struct limit_verdict verdict = {.option = "max-errors", .is_kept = errors <= most};
    (void)snprintf(verdict.text, sizeof(verdict.text), "%s, at most %s",
                   quantity_write_count(errors, found), quantity_write_count(most, wanted));
    return verdict;
}

size_t limit_judge(const struct plan *plan, const struct results *results,
                   struct limit_verdict ret_verdicts[LIMIT_COUNT_MAX])
{
    const struct histogram *latency = &results->tally->latency;
    size_t count = 0;
    for (int i = 0; i < LIMIT_LATENCY_COUNT; i++) {
        if (plan->latency_max_ns[i] > 0) {
            double ns = latency->count == 0 ? (double)NAN
                                            : (double)histogram_at(latency, latencies[i].part);
            ret_verdicts[count++] =
                judge_duration(latencies[i].option, ns, plan->latency_max_ns[i]);
        }
    }
    if (plan->rate_min > 0) {
        ret_verdicts[count++] = judge_rate(results, plan->rate_min);
    }
    if (plan->limits_errors) {
        ret_verdicts[count++] = judge_errors(results, plan->errors_max);
    }
    if (plan->server_cpu_max_ns > 0) {
        ret_verdicts[count++] =
            judge_duration("max-cpu", results_server_cpu_ns(results), plan->server_cpu_max_ns);
    }
    return count;
}
