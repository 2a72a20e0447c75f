/* Generations are kept as long as somebody uses them: what they trust first given up, then the
 * rest. */
#include "control/generations.h"

#include "control/generation_builder.h"
#include "control_fixture.h"

static struct generation *build(void)
{
    struct diagnostics diagnostics;
    struct generation *generation = NULL;
    diagnostics_init(&diagnostics);
    fixture_write("edge.ini", FIXTURE_WHOLE);
    assert_true(result_is_ok(generation_builder_build("edge.ini", &diagnostics, &generation)));
    diagnostics_deinit(&diagnostics);
    return generation;
}

/* As many workers as that. */
static struct generation *build_used(uint32_t worker_count)
{
    struct generation *generation = build();
    atomic_store(&generation->users->trust_count, worker_count);
    atomic_store(&generation->users->count, worker_count);
    return generation;
}

static bool has_trust(const struct generation *generation)
{
    return generation->trust_policies != NULL && generation->tls_credentials != NULL;
}

static void what_is_current_is_never_collected(void **state)
{
    struct generations generations;
    (void)state;
    generations_init(&generations);
    assert_false(generations_collect(&generations));
    generations_replace(&generations, build_used(0));
    assert_false(generations_collect(&generations));
    assert_true(has_trust(generations.current));
    generations_deinit(&generations);
}

static void a_former_one_that_nobody_uses_is_freed(void **state)
{
    struct generations generations;
    (void)state;
    generations_init(&generations);
    generations_replace(&generations, build_used(0));
    generations_replace(&generations, build_used(2));
    assert_false(list_is_empty(&generations.former));
    assert_false(generations_collect(&generations));
    assert_true(list_is_empty(&generations.former));
    generations_deinit(&generations);
}

static void trust_goes_with_the_last_worker_that_needs_it(void **state)
{
    struct generations generations;
    struct generation *former = build_used(2);
    (void)state;
    generations_init(&generations);
    generations_replace(&generations, former);
    generations_replace(&generations, build_used(2));
    assert_true(generations_collect(&generations));
    atomic_store(&former->users->trust_count, 1);
    assert_true(generations_collect(&generations));
    assert_true(has_trust(former));
    atomic_store(&former->users->trust_count, 0);
    for (int turn = 0; turn < 2; turn++) {
        assert_true(generations_collect(&generations));
        assert_null(former->trust_policies);
        assert_null(former->tls_credentials);
        assert_non_null(former->config);
        assert_non_null(former->backends);
    }
    atomic_store(&former->users->count, 0);
    assert_false(generations_collect(&generations));
    generations_deinit(&generations);
}

/* An old tunnel keeps the first; all between are gone. */
static void one_that_is_used_keeps_no_other(void **state)
{
    struct generations generations;
    struct generation *first = build_used(1);
    (void)state;
    generations_init(&generations);
    generations_replace(&generations, first);
    for (int turn = 0; turn < 5; turn++) {
        generations_replace(&generations, build_used(0));
        assert_true(generations_collect(&generations));
    }
    assert_ptr_equal(generations.former.next, &first->place);
    assert_ptr_equal(generations.former.previous, &first->place);
    generations_deinit(&generations);
}

static void ticket_keys_are_wiped_with_the_trust(void **state)
{
    static const struct ticket_key none;
    struct generation *generation = build();
    (void)state;
    memset(generation->ticket_keys, 7, sizeof(generation->ticket_keys));
    generation_builder_end_trust(generation);
    for (size_t i = 0; i < TICKET_KEY_COUNT_MAX; i++) {
        assert_memory_equal(&generation->ticket_keys[i], &none, sizeof(none));
    }
    generation_builder_end_trust(generation);
    generation_builder_destroy(generation);
}

static void without_any_there_is_nothing_to_free(void **state)
{
    struct generations generations;
    (void)state;
    generations_init(&generations);
    generations_replace(&generations, NULL);
    generations_deinit(&generations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_current_is_never_collected),
        cmocka_unit_test(a_former_one_that_nobody_uses_is_freed),
        cmocka_unit_test(trust_goes_with_the_last_worker_that_needs_it),
        cmocka_unit_test(one_that_is_used_keeps_no_other),
        cmocka_unit_test(ticket_keys_are_wiped_with_the_trust),
        cmocka_unit_test(without_any_there_is_nothing_to_free),
    };
    return cmocka_run_group_tests_name("generations", tests, fixture_make, fixture_remove);
}
