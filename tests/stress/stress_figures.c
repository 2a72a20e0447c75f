/*
 * Figures under load: one thread records into a histogram and adds labels as fast as it can, others
 * read. Nothing is lost, nothing goes back, no name is seen half written.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "base/label_table.h"

#define RECORD_COUNT 2000000
#define READER_COUNT 3

static struct histogram histogram;
static struct label_table labels;
static _Atomic bool is_over;

static void *write_figures(void *argument)
{
    (void)argument;
    for (uint64_t i = 0; i < RECORD_COUNT; i++) {
        histogram_record(&histogram, 0, i * 17);
        if (i % (RECORD_COUNT / LABEL_COUNT_MAX) == 0) {
            char name[LABEL_NAME_BYTES_MAX + 1];
            (void)snprintf(name, sizeof(name), "profile-%llu", (unsigned long long)i);
            (void)label_table_add(&labels, name);
        }
    }
    atomic_store(&is_over, true);
    return NULL;
}

static void *read_figures(void *argument)
{
    uint64_t count_before = 0;
    size_t labels_before = 0;
    (void)argument;
    while (!atomic_load(&is_over)) {
        static _Thread_local struct histogram sum;
        memset(&sum, 0, sizeof(sum));
        histogram_sum(&sum, &histogram);
        uint64_t count = histogram_count(&sum);
        CHECK(count >= count_before && count <= RECORD_COUNT);
        CHECK(histogram_quantile_ns(&sum, 500) <= histogram_quantile_ns(&sum, 999));
        count_before = count;
        size_t label_count = label_table_count(&labels);
        CHECK(label_count >= labels_before && label_count <= LABEL_OTHER);
        for (size_t i = 0; i < label_count; i++) {
            const char *name = label_table_name(&labels, i);
            CHECK(strncmp(name, "profile-", 8) == 0);
            CHECK(label_table_find(&labels, name) == i);
        }
        labels_before = label_count;
    }
    return NULL;
}

int main(void)
{
    pthread_t writer;
    pthread_t readers[READER_COUNT];
    for (size_t i = 0; i < READER_COUNT; i++) {
        CHECK(pthread_create(&readers[i], NULL, read_figures, NULL) == 0);
    }
    CHECK(pthread_create(&writer, NULL, write_figures, NULL) == 0);
    (void)pthread_join(writer, NULL);
    for (size_t i = 0; i < READER_COUNT; i++) {
        (void)pthread_join(readers[i], NULL);
    }
    CHECK(histogram_count(&histogram) == RECORD_COUNT);
    (void)printf("stress_figures: %d records, %zu labels, %d readers\n", RECORD_COUNT,
                 label_table_count(&labels), READER_COUNT);
    return EXIT_SUCCESS;
}
