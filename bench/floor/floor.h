/*
 * What the kernel takes for moving bytes over loopback, when nothing else is done with them: works
 * that are done by io_uring, with the gateway's own ring, and by epoll with plain calls. The
 * measured thread has a CPU of its own, as the gateway has in bench/compare; the other end is
 * another thread, on the others.
 */
#ifndef BENCH_FLOOR_FLOOR_H
#define BENCH_FLOOR_FLOOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOOR_CONNECTION_COUNT_MAX 64
#define FLOOR_PIECE_BYTES_MAX      (1 << 20)
#define FLOOR_WAIT_MS              20

/* Nanoseconds in a unit: a microsecond; seconds a GB, when pieces of so many bytes are counted. */
#define FLOOR_MICRO      1e3
#define FLOOR_PER_GB(of) ((double)(of))

/* One turn: so many bytes are received, then so many are sent. 0 is none of them. */
struct floor_work {
    const char *name;
    const char *unit;
    double per_unit;         /* nanoseconds of what is counted, in that unit */
    size_t connection_count; /* up to FLOOR_CONNECTION_COUNT_MAX */
    size_t receive_bytes;    /* up to FLOOR_PIECE_BYTES_MAX, as send_bytes */
    size_t send_bytes;
    uint32_t turns; /* after so many the other end closes and connects anew; 0 is never */
};

/* How receive buffers are lent to the kernel, and what is asked for. */
struct floor_receiving {
    uint32_t buffer_count; /* a power of two, up to 256 */
    uint32_t buffer_bytes;
    uint32_t length_max; /* of one receive, which is final; 0: what comes, until the end */
    bool is_bundled;     /* one receive may fill several */
    bool is_incremental; /* one may be filled by several receives */
};

/* A work being done. Both threads read it; each field has one writer. */
struct floor_run {
    const struct floor_work *work;
    const struct floor_receiving *receiving; /* floor_by_buffers() alone looks at it */
    bool is_checked;                         /* a pattern is sent and compared */
    int listener;                            /* not blocking */
    uint16_t port;
    _Atomic bool is_over;      /* main's; the other end closes all then */
    _Atomic bool is_abandoned; /* the other end's: it has closed all, nobody connects any more */
    uint64_t connected_count;  /* the other end's, to be read when it is_abandoned */
    uint64_t turn_count;       /* the measured thread's, as all that follows */
    uint64_t connection_count; /* that were closed */
    uint64_t cpu_ns;
    /* Of floor_by_buffers() alone. */
    uint64_t receive_count;
    uint32_t receive_bytes_max; /* of one receive */
    bool is_wrong; /* other bytes came than were sent, or in other buffers than the kernel said */
};

/* Each does the work on its own thread until floor_peer_is_served(). By buffers only what receives
 * first. */
void floor_by_ring(struct floor_run *run);
void floor_by_epoll(struct floor_run *run);
void floor_by_buffers(struct floor_run *run);

/* Whether the kernel knows such buffers and receives. */
bool floor_by_buffers_is_known(const struct floor_receiving *receiving);

/* Has the work done in that way for so long, each end on a thread of its own; returns CPU time in
 * the unit of the work. Of run only the work is set, and what the way needs. */
double floor_measure(struct floor_run *run, void (*way)(struct floor_run *run), long milliseconds);

/* The other end, with calls that block. */
void floor_peer_run(struct floor_run *run);

/* Whether it connects no more and all that it connected was closed at this end, too. It may be done
 * before this end has accepted anything. */
bool floor_peer_is_served(const struct floor_run *run);

/* What is sent, by either end. */
extern const uint8_t floor_bytes[FLOOR_PIECE_BYTES_MAX];

/* What the other end sends in a checked run, from position on; a stream is named for its port. */
void floor_pattern_fill(uint16_t stream, uint64_t position, uint8_t *ret_bytes, size_t length);
bool floor_pattern_matches(uint16_t stream, uint64_t position, const uint8_t *bytes, size_t length);

#endif
