/* The words that workers share about a server; see the header for who writes which. */
#include "proxy/server_health.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

struct server_health *server_health_create(uint32_t worker_count, int bell)
{
    size_t size_bytes = sizeof(struct server_health) + worker_count * sizeof(struct server_figures);
    struct server_health *health = aligned_alloc(_Alignof(struct server_health), size_bytes);
    if (health == NULL) {
        return NULL;
    }
    memset(health, 0, size_bytes);
    health->bell = bell;
    health->worker_count = worker_count;
    return health;
}

void server_health_destroy(struct server_health *health)
{
    free(health);
}

/* The bell is an eventfd that never blocks: its count would have to reach 2^64 - 1. */
static void ring(const struct server_health *health)
{
    if (health->bell >= 0) {
        (void)eventfd_write(health->bell, 1);
    }
}

bool server_health_take_trial(struct server_health *health)
{
    uint32_t expected = SERVER_EJECTED | SERVER_ON_TRIAL;
    return atomic_compare_exchange_strong_explicit(&health->bars, &expected, SERVER_EJECTED,
                                                   memory_order_relaxed, memory_order_relaxed);
}

void server_health_end_trial(struct server_health *health, enum server_trial trial)
{
    atomic_store_explicit(&health->trial, trial, memory_order_relaxed);
    ring(health);
}

void server_health_succeed(struct server_health *health)
{
    /* Looked at first: as long as all is well nobody writes to the line. */
    if (atomic_load_explicit(&health->failures_in_row, memory_order_relaxed) != 0) {
        atomic_store_explicit(&health->failures_in_row, 0, memory_order_relaxed);
    }
}

void server_health_fail(struct server_health *health, enum server_failure failure,
                        uint32_t count_max)
{
    atomic_store_explicit(&health->latest_failure, failure, memory_order_relaxed);
    uint32_t count =
        atomic_fetch_add_explicit(&health->failures_in_row, 1, memory_order_relaxed) + 1;
    if (count_max > 0 && count % count_max == 0) {
        ring(health);
    }
}

#define WORD_ROW(name, word, text) [name] = word,
#define TEXT_ROW(name, word, text) [name] = text,

const char *server_health_failure_word(enum server_failure failure)
{
    static const char *const words[] = {SERVER_FAILURE_LIST(WORD_ROW)};
    return words[failure];
}

const char *server_health_failure_text(enum server_failure failure)
{
    static const char *const texts[] = {SERVER_FAILURE_LIST(TEXT_ROW)};
    return texts[failure];
}
