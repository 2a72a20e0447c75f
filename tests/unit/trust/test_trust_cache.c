/*
 * What the trust cache keeps, for how long, for whom, and what it refuses to keep. Time is passed
 * in; identities are blocks of memory of a chosen size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trust/trust_cache.h"

#define NOW           INT64_C(1700000000)
#define AGE_SECONDS   3600
#define VALID_SECONDS 86400
#define ENTRY_COUNT   1024
#define FAILURE_COUNT 64
#define IDENTITY_SIZE 1000
#define ENTRY_SIZE    (IDENTITY_SIZE + sizeof(struct trust_entry))

struct fixture {
    struct reclaim *reclaim;
    struct trust_cache *cache;
    struct trust_cache_counters counters;
    struct trust_cache_user user;
    struct reclaim_member *other; /* a second worker, awake */
};

static struct fixture *start(size_t entry_count_max, size_t size_bytes_max)
{
    static struct fixture fixture;
    struct trust_cache_settings settings = {entry_count_max, size_bytes_max, FAILURE_COUNT};
    memset(&fixture, 0, sizeof(fixture));
    assert_true(result_is_ok(reclaim_create(2, &fixture.reclaim)));
    assert_true(result_is_ok(trust_cache_create(&settings, &fixture.cache)));
    fixture.user = (struct trust_cache_user){.cache = fixture.cache,
                                             .member = reclaim_join(fixture.reclaim),
                                             .counters = &fixture.counters};
    fixture.other = reclaim_join(fixture.reclaim);
    reclaim_wake(fixture.user.member);
    reclaim_wake(fixture.other);
    return &fixture;
}

static void stop(struct fixture *fixture)
{
    reclaim_sleep(fixture->user.member);
    reclaim_sleep(fixture->other);
    reclaim_destroy(fixture->reclaim);
    trust_cache_destroy(fixture->cache);
}

static int set_up(void **state)
{
    *state = start(ENTRY_COUNT, ENTRY_COUNT * ENTRY_SIZE);
    return 0;
}

static int tear_down(void **state)
{
    stop(*state);
    return 0;
}

/* Both workers pass a quiet point, and the first one that destroys. */
static void turn(struct fixture *fixture)
{
    reclaim_quiet(fixture->other);
    reclaim_quiet(fixture->user.member);
}

static uint64_t counted(const struct fixture *fixture, enum trust_cache_counter counter)
{
    return fixture->counters.values[counter];
}

static struct trust_key key_of(uint64_t number, uint8_t policy)
{
    struct trust_key key = {.policy_id = {policy}};
    memcpy(key.chain_digest, &number, sizeof(number));
    return key;
}

static struct identity *make_identity(size_t size_bytes)
{
    struct identity *identity = calloc(1, size_bytes);
    assert_non_null(identity);
    identity->size_bytes = size_bytes;
    return identity;
}

static struct trust_judgement judgement_of(const struct fixture *fixture, uint64_t number,
                                           int64_t now_seconds)
{
    struct trust_judgement judgement = {
        .key = key_of(number, 1),
        .identity = make_identity(IDENTITY_SIZE),
        .verdict = verdict_for(VERDICT_SUCCESS),
        .judged_at_seconds = now_seconds,
        .age_seconds_max = AGE_SECONDS,
        .revision = trust_cache_revision(fixture->cache),
    };
    judgement.verdict.valid_until_seconds = NOW + VALID_SECONDS;
    return judgement;
}

static struct trust_entry *insert(struct fixture *fixture, const struct trust_judgement *judgement)
{
    struct trust_entry *entry;
    assert_true(result_is_ok(trust_cache_insert(&fixture->user, judgement, &entry)));
    return entry;
}

/* Lets number in at now_seconds; the caller's count. */
static struct trust_entry *let_in(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    struct trust_judgement judgement = judgement_of(fixture, number, now_seconds);
    return insert(fixture, &judgement);
}

