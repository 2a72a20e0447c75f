/* Lines of metrics. A histogram's buckets are fewer than those that it counts in. */
#include "metric_text.h"

/* Prometheus gets every second bucket: 1 and 1.5 times each power of two from 16 us to 34 s. */
#define FIRST_BUCKET 8
#define LAST_BUCKET  92
#define BUCKET_STEP  2

static unsigned long long read_figure(const _Atomic uint64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed); /* a mere figure */
}

void metric_text_print_family(FILE *output, const char *family, const char *type, const char *help)
{
    (void)fprintf(output, "# HELP " METRIC_PREFIX "%s %s\n# TYPE " METRIC_PREFIX "%s %s\n", family,
                  help, family, type);
}

void metric_text_print_sample(FILE *output, const struct metric_series *series)
{
    (void)fprintf(output, METRIC_PREFIX "%s", series->family);
    if (series->labels != NULL) {
        (void)fprintf(output, "{%s}", series->labels);
    }
    (void)fprintf(output, " %llu\n", (unsigned long long)series->value);
}

void metric_text_print_alone(FILE *output, const struct metric_series *series)
{
    metric_text_print_family(output, series->family, series->type, series->help);
    metric_text_print_sample(output, series);
}

void metric_text_print_escaped(FILE *output, struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '\n') {
            (void)fputs("\\n", output);
            continue;
        }
        if (value.at[i] == '\\' || value.at[i] == '"') {
            (void)fputc('\\', output);
        }
        (void)fputc(value.at[i], output);
    }
}

static void print_bucket_labels(FILE *output, const char *labels)
{
    (void)fprintf(output, "{%s%s", labels, labels[0] == '\0' ? "" : ",");
}

static void print_end(FILE *output, const char *family, const char *end, const char *labels)
{
    (void)fprintf(output, METRIC_PREFIX "%s%s", family, end);
    if (labels[0] != '\0') {
        (void)fprintf(output, "{%s}", labels);
    }
}

void metric_text_print_histogram(FILE *output, const char *family, const char *labels,
                                 const struct histogram *histogram)
{
    unsigned long long count = 0;
    size_t bucket = 0;
    for (size_t last = FIRST_BUCKET; last <= LAST_BUCKET; last += BUCKET_STEP) {
        for (; bucket <= last; bucket++) {
            count += read_figure(&histogram->counts[bucket]);
        }
        (void)fprintf(output, METRIC_PREFIX "%s_bucket", family);
        print_bucket_labels(output, labels);
        (void)fprintf(output, "le=\"%.9g\"} %llu\n", (double)histogram_bound_ns(last) / 1e9, count);
    }
    for (; bucket < HISTOGRAM_BUCKET_COUNT; bucket++) {
        count += read_figure(&histogram->counts[bucket]);
    }
    (void)fprintf(output, METRIC_PREFIX "%s_bucket", family);
    print_bucket_labels(output, labels);
    (void)fprintf(output, "le=\"+Inf\"} %llu\n", count);
    print_end(output, family, "_sum", labels);
    (void)fprintf(output, " %.9g\n", (double)read_figure(&histogram->sum_ns) / 1e9);
    print_end(output, family, "_count", labels);
    (void)fprintf(output, " %llu\n", count);
}
