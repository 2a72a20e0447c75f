/*
 * What one thread counts. Its thread writes; the main thread reads the two live counts while it
 * runs and everything when it has ended.
 */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

#include "fault.h"
#include "histogram.h"

#define TALLY_SLICES_MAX     512
#define TALLY_SLICE_FIRST_NS UINT64_C(100000000)
#define TALLY_EXAMPLE_SIZE   160

/* A part of the run's time, for charts. */
struct tally_slice {
    uint64_t operations;
    uint64_t bytes;
    uint64_t slowest_ns;
};

struct tally {
    /* For the progress line; pairs with the relaxed loads there: nothing else hangs on them. */
    _Atomic uint64_t live_operations;
    _Atomic uint64_t live_errors;

    uint64_t operations; /* that succeeded in the measured time */
    uint64_t late;       /* that began in it and succeeded after it; only in open loop */
    uint64_t waiting;    /* under way at the end, for longer than all successes; closed loop */
    uint64_t longest_ns; /* of the successes; the latency has those that were given up, too */
    uint64_t handshakes_full;
    uint64_t handshakes_resumed;
    uint64_t storm_handshakes;
    uint64_t bytes_received; /* of bodies */
    uint64_t bytes_sent;
    uint64_t faults[FAULT_COUNT];
    char examples[FAULT_COUNT][TALLY_EXAMPLE_SIZE]; /* the first of each kind, in words */
    struct histogram latency;
    struct histogram handshakes; /* TCP and TLS, of every connection made in the measured time */
    uint64_t slice_ns;           /* the width of each; doubles when a run outgrows them */
    struct tally_slice slices[TALLY_SLICES_MAX];
};

/* NULL when there is no memory. */
struct tally *tally_create(void);
void tally_destroy(struct tally *tally);

/* Counts a fault; example may be NULL. */
void tally_add_fault(struct tally *tally, enum fault fault, const char *example);

/* So many at once, perhaps none: a day's at the highest rate are too many to count singly. */
void tally_add_faults(struct tally *tally, enum fault fault, uint64_t count, const char *example);

/* Adds an operation that ended at_ns after the begin of the measured time. */
void tally_add_slice(struct tally *tally, uint64_t at_ns, uint64_t bytes, uint64_t took_ns);

/* Adds one that was given up then: it is felt, but it is no operation that was done. */
void tally_add_wait(struct tally *tally, uint64_t at_ns, uint64_t took_ns);

/* All faults together. */
uint64_t tally_errors(const struct tally *tally);

/* Adds all of from but the live counts; the slices of either may get wider. */
void tally_merge(struct tally *tally, struct tally *from);

#endif
