/*
 * What the trust cache pushes out when it is full, and what it refuses to keep.
 */
#include "cache_fixture.h"

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
    /* So few of a second that they do not fill a bucket. */
    for (int64_t second = 1; second <= 200; second++) {
        for (uint64_t i = 0; i < USED_COUNT; i++) {
            assert_non_null(find(fixture, i, NOW + second));
        }
        for (uint64_t i = 0; i < 50; i++) {
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
    /* So few that they do not fill a bucket: there, the first of those in use would go. */
    for (uint64_t i = 0; i < ENTRY_COUNT / 16; i++) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    return cmocka_run_group_tests_name("trust_cache_bounds", tests, NULL, NULL);
}
