/*
 * Turns are kept by address, not by connection, so that a slow server does not lose its share to a
 * fast one. A server that gets no requests loses its turn to those behind it; the turns go on from
 * whoever was taken, so that its share does not fall to one neighbour alone.
 */
#include "server_choice.h"

static uint32_t count_of(const struct backend_pool *pool)
{
    return (uint32_t)pool->addresses->count;
}

static uint32_t after(const struct backend_pool *pool, uint32_t index)
{
    return index + 1 < count_of(pool) ? index + 1 : 0;
}

static bool is_open(const struct backend_address *address)
{
    return address->health == NULL || server_health_is_open(address->health);
}

/* Of all workers together. */
static uint32_t load_of(const struct backend_address *address)
{
    /* Relaxed: a count that is a moment old chooses nearly as well. */
    return address->health == NULL
               ? 0
               : atomic_load_explicit(&address->health->under_way_count, memory_order_relaxed);
}

/* Of equally busy ones the next in turn; that one too when none is open. */
static uint32_t find_least_loaded(const struct backend_pool *pool)
{
    uint32_t best = pool->next_address;
    uint64_t best_load = UINT64_MAX;
    uint32_t index = best;
    for (uint32_t i = 0; i < count_of(pool); i++, index = after(pool, index)) {
        const struct backend_address *address = &pool->addresses->items[index];
        if (is_open(address) && load_of(address) < best_load) {
            best = index;
            best_load = load_of(address);
        }
    }
    return best;
}

static uint32_t first_of(const struct backend_pool *pool)
{
    return pool->backend->balance == CONFIG_BALANCE_LEAST_CONNECTIONS ? find_least_loaded(pool)
                                                                      : pool->next_address;
}

const struct backend_address *server_choice_take(struct server_choice *choice,
                                                 struct backend_pool *pool,
                                                 struct server_claim *claim)
{
    bool is_first = !choice->is_begun;
    if (is_first) {
        *choice = (struct server_choice){first_of(pool), count_of(pool), true};
    }
    while (choice->left_count > 0) {
        const struct backend_address *address = &pool->addresses->items[choice->next];
        choice->next = after(pool, choice->next);
        choice->left_count--;
        if (server_claim_take(claim, address->health, pool->backend, pool->room->worker_index)) {
            pool->next_address = is_first ? choice->next : pool->next_address;
            return address;
        }
    }
    return NULL;
}

void server_choice_go_on_after(struct server_choice *choice, const struct backend_pool *pool,
                               const struct backend_address *address)
{
    uint32_t index = (uint32_t)(address - pool->addresses->items);
    *choice = (struct server_choice){after(pool, index), count_of(pool), true};
}

bool server_choice_is_disabled(const struct backend_pool *pool)
{
    for (uint32_t i = 0; i < count_of(pool); i++) {
        const struct server_health *health = pool->addresses->items[i].health;
        if (health == NULL || (server_health_bars(health) & SERVER_DISABLED) == 0) {
            return false;
        }
    }
    return true;
}
