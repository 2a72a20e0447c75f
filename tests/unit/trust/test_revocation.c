/* From what is known of each certificate to a verdict: every way in and every way out. */
#include "revocation_fixture.h"

static void a_profile_without_revocation_asks_nothing(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_REVOKED);
    world->policy->revocation = CONFIG_REVOCATION_NONE;
    assert_false(revocation_is_wanted(world->policy));
    expect_in(world, INT64_MAX);
    assert_int_equal(world->outcome.id_count, 0);
    assert_int_equal(world->look_count, 0);
}

static void a_root_alone_has_nobody_to_revoke_it(void **state)
{
    struct world *world = *state;
    world->path.certificates[0] = world->path.certificates[ROOT];
    world->path.count = 1;
    expect_in(world, INT64_MAX);
    world->path.count = 0; /* no path was sought */
    expect_in(world, INT64_MAX);
    assert_int_equal(world->look_count, 0);
}

static void good_is_in_until_next_update(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_GOOD);
    expect_in(world, NEXT_UPDATE);
    assert_int_equal(world->outcome.id_count, 1);
    assert_true(ocsp_id_equal(&world->outcome.ids[0], &world->ids[LEAF]));
    judge_at(world, NEXT_UPDATE - 1, false);
    assert_in_until(world, NEXT_UPDATE);
    judge_at(world, NEXT_UPDATE, false);
    assert_asked(world, 1, true);
}

static void good_is_in_for_the_maximum_age_at_most(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_GOOD);
    world->policy->ocsp_manner.max_age_ms = 60000;
    expect_in(world, NOW - 50 + 60);
    world->policy->ocsp_manner.max_age_ms = 50000; /* it has just passed */
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
}

static void good_is_in_no_longer_than_its_signer(void **state)
{
    struct world *world = *state;
    know(world, LEAF, OCSP_GOOD)->answer.signer_until_seconds = NOW + 5;
    expect_in(world, NOW + 5);
    judge_at(world, NOW + 5, false);
    assert_asked(world, 1, true);
}

static void good_without_next_update_is_in_for_an_hour(void **state)
{
    struct world *world = *state;
    know(world, LEAF, OCSP_GOOD)->answer.next_update_seconds = 0;
    expect_in(world, NOW - 50 + OCSP_LIFE_SECONDS_DEFAULT);
}

static void revoked_is_out_and_named_by_its_place(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_REVOKED);
    expect_out(world, VERDICT_REVOKED, NEXT_UPDATE);
    assert_int_equal(world->verdict.depth, LEAF);
    assert_int_equal(world->verdict.presented_index, 0);
    world->policy->allows_ocsp_failure = true;
    expect_out(world, VERDICT_REVOKED, NEXT_UPDATE);
}

static void unknown_is_out_until_it_may_be_asked_for_again(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_UNKNOWN);
    world->policy->allows_ocsp_failure = true; /* an answer is no failure */
    expect_out(world, VERDICT_REVOCATION_UNKNOWN, NOW + 7);
}

static void unknown_is_asked_for_again_when_its_time_is_over(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_UNKNOWN);
    judge_at(world, NOW + 7, false);
    assert_asked(world, 1, true);
    judge_at(world, NOW + 7, true); /* it was, and nobody has answered */
    assert_out_until(world, VERDICT_REVOCATION_UNAVAILABLE, NOW + 8);
}

static void what_nobody_knows_is_asked_and_waited_for(void **state)
{
    struct world *world = *state;
    for (int allows = 0; allows <= 1; allows++) {
        world->policy->allows_ocsp_failure = allows == 1;
        judge_at(world, NOW, false);
        assert_asked(world, 1, true);
        assert_int_equal(world->outcome.asked_depths[0], LEAF);
        assert_int_equal(world->outcome.id_count, 1);
    }
}

