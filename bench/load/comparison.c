/* Comparing two result files by the table of measures; see the header. Called by main(). */
#include "comparison.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json_reader.h"
#include "results.h"
#include "whole_file.h"

#define PATH_SIZE 64
#define PERCENT   100

static struct result read_result(const char *path, struct bytes *ret_text,
                                 char message[COMPARISON_MESSAGE_SIZE])
{
    struct bytes text = {0};
    struct bytes tool;
    if (!result_is_ok(whole_file_read(path, &text))) {
        (void)snprintf(message, COMPARISON_MESSAGE_SIZE, "%.150s: %s", path, strerror(errno));
        return result_failure(ERROR_BAD_INPUT);
    }
    if (!json_reader_is_object(text) || !json_reader_find_string(text, "tool", &tool) ||
        !bytes_equal(tool, BYTES_OF("sallyport-load"))) {
        (void)snprintf(message, COMPARISON_MESSAGE_SIZE,
                       "%.150s: not a result of sallyport-load --json", path);
        whole_file_free(&text);
        return result_failure(ERROR_BAD_INPUT);
    }
    *ret_text = text;
    return RESULT_OK;
}

static double find_measure(struct bytes text, const struct results_measure *measure)
{
    char path[PATH_SIZE];
    double value = (double)NAN;
    (void)snprintf(path, sizeof(path), "measures.%s", measure->key);
    (void)json_reader_find_number(text, path, &value);
    return value;
}

/* By how many percent the second is worse; negative when it is better, NAN when that cannot be
 * said. */
static double worsening(const struct results_measure *measure, double first, double second)
{
    if (isnan(first) || isnan(second) || first <= 0 || second < 0) {
        return (double)NAN;
    }
    if (measure->better == RESULTS_MORE_IS_BETTER) {
        return second <= 0 ? (double)INFINITY : (first / second - 1) * PERCENT;
    }
    return (second / first - 1) * PERCENT;
}

/* Of these a difference is noise, or not the server's. */
static bool is_judged(const struct results_measure *measure)
{
    static const char *const left_out[] = {"latency_max_us",
                                           "latency_p9999_us",
                                           "client_cpu_us",
                                           "client_busy_percent",
                                           "server_cpu_percent",
                                           "server_resident_bytes",
                                           "kernel_bytes_per_connection"};
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
        if (strcmp(left_out[i], measure->key) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_too_bad(const struct plan *plan, const struct results_measure *measure, double first,
                       double second)
{
    double worse = worsening(measure, first, second);
    bool has_new_errors = strcmp(measure->key, "errors") == 0 && first <= 0 && second > 0;
    return plan->limits_regression && is_judged(measure) &&
           (has_new_errors || (!isnan(worse) && worse > (double)plan->regression_max_percent));
}

static void print_row(FILE *output, const struct results_measure *measure, double first,
                      double second)
{
    char memory[2][32];
    double worse = worsening(measure, first, second);
    (void)fprintf(output, "%-36s %14s %14s ", measure->label,
                  results_write(measure, first, memory[0]),
                  results_write(measure, second, memory[1]));
    if (isnan(worse)) {
        (void)fprintf(output, "%8s", "-");
    } else {
        (void)fprintf(output, "%8.2f  %s", second / first,
                      fabs(worse) < 0.5 ? ""
                      : worse > 0       ? "worse"
                                        : "better");
    }
}

static void print_name(FILE *output, struct bytes text, const char *path)
{
    struct bytes name = {0};
    if (!json_reader_find_string(text, "label", &name) || name.length == 0) {
        name = bytes_from_string(path);
    }
    (void)fputs("  ", output);
    for (size_t i = 0; i < name.length && i < 200; i++) {
        (void)fputc(name.at[i] >= ' ' && name.at[i] <= '~' ? name.at[i] : '?', output);
    }
    (void)fputc('\n', output);
}

/* Results of two modes have little in common. */
static struct result check_modes(struct bytes first, struct bytes second,
                                 char message[COMPARISON_MESSAGE_SIZE])
{
    struct bytes modes[2] = {{0}};
    (void)json_reader_find_string(first, "mode", &modes[0]);
    (void)json_reader_find_string(second, "mode", &modes[1]);
    if (bytes_equal(modes[0], modes[1])) {
        return RESULT_OK;
    }
    (void)snprintf(message, COMPARISON_MESSAGE_SIZE, "the results are of two modes");
    return result_failure(ERROR_BAD_INPUT);
}

static void print_all(FILE *output, const struct plan *plan, const struct bytes texts[2],
                      bool *ret_is_worse)
{
    print_name(output, texts[0], plan->compared[0]);
    print_name(output, texts[1], plan->compared[1]);
    (void)fprintf(output, "\n%-36s %14s %14s %8s\n", "", "first", "second", "ratio");
    for (size_t i = 0; i < results_measure_count; i++) {
        const struct results_measure *measure = &results_measures[i];
        double first = find_measure(texts[0], measure);
        double second = find_measure(texts[1], measure);
        if (isnan(first) && isnan(second)) {
            continue;
        }
        print_row(output, measure, first, second);
        if (is_too_bad(plan, measure, first, second)) {
            (void)fprintf(output, "  by more than %llu %%",
                          (unsigned long long)plan->regression_max_percent);
            *ret_is_worse = true;
        }
        (void)fputc('\n', output);
    }
}

struct result comparison_print(FILE *output, const struct plan *plan, bool *ret_is_worse,
                               char message[COMPARISON_MESSAGE_SIZE])
{
    struct bytes texts[2] = {{0}};
    *ret_is_worse = false;
    TRY(read_result(plan->compared[0], &texts[0], message));
    struct result result = read_result(plan->compared[1], &texts[1], message);
    if (result_is_ok(result)) {
        result = check_modes(texts[0], texts[1], message);
    }
    if (result_is_ok(result)) {
        print_all(output, plan, texts, ret_is_worse);
    }
    whole_file_free(&texts[0]);
    whole_file_free(&texts[1]);
    return result;
}
