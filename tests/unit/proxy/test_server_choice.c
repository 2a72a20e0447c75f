/*
 * Which server gets a request: turns, the least busy one, those that get none, and what a request
 * leaves behind with the server that it was given to.
 */
#include "backend_pool_fixture.h"

#include "../../../src/proxy/server_choice.h"

#define SERVER_COUNT 3
#define WORKER_COUNT 2

/* The world's servers, with accounts. */
static struct world *make_town(void)
{
    struct world *world = make_world();
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        world->items[i].health = server_health_create(WORKER_COUNT, -1);
        assert_non_null(world->items[i].health);
    }
    world->room.worker_index = 1;
    world->backend.ejection.failure_count = 3;
    return world;
}

static void free_town(struct world *world)
{
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        const struct server_health *health = world->items[i].health;
        assert_int_equal(health->under_way_count, 0);
        assert_int_equal(health->figures[0].under_way_count, 0);
        assert_int_equal(health->figures[1].under_way_count, 0);
        server_health_destroy(world->items[i].health);
        world->items[i].health = NULL;
    }
    free_world(world);
}

/* The server that a new request is given first, or -1. */
static int choose(struct world *world, struct server_claim *claim)
{
    struct server_choice choice = {0};
    const struct backend_address *address =
        server_choice_take(&choice, &world->pools[POOL_A], claim);
    return address == NULL ? -1 : (int)(address - world->items);
}

/* The same of a request that has ended since. */
static int choose_once(struct world *world)
{
    struct server_claim claim = {0};
    int server = choose(world, &claim);
    server_claim_release(&claim);
    return server;
}

static uint32_t bars(const struct world *world, size_t server)
{
    return server_health_bars(world->items[server].health);
}

/* Turns. */

static void servers_take_turns_and_a_failed_one_is_followed_by_the_next(void **state)
{
    struct world *world = make_world();
    struct server_claim claim = {0};
    (void)state;
    for (int i = 0; i < 7; i++) {
        assert_int_equal(choose_once(world), i % 3);
    }
    struct server_choice choice = {0};
    struct backend_pool *pool = &world->pools[POOL_A];
    assert_ptr_equal(server_choice_take(&choice, pool, &claim), &world->items[1]);
    assert_ptr_equal(server_choice_take(&choice, pool, &claim), &world->items[2]);
    assert_ptr_equal(server_choice_take(&choice, pool, &claim), &world->items[0]);
    assert_null(server_choice_take(&choice, pool, &claim));
    assert_int_equal(choose_once(world), 2); /* what others failed to reach takes no turn */
    struct server_choice other = {0};
    assert_ptr_equal(server_choice_take(&other, &world->pools[POOL_B], &claim), &world->items[0]);
    free_world(world);
}

static void a_retry_may_go_everywhere_but_first_to_the_others(void **state)
{
    struct world *world = make_world();
    struct server_claim claim = {0};
    struct server_choice choice = {0};
    struct backend_pool *pool = &world->pools[POOL_A];
    (void)state;
    const struct backend_address *first = server_choice_take(&choice, pool, &claim);
    server_choice_go_on_after(&choice, pool, first);
    assert_ptr_equal(server_choice_take(&choice, pool, &claim), &world->items[1]);
    assert_ptr_equal(server_choice_take(&choice, pool, &claim), &world->items[2]);
    assert_ptr_equal(server_choice_take(&choice, pool, &claim), &world->items[0]);
    assert_null(server_choice_take(&choice, pool, &claim));
    free_world(world);
}

static void a_server_that_gets_no_requests_loses_its_turn_to_all_others(void **state)
{
    struct world *world = make_town();
    (void)state;
    for (uint32_t bar = SERVER_DISABLED; bar <= SERVER_EJECTED; bar *= 2) {
        unsigned counts[SERVER_COUNT] = {0};
        world->items[1].health->bars = bar;
        for (int i = 0; i < 12; i++) {
            counts[choose_once(world)]++;
        }
        assert_int_equal(counts[0], 6);
        assert_int_equal(counts[1], 0);
        assert_int_equal(counts[2], 6);
    }
    free_town(world);
}

static void without_any_server_there_is_none_to_try(void **state)
{
    struct world *world = make_town();
    (void)state;
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        assert_false(server_choice_is_disabled(&world->pools[POOL_A]));
        world->items[i].health->bars = SERVER_DISABLED | (i == 1 ? SERVER_CHECKED_DOWN : 0);
    }
    assert_int_equal(choose_once(world), -1);
    assert_true(server_choice_is_disabled(&world->pools[POOL_A]));
    world->items[2].health->bars = 0;
    assert_int_equal(choose_once(world), 2);
    free_town(world);
}

