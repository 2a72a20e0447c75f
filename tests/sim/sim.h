/*
 * What the parts of the simulation share: the world, the requests that are made in it, and the
 * verdict on what the gateway does. One thread; everything follows from the seed.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stddef.h>

#include "../fake/dice.h"
#include "../fake/fake_net.h"
#include "base/list.h"
#include "proxy/proxy.h"

/* How a backend answers one request; what is after SIM_ANSWER_FAULTS is no fair play. */
enum sim_behaviour {
    SIM_ANSWER_LENGTH,
    SIM_ANSWER_CHUNKED,
    SIM_ANSWER_UNTIL_CLOSE,
    SIM_ANSWER_WITH_CLOSE, /* Connection: close, and closes */
    SIM_ANSWER_NO_CONTENT,
    SIM_ANSWER_NOT_MODIFIED,
    SIM_ANSWER_AFTER_INTERIM,
    SIM_ANSWER_IN_PIECES,  /* with pauses shorter than any limit */
    SIM_ANSWER_LARGE_HEAD, /* within the limits */
    SIM_ANSWER_LATE,       /* but not too late */
    SIM_ANSWER_FAULTS,
    SIM_ANSWER_EARLY = SIM_ANSWER_FAULTS, /* before the body was read, which then never is */
    SIM_ANSWER_EARLY_AND_STAYS,           /* the same, and goes on reading */
    SIM_ANSWER_AND_CLOSE,                 /* closes although it promised not to */
    SIM_ANSWER_AND_SURPLUS,               /* bytes behind the answer */
    SIM_ANSWER_TOO_LATE,
    SIM_ANSWER_STALLS_IN_BODY,
    SIM_ANSWER_CUT_IN_HEAD,
    SIM_ANSWER_CUT_IN_BODY,
    SIM_ANSWER_RESET_IN_HEAD,
    SIM_ANSWER_RESET_IN_BODY,
    SIM_ANSWER_UNTIL_CLOSE_RESET,
    SIM_ANSWER_NEVER_CLOSED, /* ends without a word, at once */
    SIM_ANSWER_RESET_AT_ONCE,
    SIM_ANSWER_GARBAGE,
    SIM_ANSWER_BAD_CHUNK,
    SIM_ANSWER_ENDLESS_INTERIM,
    SIM_ANSWER_HUGE_HEAD,
    SIM_ANSWER_COUNT,
};

/* One request of a client, its id in the target; what became of it is noted by both ends. */
struct sim_request {
    uint32_t id;
    enum sim_behaviour behaviour;
    const char *method;
    const char *identity; /* the certificate that a backend must be told; NULL: none */
    uint32_t client_number;
    uint16_t client_port; /* 0: the gateway cannot know it */
    uint32_t answer_bytes;
    uint32_t body_bytes;
    bool is_chunked;
    bool expects_continue;
    bool is_old;        /* HTTP/1.0 */
    bool is_last;       /* says Connection: close */
    bool is_tunnel;     /* Upgrade */
    bool must_not_pass; /* no backend may ever see it */
    bool may_be_sent_twice;
    bool is_read_slowly; /* by its backend */
    uint32_t heads_seen; /* by backends */
    uint32_t wholes_seen;
    uint32_t tunnel_bytes_seen;
    uint32_t tunnel_bytes_due; /* that must have been seen when all is over */
};

/* How the gateway is ended. */
enum sim_ending { SIM_ENDS_IDLE, SIM_ENDS_WITH_DRAIN, SIM_ENDS_WITH_SHUT };

struct sim_settings {
    uint64_t seed;
    uint32_t connection_count;
    uint32_t concurrency;
    enum sim_ending ending;
    bool is_fair;       /* nobody does any harm: then every request must be answered */
    bool connects_fail; /* fair backends that cannot always be reached */
    bool memory_fails;  /* now and then, in the gateway */
    bool is_told;       /* prints what happens */
};

struct sim_world {
    struct sim_settings settings;
    struct dice dice;
    struct ring *ring;
    struct timer_wheel *wheel;
    struct counters *counters;
    struct log_queue *log_queue;
    struct generation *generation;
    struct proxy *proxy;
    struct sim_client_contexts *contexts;
    struct sim_request *requests; /* the id is the index */
    uint32_t request_count;
    struct list clients;
    struct list backends; /* connections that were made to them */
    uint8_t
        *late_heads;    /* of each client, by its number: requests seen by backends after a drain */
    uint64_t turned_ms; /* when the gateway's latest turn was */
    uint32_t started_count;
    uint32_t client_count;
    uint64_t log_line_count;
    uint32_t fair_answer_count;
    uint32_t own_answer_count;
    uint32_t idle_client_count;   /* stayed until the gateway closed */
    uint32_t silent_client_count; /* never came to a handshake */
    uint32_t garbage_client_count;
    uint32_t unreachable_count;  /* answers that say so */
    uint64_t idle_timeout_count; /* of the gateway, when it began to drain */
    bool is_draining;
};

#define SIM_REQUEST_COUNT_MAX (1U << 20)

/* More than the gateway may ever hold of one direction. Such bodies arrive in pieces that are no
 * smaller than this: a byte at a time they would take hours. */
#define SIM_LARGE_BODY_BYTES  3000000
#define SIM_LARGE_PIECE_BYTES 4096

/* Bodies that tell whose they are. */
static inline uint8_t sim_request_byte(uint32_t id, uint64_t offset)
{
    return (uint8_t)(id * 167 + offset * 13 + (offset >> 8) * 7);
}

static inline uint8_t sim_answer_byte(uint32_t id, uint64_t offset)
{
    return (uint8_t)(id * 101 + offset * 29 + (offset >> 9) * 3 + 1);
}

/* The simulation has found a defect: says so with the seed, and ends the program. */
[[gnu::format(printf, 2, 3)]] _Noreturn void sim_fail(const struct sim_world *world,
                                                      const char *format, ...);

/* Printed when the simulation is told to tell. */
[[gnu::format(printf, 2, 3)]] void sim_tell(const struct sim_world *world, const char *format, ...);

/* Who ends a tunnel: one after the other has, or each for itself. */
enum sim_tunnel_end { SIM_TUNNEL_BACKEND_FIRST, SIM_TUNNEL_CLIENT_FIRST, SIM_TUNNEL_EACH };

static inline enum sim_tunnel_end sim_tunnel_end(const struct sim_request *request)
{
    return (enum sim_tunnel_end)(request->id % 3);
}

/* A new request, its id set. */
struct sim_request *sim_add_request(struct sim_world *world);

#endif
