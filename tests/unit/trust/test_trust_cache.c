/*
 * What the trust cache keeps, for how long and for whom.
 */
#include "cache_fixture.h"

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
    int64_t until_seconds = 0;
    assert_true(trust_cache_find_failure(&fixture->user, &key, NOW, &verdict, &until_seconds));
    assert_int_equal(until_seconds, NOW + TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX);
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
    for (uint64_t i = 0; i < 50; i++) { /* more refusals might not find room */
        struct trust_judgement judgement = judgement_of(fixture, i, NOW);
        judgement.key = key_of(i, i % 2 == 0 ? 1 : 2);
        if (i % 5 == 0) {
            judgement.verdict = verdict_for(VERDICT_EXPIRED);
        }
        trust_entry_release(insert(fixture, &judgement));
    }
    trust_cache_remove_policy(&fixture->user, gone_id);
    turn(fixture);
    for (uint64_t i = 0; i < 50; i++) {
        struct trust_key key = key_of(i, i % 2 == 0 ? 1 : 2);
        struct verdict verdict;
        int64_t until_seconds;
        bool is_kept = i % 2 == 0;
        assert_true((trust_cache_find(&fixture->user, &key, NOW) != NULL) ==
                    (is_kept && i % 5 != 0));
        assert_true(trust_cache_find_failure(&fixture->user, &key, NOW, &verdict, &until_seconds) ==
                    (is_kept && i % 5 == 0));
    }
    assert_int_equal(trust_cache_usage(fixture->cache).entry_count, 20);
    assert_int_equal(trust_cache_usage(fixture->cache).failure_count, 5);
}

/* A leaf of its own each, and one issuer of every fourth. */
static void what_rests_on_a_withdrawn_certificate_is_removed(void **state)
{
    struct fixture *fixture = *state;
    const struct ocsp_id issuer = {.bytes = {255}};
    const struct ocsp_id withdrawn[] = {{.bytes = {3}}, {.bytes = {5}}, issuer, {.bytes = {200}}};
    struct trust_entry *entries[20];
    for (uint8_t i = 0; i < 20; i++) {
        const struct ocsp_id certificates[] = {{.bytes = {i}}, issuer};
        struct trust_judgement judgement = judgement_of(fixture, i, NOW);
        judgement.certificates = certificates;
        judgement.certificate_count = i % 4 == 0 ? 2 : 1;
        entries[i] = insert(fixture, &judgement);
    }
    trust_cache_remove_certificates(&fixture->user, withdrawn, 4);
    for (uint64_t i = 0; i < 20; i++) {
        bool is_out = i == 3 || i == 5 || i % 4 == 0;
        struct trust_key key = key_of(i, 1);
        assert_true((trust_cache_find(&fixture->user, &key, NOW) == NULL) == is_out);
        assert_true(trust_cache_lease_holds(fixture->cache, entries[i], NOW) != is_out);
        trust_entry_release(entries[i]);
    }
    assert_int_equal(counted(fixture, TRUST_CACHE_REMOVED), 7);
    trust_cache_remove_certificates(&fixture->user, withdrawn, 4);
    assert_int_equal(counted(fixture, TRUST_CACHE_REMOVED), 7);
}

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
        TEST(what_rests_on_a_withdrawn_certificate_is_removed),
    };
    return cmocka_run_group_tests_name("trust_cache", tests, NULL, NULL);
}