static void what_nobody_knows_at_the_last_word_is_a_failure_for_a_moment(void **state)
{
    struct world *world = *state;
    judge_at(world, NOW, true);
    assert_out_until(world, VERDICT_REVOCATION_UNAVAILABLE, NOW + 1);
    assert_asked(world, 0, false);
    world->policy->allows_ocsp_failure = true;
    judge_at(world, NOW, true);
    assert_in_until(world, NOW + 1);
}

static void without_a_responder_the_profile_decides(void **state)
{
    struct world *world = *state;
    make_chain(world, NULL);
    expect_out(world, VERDICT_NO_OCSP_URL, NOW + MAX_AGE_SECONDS);
    world->policy->allows_ocsp_failure = true;
    expect_in(world, NOW + MAX_AGE_SECONDS);
    memcpy(world->policy->ocsp_manner.url, "http://ours/", sizeof("http://ours/"));
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
}

static void a_failure_of_moments_ago_is_not_tried_again(void **state)
{
    struct world *world = *state;
    (void)know_failure(world, LEAF, NOW - 3);
    expect_out(world, VERDICT_REVOCATION_UNAVAILABLE, NOW - 3 + RETRY_SECONDS);
    world->policy->allows_ocsp_failure = true;
    expect_in(world, NOW - 3 + RETRY_SECONDS);
}

static void a_failure_from_the_future_keeps_nobody_from_asking(void **state)
{
    struct world *world = *state;
    (void)know_failure(world, LEAF, NOW + 3600);
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
}

static void a_dead_responder_is_asked_again_while_nobody_waits(void **state)
{
    struct world *world = *state;
    (void)know_failure(world, LEAF, NOW - RETRY_SECONDS);
    judge_at(world, NOW, false);
    assert_asked(world, 1, true); /* deny: there is nothing to go by */
    world->policy->allows_ocsp_failure = true;
    judge_at(world, NOW, false);
    assert_asked(world, 1, false);
    assert_in_until(world, NOW + RETRY_SECONDS);
}

static void an_ended_answer_counts_no_more(void **state)
{
    struct world *world = *state;
    know(world, LEAF, OCSP_GOOD)->answer.next_update_seconds = NOW;
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
    fail_at(&world->states[LEAF], NOW - 3);
    expect_out(world, VERDICT_REVOCATION_UNAVAILABLE, NOW - 3 + RETRY_SECONDS);
}

static void grace_goes_on_while_the_answer_cannot_be_fetched_anew(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_GOOD);
    known->answer.next_update_seconds = NOW - 20;
    world->policy->ocsp_manner.stale_grace_ms = 25000;
    judge_at(world, NOW, false); /* nobody has tried yet */
    assert_asked(world, 1, true);
    fail_at(known, NOW - 8);
    expect_in(world, NOW + 2); /* then it is tried again */
    fail_at(known, NOW - 1);
    expect_in(world, NOW + 5); /* the grace ends before */
    judge_at(world, NOW + 5, false);
    assert_out_until(world, VERDICT_REVOCATION_UNAVAILABLE, NOW - 1 + RETRY_SECONDS);
}

static void grace_is_asked_behind_and_looked_at_every_second(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_GOOD);
    known->answer.next_update_seconds = NOW - 20;
    fail_at(known, NOW - 15);
    world->policy->ocsp_manner.stale_grace_ms = 60000;
    judge_at(world, NOW, false);
    assert_asked(world, 1, false);
    assert_in_until(world, NOW + 1);
}

static void there_is_no_grace_for_unknown(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_UNKNOWN);
    world->policy->ocsp_manner.stale_grace_ms = 60000;
    fail_at(known, NOW - RETRY_SECONDS);
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
}