static void let_in_and_forget(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    trust_entry_release(let_in(fixture, number, now_seconds));
}

static struct trust_entry *refuse(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    struct trust_judgement judgement = judgement_of(fixture, number, now_seconds);
    judgement.verdict = verdict_for(VERDICT_SIGNATURE_FAILURE);
    return insert(fixture, &judgement);
}

static struct trust_entry *find(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    struct trust_key key = key_of(number, 1);
    return trust_cache_find(&fixture->user, &key, now_seconds);
}

static bool is_refused(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    struct trust_key key = key_of(number, 1);
    struct verdict verdict;
    return trust_cache_find_failure(&fixture->user, &key, now_seconds, &verdict);
}

static void what_was_let_in_is_found_with_its_identity(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    struct trust_entry *entry = insert(fixture, &judgement);
    assert_ptr_equal(find(fixture, 1, NOW), entry);
    assert_ptr_equal(entry->identity, judgement.identity);
    assert_true(verdict_is_success(&entry->verdict));
    assert_true(entry->verdict.valid_until_seconds == NOW + VALID_SECONDS);
    trust_entry_release(entry);
    assert_ptr_equal(find(fixture, 1, NOW + 1), entry);
    assert_int_equal(counted(fixture, TRUST_CACHE_HITS), 2);
    assert_int_equal(counted(fixture, TRUST_CACHE_INSERTS), 1);
}

static void what_was_never_judged_is_a_miss(void **state)
{
    struct fixture *fixture = *state;
    assert_null(find(fixture, 1, NOW));
    assert_false(is_refused(fixture, 1, NOW));
    assert_int_equal(counted(fixture, TRUST_CACHE_MISSES), 1);
    assert_int_equal(counted(fixture, TRUST_CACHE_LEASES_ENDED), 0);
}

static void a_verdict_of_another_policy_is_a_miss(void **state)
{
    struct fixture *fixture = *state;
    struct trust_key other = key_of(1, 2);
    let_in_and_forget(fixture, 1, NOW);
    assert_null(trust_cache_find(&fixture->user, &other, NOW));
}

static void a_lease_ends_after_the_maximum_age(void **state)
{
    struct fixture *fixture = *state;
    struct trust_entry *entry = let_in(fixture, 1, NOW);
    assert_true(trust_cache_lease_holds(fixture->cache, entry, NOW + AGE_SECONDS - 1));
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW + AGE_SECONDS));
    assert_non_null(find(fixture, 1, NOW + AGE_SECONDS - 1));
    assert_null(find(fixture, 1, NOW + AGE_SECONDS));
    assert_int_equal(counted(fixture, TRUST_CACHE_LEASES_ENDED), 1);
    assert_int_equal(counted(fixture, TRUST_CACHE_MISSES), 1);
    trust_entry_release(entry);
}

static void a_lease_ends_with_the_first_certificate_that_expires(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    judgement.verdict.valid_until_seconds = NOW + 10;
    struct trust_entry *entry = insert(fixture, &judgement);
    assert_true(trust_cache_lease_holds(fixture->cache, entry, NOW + 9));
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW + 10));
    assert_null(find(fixture, 1, NOW + 10));
    trust_entry_release(entry);
}

static void a_clock_that_jumps_either_way_ends_the_lease(void **state)
{
    struct fixture *fixture = *state;
    struct trust_entry *entry = let_in(fixture, 1, NOW);
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW - 1));
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW - 1000000000));
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW + 500000000));
    assert_null(find(fixture, 1, NOW - 1));
    assert_non_null(find(fixture, 1, NOW));
    trust_entry_release(entry);
}

static void the_greatest_age_does_not_overflow(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    judgement.age_seconds_max = INT64_MAX;
    judgement.verdict.valid_until_seconds = INT64_MAX;
    struct trust_entry *entry = insert(fixture, &judgement);
    assert_true(trust_cache_lease_holds(fixture->cache, entry, INT64_MAX - 1));
    trust_entry_release(entry);
}