/* The least busy one. */

static void the_least_busy_server_is_chosen_and_equals_take_turns(void **state)
{
    struct world *world = make_town();
    struct server_claim claims[7] = {{0}};
    (void)state;
    world->backend.balance = CONFIG_BALANCE_LEAST_CONNECTIONS;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(choose(world, &claims[i]), i % 3);
    }
    server_claim_release(&claims[1]);
    server_claim_release(&claims[4]);
    assert_int_equal(choose(world, &claims[1]), 1);
    assert_int_equal(choose(world, &claims[4]), 1);
    for (size_t i = 0; i < 6; i++) {
        server_claim_release(&claims[i]);
    }
    free_town(world);
}

static void what_other_workers_have_under_way_counts_too(void **state)
{
    struct world *world = make_town();
    struct server_claim other = {0};
    (void)state;
    world->backend.balance = CONFIG_BALANCE_LEAST_CONNECTIONS;
    assert_true(server_claim_take(&other, world->items[0].health, &world->backend, 0));
    for (int i = 0; i < 10; i++) {
        assert_int_not_equal(choose_once(world), 0);
    }
    server_claim_release(&other);
    free_town(world);
}

static void the_least_busy_of_those_that_get_requests(void **state)
{
    struct world *world = make_town();
    struct server_claim busy[4] = {{0}};
    (void)state;
    world->backend.balance = CONFIG_BALANCE_LEAST_CONNECTIONS;
    for (size_t i = 0; i < 4; i++) {
        assert_true(
            server_claim_take(&busy[i], world->items[1 + i / 3].health, &world->backend, 0));
    }
    world->items[0].health->bars = SERVER_CHECKED_DOWN;
    assert_int_equal(choose_once(world), 2);
    world->items[2].health->bars = SERVER_EJECTED;
    assert_int_equal(choose_once(world), 1);
    for (size_t i = 0; i < 4; i++) {
        server_claim_release(&busy[i]);
    }
    free_town(world);
}

/* A change of balance by a reload while requests are under way. */
static void only_what_was_counted_is_taken_back(void **state)
{
    struct world *world = make_town();
    struct server_claim before = {0};
    (void)state;
    assert_int_equal(choose(world, &before), 0);
    world->backend.balance = CONFIG_BALANCE_LEAST_CONNECTIONS;
    server_claim_release(&before);
    assert_int_equal(world->items[0].health->under_way_count, 0);
    free_town(world);
}

/* What came of it. */

static void failures_count_in_a_row_and_a_success_ends_it(void **state)
{
    struct world *world = make_town();
    struct server_health *health = world->items[0].health;
    struct server_claim claim = {0};
    (void)state;
    for (uint32_t i = 1; i <= 2; i++) {
        assert_true(server_claim_take(&claim, health, &world->backend, 1));
        server_claim_fail(&claim, SERVER_FAILURE_TIMEOUT);
        server_claim_fail(&claim, SERVER_FAILURE_CLOSED); /* only the first word counts */
        server_claim_succeed(&claim, 200);
        server_claim_release(&claim);
        server_claim_release(&claim); /* harmless */
        assert_int_equal(health->failures_in_row, i);
    }
    assert_int_equal(health->latest_failure, SERVER_FAILURE_TIMEOUT);
    assert_int_equal(health->figures[1].failure_counts[SERVER_FAILURE_TIMEOUT], 2);
    assert_int_equal(health->figures[1].failure_counts[SERVER_FAILURE_CLOSED], 0);
    assert_true(server_claim_take(&claim, health, &world->backend, 1));
    server_claim_count_request(&claim);
    server_claim_succeed(&claim, 503); /* 5xx is an answer, unless it is said otherwise */
    server_claim_release(&claim);
    assert_int_equal(health->failures_in_row, 0);
    assert_int_equal(health->figures[1].request_count, 1);
    world->backend.ejection.counts_5xx = true;
    assert_true(server_claim_take(&claim, health, &world->backend, 1));
    server_claim_succeed(&claim, 500);
    server_claim_release(&claim);
    assert_int_equal(health->failures_in_row, 1);
    assert_int_equal(health->figures[1].failure_counts[SERVER_FAILURE_STATUS], 1);
    free_town(world);
}

