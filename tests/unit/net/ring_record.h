/* An operation that keeps what came of it. For the tests of src/net/ring.c. */
#ifndef TESTS_UNIT_NET_RING_RECORD_H
#define TESTS_UNIT_NET_RING_RECORD_H

#include "net_loop.h"

#define RECEIVED_MAX (1U << 20)

/* An operation that keeps what came. */
struct record {
    struct operation operation;
    struct ring *ring;
    enum io_status status; /* the latest */
    uint32_t event_count;
    uint32_t final_count;
    uint32_t length_bytes;
    int descriptors[16];
    uint32_t descriptor_count;
    uint8_t *received;
    size_t received_bytes;
    bool cancels_at_once; /* in its first event */
};

static inline void on_event(struct operation *operation, const struct completion *completion)
{
    struct record *record = LIST_OWNER(operation, struct record, operation);
    record->event_count++;
    record->final_count += completion->is_final;
    record->status = completion->status;
    record->length_bytes = completion->length_bytes;
    assert_int_equal(operation->is_in_flight, !completion->is_final);
    if (completion->descriptor >= 0) {
        record->descriptors[record->descriptor_count++] = completion->descriptor;
    }
    if (completion->received.length > 0) {
        assert_in_range(record->received_bytes + completion->received.length, 1, RECEIVED_MAX);
        memcpy(record->received + record->received_bytes, completion->received.at,
               completion->received.length);
        record->received_bytes += completion->received.length;
    }
    if (record->cancels_at_once && record->event_count == 1) {
        ring_cancel(record->ring, operation);
    }
}

static inline struct record record_on(struct ring *ring)
{
    return (struct record){
        .operation.complete = on_event, .ring = ring, .received = malloc(RECEIVED_MAX)};
}

static inline void forget(struct record *record)
{
    assert_false(record->operation.is_in_flight);
    free(record->received);
}

#endif