static void a_revocation_does_not_pass_with_its_answer(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_REVOKED);
    known->answer.next_update_seconds = NOW - 20;
    world->policy->allows_ocsp_failure = true;
    judge_at(world, NOW, false);
    assert_asked(world, 1, true); /* it may have been lifted */
    judge_at(world, NOW, true);
    assert_out_until(world, VERDICT_REVOKED, NOW + 1);
    fail_at(known, NOW - 3);
    expect_out(world, VERDICT_REVOKED, NOW - 3 + RETRY_SECONDS);
    fail_at(known, NOW - RETRY_SECONDS); /* waits, unlike who has only a dead responder */
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
}

static void a_revocation_does_not_pass_with_its_responders_url(void **state)
{
    struct world *world = *state;
    make_chain(world, NULL);
    know(world, LEAF, OCSP_REVOKED)->answer.next_update_seconds = NOW - 20;
    world->policy->allows_ocsp_failure = true;
    expect_out(world, VERDICT_REVOKED, NOW + MAX_AGE_SECONDS);
}

static void an_answer_without_the_nonce_that_is_wanted_is_none(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_GOOD);
    world->policy->ocsp_manner.has_nonce = true;
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
    judge_at(world, NOW, true);
    assert_out_until(world, VERDICT_REVOCATION_UNAVAILABLE, NOW + 1);
    known->answer.has_nonce = true;
    expect_in(world, NEXT_UPDATE);
    known->answer.status = OCSP_REVOKED;
    known->answer.has_nonce = false;
    world->policy->allows_ocsp_failure = true;
    judge_at(world, NOW, true);
    assert_out_until(world, VERDICT_REVOKED, NOW + 1);
}

static void an_answer_from_the_future_is_none(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_GOOD);
    known->answer.this_update_seconds = NOW + OCSP_SKEW_SECONDS;
    expect_in(world, NEXT_UPDATE);
    known->answer.this_update_seconds = NOW + OCSP_SKEW_SECONDS + 1;
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
    judge_at(world, NOW, true);
    assert_out_until(world, VERDICT_REVOCATION_UNAVAILABLE, NOW + 1);
}

/* The clock went back: how long ago it came cannot be told. */
static void an_answer_that_came_in_the_future_is_none(void **state)
{
    struct world *world = *state;
    struct ocsp_state *known = know(world, LEAF, OCSP_GOOD);
    known->answer.next_update_seconds = NOW + 86400;
    known->received_at_seconds = NOW + OCSP_SKEW_SECONDS;
    expect_in(world, NOW + OCSP_SKEW_SECONDS + MAX_AGE_SECONDS);
    known->received_at_seconds = NOW + OCSP_SKEW_SECONDS + 1;
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
}

static void by_default_the_leaf_alone_is_looked_at(void **state)
{
    struct world *world = *state;
    (void)know(world, LEAF, OCSP_GOOD);
    (void)know(world, CA, OCSP_REVOKED);
    expect_in(world, NEXT_UPDATE);
    assert_int_equal(world->look_count, 1);
}

static void a_chain_is_in_until_its_first_end(void **state)
{
    struct world *world = *state;
    world->policy->checks_ocsp_of_chain = true;
    (void)know(world, LEAF, OCSP_GOOD);
    know(world, CA, OCSP_GOOD)->answer.next_update_seconds = NOW + 30;
    expect_in(world, NOW + 30);
    assert_int_equal(world->outcome.id_count, 2);
    assert_true(ocsp_id_equal(&world->outcome.ids[LEAF], &world->ids[LEAF]));
    assert_true(ocsp_id_equal(&world->outcome.ids[CA], &world->ids[CA]));
    know(world, LEAF, OCSP_GOOD)->answer.next_update_seconds = NOW + 20;
    expect_in(world, NOW + 20);
}

static void a_chain_waits_for_all_that_is_not_known(void **state)
{
    struct world *world = *state;
    world->policy->checks_ocsp_of_chain = true;
    judge_at(world, NOW, false);
    assert_asked(world, 2, true);
    assert_int_equal(world->outcome.asked_depths[0], LEAF);
    assert_int_equal(world->outcome.asked_depths[1], CA);
    (void)know(world, LEAF, OCSP_GOOD);
    judge_at(world, NOW, false);
    assert_asked(world, 1, true);
    assert_int_equal(world->outcome.asked_depths[0], CA);
}