static void a_lease_that_ends_at_once_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    judgement.verdict.valid_until_seconds = NOW;
    trust_entry_release(insert(fixture, &judgement));
    judgement = judgement_of(fixture, 1, NOW);
    judgement.age_seconds_max = 0;
    trust_entry_release(insert(fixture, &judgement));
    assert_null(find(fixture, 1, NOW));
    assert_int_equal(counted(fixture, TRUST_CACHE_REJECTED_ENDED), 2);
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 0);
}

static void a_refusal_is_remembered_briefly_and_without_the_identity(void **state)
{
    struct fixture *fixture = *state;
    struct trust_key key = key_of(1, 1);
    struct verdict verdict;
    struct trust_entry *entry = refuse(fixture, 1, NOW);
    assert_non_null(entry->identity); /* the connection's own */
    assert_null(find(fixture, 1, NOW));
    assert_true(trust_cache_find_failure(&fixture->user, &key, NOW, &verdict));
    assert_int_equal(verdict.reason, VERDICT_SIGNATURE_FAILURE);
    assert_string_equal(verdict.text, "certificate signature failure");
    assert_true(is_refused(fixture, 1, NOW + TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX - 1));
    assert_false(is_refused(fixture, 1, NOW + TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX));
    assert_false(
        trust_cache_lease_holds(fixture->cache, entry, NOW + TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX));
    struct trust_cache_usage usage = trust_cache_usage(fixture->cache);
    assert_int_equal(usage.entry_count, 0);
    assert_int_equal(usage.failure_count, 1);
    assert_int_equal(usage.failure_size_bytes, sizeof(struct trust_entry));
    trust_entry_release(entry);
}

static void a_refusal_ends_the_lease_of_the_same_chain(void **state)
{
    struct fixture *fixture = *state;
    struct trust_entry *entry = let_in(fixture, 1, NOW);
    struct trust_entry *bystander = let_in(fixture, 2, NOW);
    struct trust_entry *refused = refuse(fixture, 1, NOW + 5);
    assert_null(find(fixture, 1, NOW + 5));
    assert_true(is_refused(fixture, 1, NOW + 5));
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW + 5));
    assert_true(trust_cache_lease_holds(fixture->cache, refused, NOW + 5));
    assert_true(trust_cache_lease_holds(fixture->cache, bystander, NOW + 5));
    assert_int_equal(counted(fixture, TRUST_CACHE_REMOVED), 1);
    trust_entry_release(entry);
    trust_entry_release(bystander);
    trust_entry_release(refused);
}

static void a_refusal_after_the_lease_has_ended_troubles_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    uint64_t revision = trust_cache_revision(fixture->cache);
    let_in_and_forget(fixture, 1, NOW);
    trust_entry_release(refuse(fixture, 1, NOW + AGE_SECONDS));
    assert_true(trust_cache_revision(fixture->cache) == revision);
    assert_true(is_refused(fixture, 1, NOW + AGE_SECONDS));
}

static void a_chain_let_in_after_its_refusal_is_refused_no_more(void **state)
{
    struct fixture *fixture = *state;
    trust_entry_release(refuse(fixture, 1, NOW));
    let_in_and_forget(fixture, 1, NOW + 1);
    assert_non_null(find(fixture, 1, NOW + 1));
    assert_false(is_refused(fixture, 1, NOW + 1));
}

static void a_newer_judgement_replaces_an_older_one(void **state)
{
    struct fixture *fixture = *state;
    struct trust_entry *older = let_in(fixture, 1, NOW);
    struct trust_entry *newer = let_in(fixture, 1, NOW + 60);
    assert_ptr_not_equal(older, newer);
    assert_ptr_equal(find(fixture, 1, NOW + 60), newer);
    assert_int_equal(counted(fixture, TRUST_CACHE_REPLACED), 1);
    assert_null(find(fixture, 1, NOW + AGE_SECONDS + 60));
    assert_non_null(find(fixture, 1, NOW + AGE_SECONDS + 59));
    trust_entry_release(older);
    trust_entry_release(newer);
}

