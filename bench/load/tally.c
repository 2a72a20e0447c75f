/* Counting, and adding up what threads have counted; see the header. */
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally *tally_create(void)
{
    struct tally *tally = calloc(1, sizeof(*tally));
    if (tally != NULL) {
        tally->slice_ns = TALLY_SLICE_FIRST_NS;
    }
    return tally;
}

void tally_destroy(struct tally *tally)
{
    free(tally);
}

void tally_add_fault(struct tally *tally, enum fault fault, const char *example)
{
    tally_add_faults(tally, fault, 1, example);
}

void tally_add_faults(struct tally *tally, enum fault fault, uint64_t count, const char *example)
{
    tally->faults[fault] += count;
    if (count > 0 && tally->examples[fault][0] == '\0' && example != NULL) {
        (void)snprintf(tally->examples[fault], TALLY_EXAMPLE_SIZE, "%s", example);
    }
}

uint64_t tally_errors(const struct tally *tally)
{
    uint64_t errors = 0;
    for (int i = 0; i < FAULT_COUNT; i++) {
        errors += tally->faults[i];
    }
    return errors;
}

static void merge_slice(struct tally_slice *slice, const struct tally_slice *from)
{
    slice->operations += from->operations;
    slice->bytes += from->bytes;
    if (from->slowest_ns > slice->slowest_ns) {
        slice->slowest_ns = from->slowest_ns;
    }
}

/* Two neighbours become one. */
static void widen_slices(struct tally *tally)
{
    for (size_t i = 0; i < TALLY_SLICES_MAX; i++) {
        struct tally_slice slice = {0};
        for (size_t part = 2 * i; part < 2 * i + 2 && part < TALLY_SLICES_MAX; part++) {
            merge_slice(&slice, &tally->slices[part]);
        }
        tally->slices[i] = slice;
    }
    tally->slice_ns *= 2;
}

static void add_to_slice(struct tally *tally, uint64_t at_ns, struct tally_slice slice)
{
    while (at_ns / tally->slice_ns >= TALLY_SLICES_MAX) {
        widen_slices(tally);
    }
    merge_slice(&tally->slices[at_ns / tally->slice_ns], &slice);
}

void tally_add_slice(struct tally *tally, uint64_t at_ns, uint64_t bytes, uint64_t took_ns)
{
    add_to_slice(tally, at_ns, (struct tally_slice){1, bytes, took_ns});
}

void tally_add_wait(struct tally *tally, uint64_t at_ns, uint64_t took_ns)
{
    add_to_slice(tally, at_ns, (struct tally_slice){.slowest_ns = took_ns});
}

static void merge_slices(struct tally *tally, struct tally *from)
{
    while (tally->slice_ns < from->slice_ns) {
        widen_slices(tally);
    }
    while (from->slice_ns < tally->slice_ns) {
        widen_slices(from);
    }
    for (size_t i = 0; i < TALLY_SLICES_MAX; i++) {
        merge_slice(&tally->slices[i], &from->slices[i]);
    }
}

void tally_merge(struct tally *tally, struct tally *from)
{
    tally->operations += from->operations;
    tally->late += from->late;
    tally->waiting += from->waiting;
    tally->longest_ns = from->longest_ns > tally->longest_ns ? from->longest_ns : tally->longest_ns;
    tally->handshakes_full += from->handshakes_full;
    tally->handshakes_resumed += from->handshakes_resumed;
    tally->storm_handshakes += from->storm_handshakes;
    tally->bytes_received += from->bytes_received;
    tally->bytes_sent += from->bytes_sent;
    for (int i = 0; i < FAULT_COUNT; i++) {
        tally->faults[i] += from->faults[i];
        if (tally->examples[i][0] == '\0') {
            memcpy(tally->examples[i], from->examples[i], TALLY_EXAMPLE_SIZE);
        }
    }
    histogram_merge(&tally->latency, &from->latency);
    histogram_merge(&tally->handshakes, &from->handshakes);
    merge_slices(tally, from);
}
