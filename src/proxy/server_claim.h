/*
 * What a request holds of the server that it was given to: its place in the counts, perhaps the
 * trial of an ejected one, and one word on how it went. Owned by the exchange; the worker's.
 *
 *   free -> server_claim_take() -> held -> succeed or fail, once -> held -> release -> free
 */
#ifndef PROXY_SERVER_CLAIM_H
#define PROXY_SERVER_CLAIM_H

#include "config/config.h"
#include "proxy/server_health.h"

struct server_claim {
    struct server_health *health; /* NULL: free, or nobody keeps account of the server */
    struct server_figures *figures;
    const struct config_backend *backend;
    bool is_trial;
    bool is_judged;
    bool is_shared; /* in the count of all workers */
};

/*
 * Asks for the server; false when it gets no requests now. A free claim. health is NULL where
 * nobody keeps account, then every server is given; worker_index is below its worker_count.
 */
bool server_claim_take(struct server_claim *claim, struct server_health *health,
                       const struct config_backend *backend, uint32_t worker_index);

/* The request is on its way to the server. */
void server_claim_count_request(struct server_claim *claim);

/* The head of its answer has come. */
void server_claim_succeed(struct server_claim *claim, uint16_t status);

/* Nothing after the first word counts; harmless when free. */
void server_claim_fail(struct server_claim *claim, enum server_failure failure);

/* A trial of which nothing was said is given up: another request may have it. Harmless when free.
 */
void server_claim_release(struct server_claim *claim);

#endif