static void an_ended_lease_is_replaced_even_by_a_clock_that_went_back(void **state)
{
    struct fixture *fixture = *state;
    let_in_and_forget(fixture, 1, NOW);
    let_in_and_forget(fixture, 1, NOW - 500);
    assert_non_null(find(fixture, 1, NOW - 500));
    assert_int_equal(counted(fixture, TRUST_CACHE_REPLACED), 1);
}

static void the_second_to_judge_the_same_chain_gets_the_entry_of_the_first(void **state)
{
    struct fixture *fixture = *state;
    struct trust_entry *first = let_in(fixture, 1, NOW);
    struct trust_entry *second = let_in(fixture, 1, NOW);
    assert_ptr_equal(first, second);
    assert_int_equal(counted(fixture, TRUST_CACHE_SHARED), 1);
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 1);
    trust_entry_release(first);
    assert_int_equal(second->identity->size_bytes, IDENTITY_SIZE);
    trust_entry_release(second);
}

static void a_replaced_entry_lives_as_long_as_it_is_held(void **state)
{
    struct fixture *fixture = *state;
    struct trust_entry *held = let_in(fixture, 1, NOW);
    let_in_and_forget(fixture, 1, NOW + 1);
    turn(fixture);
    turn(fixture);
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 1); /* no more the cache's */
    assert_int_equal(held->identity->size_bytes, IDENTITY_SIZE);
    assert_true(trust_cache_lease_holds(fixture->cache, held, NOW + 2));
    assert_int_equal(held->holder_count, 1);
    trust_entry_release(held);
}

static void a_replaced_entry_lives_until_every_worker_was_quiet(void **state)
{
    struct fixture *fixture = *state;
    let_in_and_forget(fixture, 1, NOW);
    struct trust_entry *seen = find(fixture, 1, NOW); /* without a count */
    let_in_and_forget(fixture, 1, NOW + 1);
    reclaim_quiet(fixture->user.member);
    reclaim_quiet(fixture->user.member);
    assert_int_equal(seen->identity->size_bytes, IDENTITY_SIZE); /* as the other worker may */
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 2);
    turn(fixture);
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 1);
}

static void a_sleeping_worker_holds_nothing_back(void **state)
{
    struct fixture *fixture = *state;
    let_in_and_forget(fixture, 1, NOW);
    let_in_and_forget(fixture, 1, NOW + 1);
    reclaim_sleep(fixture->other);
    reclaim_quiet(fixture->user.member);
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 1);
    reclaim_wake(fixture->other);
}

static void a_handle_taken_from_a_found_entry_outlives_its_removal(void **state)
{
    struct fixture *fixture = *state;
    struct trust_key key = key_of(1, 1);
    let_in_and_forget(fixture, 1, NOW);
    struct trust_entry *entry = find(fixture, 1, NOW);
    trust_entry_acquire(entry);
    trust_cache_remove(&fixture->user, &key);
    turn(fixture);
    turn(fixture);
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 0);
    assert_int_equal(entry->identity->size_bytes, IDENTITY_SIZE);
    trust_entry_release(entry);
}

static void a_removal_ends_the_lease_of_its_key_only(void **state)
{
    struct fixture *fixture = *state;
    struct trust_key key = key_of(1, 1);
    struct trust_entry *removed = let_in(fixture, 1, NOW);
    struct trust_entry *other = let_in(fixture, 2, NOW);
    trust_cache_remove(&fixture->user, &key);
    assert_false(trust_cache_lease_holds(fixture->cache, removed, NOW));
    assert_true(trust_cache_lease_holds(fixture->cache, other, NOW));
    assert_null(find(fixture, 1, NOW));
    assert_non_null(find(fixture, 2, NOW));
    trust_cache_remove(&fixture->user, &key); /* and again: nothing is there */
    assert_int_equal(counted(fixture, TRUST_CACHE_REMOVED), 1);
    trust_entry_release(removed);
    trust_entry_release(other);
}

