/* Counting a request with its server, and telling what came of it. */
#include "server_claim.h"

#include "base/check.h"
#include "proxy/counters.h"

/* One writer, the worker, as with its other counters. */
static void change(_Atomic uint64_t *figure, uint64_t amount)
{
    counters_add_to(figure, amount);
}

bool server_claim_take(struct server_claim *claim, struct server_health *health,
                       const struct config_backend *backend, uint32_t worker_index)
{
    CHECK(claim->health == NULL);
    if (health == NULL) {
        return true;
    }
    CHECK(worker_index < health->worker_count);
    bool is_trial = server_health_bars(health) != 0;
    if (is_trial && !server_health_take_trial(health)) {
        return false;
    }
    *claim = (struct server_claim){
        .health = health,
        .figures = &health->figures[worker_index],
        .backend = backend,
        .is_trial = is_trial,
        .is_shared = backend->balance == CONFIG_BALANCE_LEAST_CONNECTIONS,
    };
    change(&claim->figures->under_way_count, 1);
    if (claim->is_shared) {
        atomic_fetch_add_explicit(&health->under_way_count, 1, memory_order_relaxed);
    }
    return true;
}

void server_claim_count_request(struct server_claim *claim)
{
    if (claim->health != NULL) {
        change(&claim->figures->request_count, 1);
    }
}

/* True for the first word on it. */
static bool judge(struct server_claim *claim)
{
    bool is_first = claim->health != NULL && !claim->is_judged;
    claim->is_judged = true;
    return is_first;
}

void server_claim_succeed(struct server_claim *claim, uint16_t status)
{
    if (claim->health != NULL && status >= 500 && claim->backend->ejection.counts_5xx) {
        server_claim_fail(claim, SERVER_FAILURE_STATUS);
        return;
    }
    if (judge(claim)) {
        server_health_succeed(claim->health);
        if (claim->is_trial) {
            server_health_end_trial(claim->health, SERVER_TRIAL_GOOD);
        }
    }
}

void server_claim_fail(struct server_claim *claim, enum server_failure failure)
{
    if (judge(claim)) {
        change(&claim->figures->failure_counts[failure], 1);
        server_health_fail(claim->health, failure, claim->backend->ejection.failure_count);
        if (claim->is_trial) {
            server_health_end_trial(claim->health, SERVER_TRIAL_BAD);
        }
    }
}

void server_claim_release(struct server_claim *claim)
{
    if (claim->health == NULL) {
        return;
    }
    if (claim->is_trial && !claim->is_judged) {
        server_health_end_trial(claim->health, SERVER_TRIAL_GIVEN_UP);
    }
    change(&claim->figures->under_way_count, UINT64_MAX); /* one less */
    if (claim->is_shared) {
        atomic_fetch_sub_explicit(&claim->health->under_way_count, 1, memory_order_relaxed);
    }
    *claim = (struct server_claim){0};
}
