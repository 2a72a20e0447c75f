/*
 * What a worker's connections share, seen from inside this folder. Owned by the worker.
 */
#ifndef PROXY_PROXY_PARTS_H
#define PROXY_PROXY_PARTS_H

#include "backend_pool.h"
#include "base/slab.h"
#include "handshake_queue.h"
#include "net/buffer.h"
#include "proxy/proxy.h"
#include "tls/tls_context.h"
#include "trust/trust_policy.h"

/* A TLS record's plaintext at most (RFC 8446 section 5.1). */
#define PLAINTEXT_MAX_BYTES 16384

/* The values that one head is given by the gateway, together. */
#define VALUES_MAX_BYTES 65536

struct http_edit;

/* A listener as one worker serves it. */
struct site {
    struct proxy_generation *generation;
    const struct config_listener *listener;
    const struct trust_policy *trust_policy;
    struct tls_context *tls_context; /* NULL: no client of this generation is left */
    struct backend_pool *pool;
    /* What is counted under: its verdicts, its clients, its requests. */
    size_t profile_label;
    size_t listener_label;
    size_t route_label;
};

struct proxy {
    struct proxy_surroundings around;
    struct buffer_pool buffers;
    struct slab connections;
    struct slab handshakes;
    struct slab exchanges;
    struct backend_room backend_room;
    struct handshake_queue handshake_queue;
    struct tls_tickets tickets;
    struct proxy_generation *current;
    struct list retired;          /* generations that still serve somebody */
    struct list reapable;         /* clients whose last operation is back */
    struct list open;             /* all clients that are not yet closing */
    struct list closing;          /* those that are, until the kernel has handed everything back */
    uint64_t connection_number;   /* of the latest client, for the log */
    uint32_t ocsp_question_count; /* asked and not answered */
    bool is_draining;
    bool has_farewells; /* some had their last request: the idle of them close with the turn */
    /* What one step reads and writes; nothing in it outlives the step. */
    uint8_t plaintext[PLAINTEXT_MAX_BYTES];
    uint8_t answer[PLAINTEXT_MAX_BYTES];
    uint8_t values[VALUES_MAX_BYTES]; /* of the edits */
};

#endif