static void a_removal_ends_the_lease_of_every_entry_it_cannot_find(void **state)
{
    struct fixture *fixture = *state;
    struct trust_key unrelated = key_of(99, 1);
    struct trust_entry *older = let_in(fixture, 1, NOW);
    struct trust_entry *newer = let_in(fixture, 1, NOW + 1);
    assert_true(trust_cache_lease_holds(fixture->cache, older, NOW + 1));
    trust_cache_remove(&fixture->user, &unrelated);
    /* It is out of the cache: had the removal been meant for it, it would not have been found. */
    assert_false(trust_cache_lease_holds(fixture->cache, older, NOW + 1));
    assert_true(trust_cache_lease_holds(fixture->cache, newer, NOW + 1));
    trust_entry_release(older);
    trust_entry_release(newer);
}

static void a_judgement_from_before_a_removal_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    trust_cache_remove(&fixture->user, &judgement.key); /* revoked while it was judged */
    struct trust_entry *entry = insert(fixture, &judgement);
    assert_null(find(fixture, 1, NOW));
    assert_false(trust_cache_lease_holds(fixture->cache, entry, NOW));
    assert_int_equal(counted(fixture, TRUST_CACHE_REJECTED_WITHDRAWN), 1);
    trust_entry_release(entry);
    let_in_and_forget(fixture, 1, NOW); /* judged with what is known now */
    assert_non_null(find(fixture, 1, NOW));
}

static void a_policy_that_is_gone_takes_its_entries_with_it(void **state)
{
    struct fixture *fixture = *state;
    const uint8_t gone_id[TRUST_POLICY_ID_SIZE] = {2};
    for (uint64_t i = 0; i < 100; i++) {
        struct trust_judgement judgement = judgement_of(fixture, i, NOW);
        judgement.key = key_of(i, i % 2 == 0 ? 1 : 2);
        if (i % 5 == 0) {
            judgement.verdict = verdict_for(VERDICT_EXPIRED);
        }
        trust_entry_release(insert(fixture, &judgement));
    }
    trust_cache_remove_policy(&fixture->user, gone_id);
    turn(fixture);
    for (uint64_t i = 0; i < 100; i++) {
        struct trust_key key = key_of(i, i % 2 == 0 ? 1 : 2);
        struct verdict verdict;
        bool is_kept = i % 2 == 0;
        assert_true((trust_cache_find(&fixture->user, &key, NOW) != NULL) ==
                    (is_kept && i % 5 != 0));
        assert_true(trust_cache_find_failure(&fixture->user, &key, NOW, &verdict) ==
                    (is_kept && i % 5 == 0));
    }
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 40);
    assert_int_equal(trust_cache_usage(fixture->cache).failure_count, 10);
}

static void assert_within(const struct fixture *fixture, size_t entry_count, size_t size_bytes)
{
    struct trust_cache_usage usage = trust_cache_usage(fixture->cache);
    assert_true(usage.entry_count <= entry_count);
    assert_true(usage.size_bytes <= size_bytes);
    assert_true(usage.failure_count <= FAILURE_COUNT);
    assert_true(usage.failure_size_bytes <= FAILURE_COUNT * sizeof(struct trust_entry));
}

