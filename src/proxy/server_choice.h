/*
 * Which server of a pool a request goes to, and which next when that one cannot be reached: each
 * once at most, without those that get no requests. Owned by the exchange; a plain value, zeroed
 * before the first.
 */
#ifndef PROXY_SERVER_CHOICE_H
#define PROXY_SERVER_CHOICE_H

#include "backend_pool.h"
#include "server_claim.h"

struct server_choice {
    uint32_t next; /* of the pool's addresses */
    uint32_t left_count;
    bool is_begun;
};

/*
 * The next one to try, with a claim on it (claim is free before); NULL when none is left. The first
 * is the pool's next in turn, or the one with the fewest requests under way.
 */
const struct backend_address *server_choice_take(struct server_choice *choice,
                                                 struct backend_pool *pool,
                                                 struct server_claim *claim);

/* All servers may be tried again: the others first, then that of address. */
void server_choice_go_on_after(struct server_choice *choice, const struct backend_pool *pool,
                               const struct backend_address *address);

/* Whether no server gets requests because somebody has said so of every one. */
bool server_choice_is_disabled(const struct backend_pool *pool);

#endif
