/*
 * The pieces of Prometheus' text format, version 0.0.4. The stats thread's; writes to a stream,
 * keeps nothing. Families come without the prefix of the program.
 */
#ifndef CONTROL_METRIC_TEXT_H
#define CONTROL_METRIC_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/histogram.h"

#define METRIC_PREFIX "sallyport_"

/* Labels of one sample, as text: name="value",... */
#define METRIC_LABELS_BYTES_MAX 512
/* Of them, those that all samples of one owner have. */
#define METRIC_OWNER_BYTES_MAX 256

/* One series of a family: a figure that is a whole number. */
struct metric_series {
    const char *family;
    const char *type;
    const char *help;
    const char *labels; /* name="value"; NULL: none */
    uint64_t value;
};

/* Before the samples of a family, which stand together. */
void metric_text_print_family(FILE *output, const char *family, const char *type, const char *help);

void metric_text_print_sample(FILE *output, const struct metric_series *series);

/* A family of one series. */
void metric_text_print_alone(FILE *output, const struct metric_series *series);

/* The value of a label: backslash, quote and line end are escaped. */
void metric_text_print_escaped(FILE *output, struct bytes value);

/* labels as in a series; "": none. */
void metric_text_print_histogram(FILE *output, const char *family, const char *labels,
                                 const struct histogram *histogram);

#endif