static void more_chains_than_slots_push_out_the_oldest(void **state)
{
    struct fixture *fixture = start(TRUST_CACHE_COUNT_MIN, 1000000);
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        let_in_and_forget(fixture, i, NOW + (int64_t)i);
        assert_within(fixture, TRUST_CACHE_COUNT_MIN, 1000000);
        assert_non_null(find(fixture, i, NOW + (int64_t)i));
        turn(fixture);
    }
    assert_true(trust_cache_usage(fixture->cache).entry_count >= TRUST_CACHE_COUNT_MIN / 2);
    assert_null(find(fixture, 0, NOW + 2000));
    assert_true(counted(fixture, TRUST_CACHE_EVICTED) >= 2000 - TRUST_CACHE_COUNT_MIN);
    assert_int_equal(counted(fixture, TRUST_CACHE_INSERTS), 2000);
    assert_int_equal(counted(fixture, TRUST_CACHE_REJECTED_FULL), 0);
    stop(fixture);
}

static void bytes_are_bounded_as_well_as_entries(void **state)
{
    const size_t size_bytes_max = 100 * ENTRY_SIZE;
    struct fixture *fixture = start(ENTRY_COUNT, size_bytes_max);
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        struct trust_judgement judgement = judgement_of(fixture, i, NOW + (int64_t)i);
        free(judgement.identity);
        judgement.identity = make_identity(sizeof(struct identity) + i * 7 % 5000);
        trust_entry_release(insert(fixture, &judgement));
        assert_within(fixture, ENTRY_COUNT, size_bytes_max);
        turn(fixture);
    }
    assert_true(trust_cache_usage(fixture->cache).size_bytes > size_bytes_max / 2);
    assert_int_equal(counted(fixture, TRUST_CACHE_REJECTED_FULL), 0);
    stop(fixture);
}

static void what_is_not_free_yet_counts_against_the_bound(void **state)
{
    struct fixture *fixture = *state;
    const size_t size_bytes_max = ENTRY_COUNT * ENTRY_SIZE;
    /* The other worker is in one long turn. */
    for (uint64_t i = 0; i < 10000; i++) {
        struct trust_entry *entry = let_in(fixture, i, NOW + 1);
        assert_true(trust_cache_lease_holds(fixture->cache, entry, NOW + 1)); /* kept or not */
        trust_entry_release(entry);
        reclaim_quiet(fixture->user.member);
        assert_within(fixture, ENTRY_COUNT, size_bytes_max);
    }
    assert_true(counted(fixture, TRUST_CACHE_REJECTED_FULL) > 8000);
    assert_true(reclaim_waiting_count(fixture->user.member) <= ENTRY_COUNT);
    turn(fixture);
    assert_int_equal(reclaim_waiting_count(fixture->user.member), 0);
    let_in_and_forget(fixture, 20000, NOW + 2);
    assert_non_null(find(fixture, 20000, NOW + 2));
}

static void an_entry_that_is_too_large_is_its_connections_alone(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    free(judgement.identity);
    judgement.identity = make_identity(ENTRY_COUNT * ENTRY_SIZE / 16);
    struct trust_entry *entry = insert(fixture, &judgement);
    assert_ptr_equal(entry->identity, judgement.identity);
    assert_true(trust_cache_lease_holds(fixture->cache, entry, NOW));
    assert_null(find(fixture, 1, NOW));
    assert_int_equal(counted(fixture, TRUST_CACHE_REJECTED_LARGE), 1);
    assert_int_equal(trust_cache_usage(fixture->cache).size_bytes, 0);
    trust_entry_release(entry);
}

static void identities_in_use_stay_while_others_come_and_go(void **state)
{
    enum { USED_COUNT = 32 };
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < USED_COUNT; i++) {
        let_in_and_forget(fixture, i, NOW);
    }
    for (int64_t second = 1; second <= 100; second++) {
        for (uint64_t i = 0; i < USED_COUNT; i++) {
            assert_non_null(find(fixture, i, NOW + second));
        }
        for (uint64_t i = 0; i < 100; i++) {
            let_in_and_forget(fixture, 1000 + (uint64_t)second * 100 + i, NOW + second);
            turn(fixture);
        }
    }
    assert_true(counted(fixture, TRUST_CACHE_EVICTED) > 8000);
}