static void a_revoked_issuer_decides_while_the_leaf_is_still_to_be_asked(void **state)
{
    struct world *world = *state;
    world->policy->checks_ocsp_of_chain = true;
    (void)know(world, CA, OCSP_REVOKED);
    judge_at(world, NOW, false);
    assert_out_until(world, VERDICT_REVOKED, NEXT_UPDATE);
    assert_asked(world, 1, false);
    assert_int_equal(world->verdict.depth, CA);
    assert_int_equal(world->verdict.presented_index, 1);
    assert_int_equal(world->outcome.id_count, 2);
}

static void a_refusal_lasts_as_long_as_its_own_reason(void **state)
{
    struct world *world = *state;
    world->policy->checks_ocsp_of_chain = true;
    know(world, LEAF, OCSP_GOOD)->answer.next_update_seconds = NOW + 2;
    (void)know(world, CA, OCSP_REVOKED);
    expect_out(world, VERDICT_REVOKED, NEXT_UPDATE);
    (void)know(world, LEAF, OCSP_REVOKED); /* the first in the path is the reason */
    expect_out(world, VERDICT_REVOKED, NEXT_UPDATE);
    assert_int_equal(world->verdict.depth, LEAF);
}

static void bytes_that_are_no_certificate_let_nobody_in(void **state)
{
    struct world *world = *state;
    world->policy->allows_ocsp_failure = true;
    world->path.certificates[LEAF] = BYTES_OF("not a certificate");
    expect_out(world, VERDICT_REVOCATION_UNAVAILABLE, 0);
    assert_int_equal(world->outcome.id_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_profile_without_revocation_asks_nothing),
        TEST(a_root_alone_has_nobody_to_revoke_it),
        TEST(good_is_in_until_next_update),
        TEST(good_is_in_for_the_maximum_age_at_most),
        TEST(good_is_in_no_longer_than_its_signer),
        TEST(good_without_next_update_is_in_for_an_hour),
        TEST(revoked_is_out_and_named_by_its_place),
        TEST(unknown_is_out_until_it_may_be_asked_for_again),
        TEST(unknown_is_asked_for_again_when_its_time_is_over),
        TEST(what_nobody_knows_is_asked_and_waited_for),
        TEST(what_nobody_knows_at_the_last_word_is_a_failure_for_a_moment),
        TEST(without_a_responder_the_profile_decides),
        TEST(a_failure_of_moments_ago_is_not_tried_again),
        TEST(a_failure_from_the_future_keeps_nobody_from_asking),
        TEST(a_dead_responder_is_asked_again_while_nobody_waits),
        TEST(an_ended_answer_counts_no_more),
        TEST(grace_goes_on_while_the_answer_cannot_be_fetched_anew),
        TEST(grace_is_asked_behind_and_looked_at_every_second),
        TEST(there_is_no_grace_for_unknown),
        TEST(a_revocation_does_not_pass_with_its_answer),
        TEST(a_revocation_does_not_pass_with_its_responders_url),
        TEST(an_answer_without_the_nonce_that_is_wanted_is_none),
        TEST(an_answer_from_the_future_is_none),
        TEST(an_answer_that_came_in_the_future_is_none),
        TEST(by_default_the_leaf_alone_is_looked_at),
        TEST(a_chain_is_in_until_its_first_end),
        TEST(a_chain_waits_for_all_that_is_not_known),
        TEST(a_revoked_issuer_decides_while_the_leaf_is_still_to_be_asked),
        TEST(a_refusal_lasts_as_long_as_its_own_reason),
        TEST(bytes_that_are_no_certificate_let_nobody_in),
    };
    return cmocka_run_group_tests_name("revocation", tests, NULL, NULL);
}
