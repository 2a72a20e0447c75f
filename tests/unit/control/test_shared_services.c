/* What the control thread does with the caches between its signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/shared_services.h"
#include "trust/trust_cache.h"

#define NOW         INT64_C(1700000000)
#define POLICY      7
#define ENTRY_COUNT ((size_t)4 * RECLAIM_DESTROYED_COUNT_MAX)

/* The services' caches alone, and a worker that uses them. */
struct fixture {
    struct shared_services services;
    struct trust_cache_counters counters;
    struct trust_cache_user worker;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct worker_shared *shared = &fixture.services.shared;
    const struct trust_cache_settings settings = {
        .entry_count_max = ENTRY_COUNT, .size_bytes_max = 64 << 20, .failure_count_max = 64};
    memset(&fixture, 0, sizeof(fixture));
    assert_true(result_is_ok(reclaim_create(2, &shared->reclaim)));
    assert_true(result_is_ok(trust_cache_create(&settings, &shared->trust_cache)));
    fixture.services.member = reclaim_join(shared->reclaim);
    fixture.worker = (struct trust_cache_user){.cache = shared->trust_cache,
                                               .member = reclaim_join(shared->reclaim),
                                               .counters = &fixture.counters};
    reclaim_wake(fixture.worker.member);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    reclaim_sleep(fixture->worker.member);
    reclaim_destroy(fixture->services.shared.reclaim);
    trust_cache_destroy(fixture->services.shared.trust_cache);
    return 0;
}

static void let_in(struct fixture *fixture, uint64_t number, uint8_t policy)
{
    struct trust_entry *entry;
    struct trust_judgement judgement = {
        .key = {.policy_id = {policy}},
        .identity = calloc(1, sizeof(struct identity)),
        .verdict = verdict_for(VERDICT_SUCCESS),
        .judged_at_seconds = NOW,
        .age_seconds_max = 3600,
        .revision = trust_cache_revision(fixture->worker.cache),
    };
    assert_non_null(judgement.identity);
    memcpy(judgement.key.chain_digest, &number, sizeof(number));
    judgement.identity->size_bytes = sizeof(struct identity);
    judgement.verdict.valid_until_seconds = NOW + 86400;
    assert_true(result_is_ok(trust_cache_insert(&fixture->worker, &judgement, &entry)));
    trust_entry_release(entry);
}

static size_t fill(struct fixture *fixture, uint64_t first, uint8_t policy)
{
    for (uint64_t i = 0; i < ENTRY_COUNT * 3 / 4; i++) {
        let_in(fixture, first + i, policy);
    }
    return trust_cache_usage(fixture->worker.cache).entry_count;
}

static void forget(struct fixture *fixture, uint8_t policy)
{
    const uint8_t policy_id[TRUST_POLICY_ID_SIZE] = {policy};
    shared_services_forget_policy(&fixture->services, policy_id);
}

static void the_entries_of_a_forgotten_policy_make_room_again(void **state)
{
    struct fixture *fixture = *state;
    assert_true(fill(fixture, 0, POLICY) > 2 * (size_t)RECLAIM_DESTROYED_COUNT_MAX);
    reclaim_sleep(fixture->worker.member);
    forget(fixture, POLICY);
    (void)shared_services_reclaim(&fixture->services);
    assert_false(shared_services_reclaim(&fixture->services));
    reclaim_wake(fixture->worker.member);
    assert_int_equal(trust_cache_usage(fixture->worker.cache).entry_count, 0);
    (void)fill(fixture, 1 << 20, POLICY + 1);
    assert_int_equal(fixture->counters.values[TRUST_CACHE_REJECTED_FULL], 0);
}

static void what_a_worker_may_still_hold_is_freed_after_its_turn(void **state)
{
    struct fixture *fixture = *state;
    size_t count = fill(fixture, 0, POLICY);
    forget(fixture, POLICY);
    for (int look = 0; look < 3; look++) {
        assert_true(shared_services_reclaim(&fixture->services));
        assert_int_equal(trust_cache_usage(fixture->worker.cache).entry_count, count);
    }
    reclaim_quiet(fixture->worker.member);
    (void)shared_services_reclaim(&fixture->services);
    assert_false(shared_services_reclaim(&fixture->services));
    assert_int_equal(trust_cache_usage(fixture->worker.cache).entry_count, 0);
}

static void other_policies_keep_their_entries(void **state)
{
    struct fixture *fixture = *state;
    let_in(fixture, 1, POLICY);
    let_in(fixture, 1, POLICY + 1);
    forget(fixture, POLICY);
    reclaim_quiet(fixture->worker.member);
    (void)shared_services_reclaim(&fixture->services);
    assert_int_equal(trust_cache_usage(fixture->worker.cache).entry_count, 1);
}

static void with_nothing_forgotten_there_is_nothing_to_wait_for(void **state)
{
    struct fixture *fixture = *state;
    let_in(fixture, 1, POLICY);
    assert_false(shared_services_reclaim(&fixture->services));
    assert_int_equal(trust_cache_usage(fixture->worker.cache).entry_count, 1);
}

/* The workers have their keys: what they began with is gone, and comes anew with a reload. */
static void the_seed_of_ticket_keys_is_there_only_while_it_is_copied(void **state)
{
    struct fixture *fixture = *state;
    struct shared_services *services = &fixture->services;
    const struct ticket_seed *seed = &services->ticket_seed;
    const struct ticket_seed none = {.lifetime_ms = 1000};
    struct ticket_seed former;
    assert_true(result_is_ok(ticket_seed_init(&services->ticket_seed, 1000, 0)));
    services->shared.ticket_seed = seed;
    former = *seed;
    shared_services_forget_ticket_seed(services);
    assert_memory_equal(seed, &none, sizeof(none));
    assert_true(result_is_ok(shared_services_renew_ticket_seed(services)));
    assert_true(seed->has_secret);
    assert_int_equal(seed->lifetime_ms, 1000);
    assert_memory_not_equal(seed->secret, former.secret, sizeof(former.secret));
}

static void without_tickets_there_is_no_seed(void **state)
{
    static const struct ticket_seed none;
    struct fixture *fixture = *state;
    struct shared_services *services = &fixture->services;
    assert_true(result_is_ok(shared_services_renew_ticket_seed(services)));
    shared_services_forget_ticket_seed(services);
    assert_memory_equal(&services->ticket_seed, &none, sizeof(none));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_entries_of_a_forgotten_policy_make_room_again),
        TEST(what_a_worker_may_still_hold_is_freed_after_its_turn),
        TEST(other_policies_keep_their_entries),
        TEST(with_nothing_forgotten_there_is_nothing_to_wait_for),
        TEST(the_seed_of_ticket_keys_is_there_only_while_it_is_copied),
        TEST(without_tickets_there_is_no_seed),
    };
    return cmocka_run_group_tests_name("shared services", tests, NULL, NULL);
}