static void a_worker_whose_time_is_a_little_old_does_not_push_out_the_newest(void **state)
{
    enum { NEW_COUNT = 32 };
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < ENTRY_COUNT; i++) {
        let_in_and_forget(fixture, 1000 + i, NOW);
        turn(fixture);
    }
    for (uint64_t i = 0; i < NEW_COUNT; i++) {
        let_in_and_forget(fixture, i, NOW + 100);
        turn(fixture);
    }
    for (uint64_t i = 0; i < ENTRY_COUNT / 4; i++) {
        let_in_and_forget(fixture, 10000 + i, NOW + 99);
        turn(fixture);
    }
    for (uint64_t i = 0; i < NEW_COUNT; i++) {
        assert_non_null(find(fixture, i, NOW + 100));
    }
}

static size_t count_kept(struct fixture *fixture, uint64_t count, int64_t now_seconds)
{
    size_t kept_count = 0;
    for (uint64_t i = 0; i < count; i++) {
        kept_count += find(fixture, i, now_seconds) != NULL;
    }
    return kept_count;
}

static void leases_that_have_ended_are_pushed_out_first(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < ENTRY_COUNT / 2; i++) {
        let_in_and_forget(fixture, i, NOW);
    }
    for (uint64_t i = 0; i < ENTRY_COUNT / 2; i++) { /* younger, but their leases are short */
        struct trust_judgement judgement = judgement_of(fixture, 10000 + i, NOW + 10);
        judgement.age_seconds_max = 1;
        trust_entry_release(insert(fixture, &judgement));
        turn(fixture);
    }
    size_t kept_before = count_kept(fixture, ENTRY_COUNT / 2, NOW + 11);
    for (uint64_t i = 0; i < ENTRY_COUNT / 4; i++) {
        let_in_and_forget(fixture, 20000 + i, NOW + 20);
        turn(fixture);
    }
    size_t kept_after = count_kept(fixture, ENTRY_COUNT / 2, NOW + 20);
    assert_true(kept_before > ENTRY_COUNT / 4);
    /* A bucket that is full of them has nothing staler. */
    assert_true(kept_after >= kept_before - ENTRY_COUNT / 64);
}

static void a_million_refusals_neither_push_out_identities_nor_take_room(void **state)
{
    enum { GOOD_COUNT = 500 };
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < GOOD_COUNT; i++) {
        let_in_and_forget(fixture, i, NOW);
    }
    turn(fixture); /* a few were pushed out where a bucket was full */
    size_t kept_before = count_kept(fixture, GOOD_COUNT, NOW);
    uint64_t evicted_before = counted(fixture, TRUST_CACHE_EVICTED);
    size_t size_bytes = trust_cache_usage(fixture->cache).size_bytes;
    for (uint64_t i = 0; i < 1000000; i++) {
        struct trust_judgement judgement = {
            .key = key_of(1000000 + i, 1),
            .verdict = verdict_for(VERDICT_UNABLE_TO_GET_LOCAL_ISSUER),
            .judged_at_seconds = NOW + (int64_t)(i / 10000),
            .age_seconds_max = AGE_SECONDS,
            .revision = trust_cache_revision(fixture->cache),
        };
        trust_entry_release(insert(fixture, &judgement));
        if (i % 4 == 3) {
            turn(fixture);
            assert_within(fixture, ENTRY_COUNT, ENTRY_COUNT * ENTRY_SIZE);
        }
    }
    assert_int_equal(counted(fixture, TRUST_CACHE_EVICTED), evicted_before);
    assert_int_equal(trust_cache_usage(fixture->cache).size_bytes, size_bytes);
    assert_int_equal(count_kept(fixture, GOOD_COUNT, NOW + 100), kept_before);
    assert_true(kept_before >= GOOD_COUNT * 9 / 10);
}