static void one_request_tries_an_ejected_server(void **state)
{
    struct world *world = make_town();
    struct server_claim trial = {0};
    (void)state;
    for (size_t i = 1; i < SERVER_COUNT; i++) {
        world->items[i].health->bars = SERVER_DISABLED;
    }
    world->items[0].health->bars = SERVER_EJECTED | SERVER_ON_TRIAL;
    assert_int_equal(choose(world, &trial), 0);
    assert_true(trial.is_trial);
    assert_int_equal(bars(world, 0), SERVER_EJECTED);
    assert_int_equal(choose_once(world), -1);
    server_claim_succeed(&trial, 200);
    assert_int_equal(world->items[0].health->trial, SERVER_TRIAL_GOOD);
    server_claim_release(&trial);
    assert_int_equal(world->items[0].health->trial, SERVER_TRIAL_GOOD);
    assert_int_equal(bars(world, 0), SERVER_EJECTED); /* the health thread takes it back */
    free_town(world);
}

static void the_end_of_a_trial_is_told_in_any_case(void **state)
{
    struct world *world = make_town();
    struct server_health *health = world->items[0].health;
    struct server_claim trial = {0};
    (void)state;
    health->bars = SERVER_EJECTED | SERVER_ON_TRIAL;
    assert_true(server_claim_take(&trial, health, &world->backend, 0));
    server_claim_release(&trial); /* its client has left */
    assert_int_equal(health->trial, SERVER_TRIAL_GIVEN_UP);
    health->bars = SERVER_EJECTED | SERVER_ON_TRIAL;
    assert_true(server_claim_take(&trial, health, &world->backend, 0));
    server_claim_fail(&trial, SERVER_FAILURE_CONNECT);
    server_claim_release(&trial);
    assert_int_equal(health->trial, SERVER_TRIAL_BAD);
    free_town(world);
}

static void a_server_that_is_barred_otherwise_gets_no_trial(void **state)
{
    struct world *world = make_town();
    struct server_health *health = world->items[0].health;
    struct server_claim claim = {0};
    (void)state;
    for (uint32_t bar = SERVER_DISABLED; bar <= SERVER_CHECKED_DOWN; bar *= 2) {
        health->bars = SERVER_EJECTED | SERVER_ON_TRIAL | bar;
        assert_false(server_health_is_open(health));
        assert_false(server_claim_take(&claim, health, &world->backend, 0));
        assert_int_equal(health->bars, SERVER_EJECTED | SERVER_ON_TRIAL | bar);
    }
    assert_null(claim.health);
    free_town(world);
}

static void a_server_without_account_is_always_given(void **state)
{
    struct config_backend backend = {0};
    struct server_claim claim = {0};
    (void)state;
    assert_true(server_claim_take(&claim, NULL, &backend, 7));
    server_claim_count_request(&claim);
    server_claim_fail(&claim, SERVER_FAILURE_CONNECT);
    server_claim_succeed(&claim, 200);
    server_claim_release(&claim);
    assert_true(server_claim_take(&claim, NULL, &backend, 7));
}

static void every_failure_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < SERVER_FAILURE_COUNT; i++) {
        assert_true(strlen(server_health_failure_text((enum server_failure)i)) > 10);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(server_health_failure_word((enum server_failure)i),
                                    server_health_failure_word((enum server_failure)j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_take_turns_and_a_failed_one_is_followed_by_the_next),
        cmocka_unit_test(a_retry_may_go_everywhere_but_first_to_the_others),
        cmocka_unit_test(a_server_that_gets_no_requests_loses_its_turn_to_all_others),
        cmocka_unit_test(without_any_server_there_is_none_to_try),
        cmocka_unit_test(the_least_busy_server_is_chosen_and_equals_take_turns),
        cmocka_unit_test(what_other_workers_have_under_way_counts_too),
        cmocka_unit_test(the_least_busy_of_those_that_get_requests),
        cmocka_unit_test(only_what_was_counted_is_taken_back),
        cmocka_unit_test(failures_count_in_a_row_and_a_success_ends_it),
        cmocka_unit_test(one_request_tries_an_ejected_server),
        cmocka_unit_test(the_end_of_a_trial_is_told_in_any_case),
        cmocka_unit_test(a_server_that_is_barred_otherwise_gets_no_trial),
        cmocka_unit_test(a_server_without_account_is_always_given),
        cmocka_unit_test(every_failure_has_a_word_of_its_own),
    };
    return cmocka_run_group_tests_name("server_choice", tests, NULL, NULL);
}