static void an_entry_of_its_own_is_made_and_given_up_without_the_cache(void **state)
{
    struct fixture *fixture = *state;
    struct trust_judgement judgement = judgement_of(fixture, 1, NOW);
    struct trust_entry *entry;
    assert_true(result_is_ok(trust_entry_create(&judgement, &entry)));
    assert_true(trust_cache_lease_holds(fixture->cache, entry, NOW));
    trust_entry_acquire(entry);
    trust_entry_release(entry);
    assert_null(find(fixture, 1, NOW));
    trust_entry_release(entry);
    trust_entry_release(NULL);
    trust_cache_destroy(NULL);
}

static void entries_that_are_held_outlive_the_cache(void **state)
{
    struct fixture *fixture = start(TRUST_CACHE_COUNT_MIN, 1000000);
    (void)state;
    struct trust_entry *entry = let_in(fixture, 1, NOW);
    let_in_and_forget(fixture, 2, NOW);
    stop(fixture);
    assert_int_equal(entry->identity->size_bytes, IDENTITY_SIZE);
    trust_entry_release(entry);
}

static void every_counter_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (enum trust_cache_counter i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        assert_non_null(trust_cache_counter_help(i));
        for (enum trust_cache_counter j = 0; j < i; j++) {
            assert_string_not_equal(trust_cache_counter_word(i), trust_cache_counter_word(j));
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_let_in_is_found_with_its_identity),
        TEST(what_was_never_judged_is_a_miss),
        TEST(a_verdict_of_another_policy_is_a_miss),
        TEST(a_lease_ends_after_the_maximum_age),
        TEST(a_lease_ends_with_the_first_certificate_that_expires),
        TEST(a_clock_that_jumps_either_way_ends_the_lease),
        TEST(the_greatest_age_does_not_overflow),
        TEST(a_lease_that_ends_at_once_is_not_kept),
        TEST(a_refusal_is_remembered_briefly_and_without_the_identity),
        TEST(a_refusal_ends_the_lease_of_the_same_chain),
        TEST(a_refusal_after_the_lease_has_ended_troubles_nobody_else),
        TEST(a_chain_let_in_after_its_refusal_is_refused_no_more),
        TEST(a_newer_judgement_replaces_an_older_one),
        TEST(an_ended_lease_is_replaced_even_by_a_clock_that_went_back),
        TEST(the_second_to_judge_the_same_chain_gets_the_entry_of_the_first),
        TEST(a_replaced_entry_lives_as_long_as_it_is_held),
        TEST(a_replaced_entry_lives_until_every_worker_was_quiet),
        TEST(a_sleeping_worker_holds_nothing_back),
        TEST(a_handle_taken_from_a_found_entry_outlives_its_removal),
        TEST(a_removal_ends_the_lease_of_its_key_only),
        TEST(a_removal_ends_the_lease_of_every_entry_it_cannot_find),
        TEST(a_judgement_from_before_a_removal_is_not_kept),
        TEST(a_policy_that_is_gone_takes_its_entries_with_it),
        cmocka_unit_test(more_chains_than_slots_push_out_the_oldest),
        cmocka_unit_test(bytes_are_bounded_as_well_as_entries),
        TEST(what_is_not_free_yet_counts_against_the_bound),
        TEST(an_entry_that_is_too_large_is_its_connections_alone),
        TEST(identities_in_use_stay_while_others_come_and_go),
        TEST(a_worker_whose_time_is_a_little_old_does_not_push_out_the_newest),
        TEST(leases_that_have_ended_are_pushed_out_first),
        TEST(a_million_refusals_neither_push_out_identities_nor_take_room),
        TEST(an_entry_of_its_own_is_made_and_given_up_without_the_cache),
        cmocka_unit_test(entries_that_are_held_outlive_the_cache),
        cmocka_unit_test(every_counter_has_a_word_of_its_own),
    };
    return cmocka_run_group_tests_name("trust_cache", tests, NULL, NULL);
}
