/* When retired objects are destroyed: not before every member has passed a quiet point or sleeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "base/reclaim.h"

#define MEMBER_COUNT 3

struct object {
    struct reclaim_node node;
    uint32_t number;
    struct object *follower;       /* retired by the destruction of this one */
    struct reclaim_member *member; /* with which */
};

struct fixture {
    struct reclaim *reclaim;
    struct reclaim_member *members[MEMBER_COUNT];
};

static uint32_t destroyed[4096];
static size_t destroyed_count;

static void on_destroy(struct reclaim_node *node)
{
    struct object *object = LIST_OWNER(node, struct object, node);
    destroyed[destroyed_count++] = object->number;
    if (object->follower != NULL) {
        reclaim_retire(object->member, &object->follower->node, on_destroy);
    }
}

static void retire(struct reclaim_member *member, struct object *object)
{
    reclaim_retire(member, &object->node, on_destroy);
}

/* All members awake. */
static int set_up(void **state)
{
    static struct fixture fixture;
    destroyed_count = 0;
    if (!result_is_ok(reclaim_create(MEMBER_COUNT, &fixture.reclaim))) {
        return -1;
    }
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        fixture.members[i] = reclaim_join(fixture.reclaim);
        reclaim_wake(fixture.members[i]);
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    reclaim_destroy(fixture->reclaim);
    return 0;
}

static void let_all_sleep(struct fixture *fixture)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        reclaim_sleep(fixture->members[i]);
    }
}

static void an_object_waits_for_a_quiet_point_of_every_member(void **state)
{
    struct fixture *fixture = *state;
    struct object object = {.number = 7};
    retire(fixture->members[0], &object);
    reclaim_quiet(fixture->members[0]);
    reclaim_quiet(fixture->members[1]);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 0);
    assert_int_equal(reclaim_waiting_count(fixture->members[0]), 1);
    reclaim_quiet(fixture->members[2]);
    assert_int_equal(destroyed_count, 0); /* it is not member 2 who destroys it */
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    assert_int_equal(destroyed[0], 7);
    assert_int_equal(reclaim_waiting_count(fixture->members[0]), 0);
    let_all_sleep(fixture);
}

static void a_quiet_point_before_the_retirement_does_not_count(void **state)
{
    struct fixture *fixture = *state;
    struct object object = {0};
    reclaim_quiet(fixture->members[1]);
    reclaim_quiet(fixture->members[2]);
    retire(fixture->members[0], &object);
    reclaim_quiet(fixture->members[0]);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 0);
    let_all_sleep(fixture);
    reclaim_wake(fixture->members[0]);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    reclaim_sleep(fixture->members[0]);
}

static void a_sleeping_member_is_not_waited_for(void **state)
{
    struct fixture *fixture = *state;
    struct object object = {0};
    reclaim_sleep(fixture->members[1]);
    reclaim_sleep(fixture->members[2]);
    retire(fixture->members[0], &object);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    reclaim_sleep(fixture->members[0]);
}

static void a_member_that_woke_before_the_retirement_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    struct object object = {0};
    reclaim_sleep(fixture->members[1]);
    reclaim_sleep(fixture->members[2]);
    reclaim_wake(fixture->members[2]);
    retire(fixture->members[0], &object);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 0);
    reclaim_quiet(fixture->members[2]);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    reclaim_sleep(fixture->members[0]);
    reclaim_sleep(fixture->members[2]);
}

static void a_member_that_wakes_after_the_retirement_holds_nothing_back(void **state)
{
    struct fixture *fixture = *state;
    struct object object = {0};
    reclaim_sleep(fixture->members[1]);
    reclaim_sleep(fixture->members[2]);
    retire(fixture->members[0], &object);
    reclaim_wake(fixture->members[1]); /* cannot have found it */
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    reclaim_sleep(fixture->members[0]);
    reclaim_sleep(fixture->members[1]);
}

static void what_a_sleeper_retired_waits_for_it_or_is_destroyed_as_it_falls_asleep(void **state)
{
    struct fixture *fixture = *state;
    struct object early = {.number = 1};
    struct object late = {.number = 2};
    retire(fixture->members[0], &early);
    reclaim_quiet(fixture->members[1]);
    reclaim_quiet(fixture->members[2]);
    retire(fixture->members[0], &late);
    reclaim_sleep(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    assert_int_equal(destroyed[0], 1);
    reclaim_quiet(fixture->members[1]);
    reclaim_quiet(fixture->members[2]);
    assert_int_equal(destroyed_count, 1);
    assert_int_equal(reclaim_waiting_count(fixture->members[0]), 1);
    reclaim_wake(fixture->members[0]);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 2);
    let_all_sleep(fixture);
}

static void objects_are_destroyed_in_the_order_of_their_retirement(void **state)
{
    struct fixture *fixture = *state;
    struct object objects[5] = {
        {.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    for (size_t i = 0; i < 5; i++) {
        retire(fixture->members[0], &objects[i]);
        if (i == 2) { /* what the others have seen ends here */
            reclaim_quiet(fixture->members[1]);
            reclaim_quiet(fixture->members[2]);
        }
    }
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 3);
    let_all_sleep(fixture);
    reclaim_wake(fixture->members[0]);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(destroyed[i], i);
    }
    reclaim_sleep(fixture->members[0]);
}

static void one_quiet_point_destroys_a_bounded_number(void **state)
{
    static struct object objects[RECLAIM_DESTROYED_COUNT_MAX + 10];
    struct fixture *fixture = *state;
    reclaim_sleep(fixture->members[1]);
    reclaim_sleep(fixture->members[2]);
    for (size_t i = 0; i < RECLAIM_DESTROYED_COUNT_MAX + 10; i++) {
        retire(fixture->members[0], &objects[i]);
    }
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, RECLAIM_DESTROYED_COUNT_MAX);
    assert_int_equal(reclaim_waiting_count(fixture->members[0]), 10);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, RECLAIM_DESTROYED_COUNT_MAX + 10);
    reclaim_sleep(fixture->members[0]);
}

static void an_object_may_be_used_and_retired_again_by_its_destruction(void **state)
{
    struct fixture *fixture = *state;
    struct object object = {.member = fixture->members[0]};
    object.follower = &object;
    reclaim_sleep(fixture->members[1]);
    reclaim_sleep(fixture->members[2]);
    retire(fixture->members[0], &object);
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 1);
    object.follower = NULL;
    reclaim_quiet(fixture->members[0]);
    assert_int_equal(destroyed_count, 2);
    assert_int_equal(reclaim_waiting_count(fixture->members[0]), 0);
    reclaim_sleep(fixture->members[0]);
}

static void the_end_destroys_what_is_left_and_what_that_retires(void **state)
{
    struct reclaim *reclaim;
    struct reclaim_member *members[2];
    struct object follower = {.number = 2};
    struct object object = {.number = 1, .follower = &follower};
    (void)state;
    destroyed_count = 0;
    assert_true(result_is_ok(reclaim_create(2, &reclaim)));
    members[0] = reclaim_join(reclaim);
    members[1] = reclaim_join(reclaim);
    object.member = members[0];
    reclaim_wake(members[0]);
    reclaim_wake(members[1]);
    retire(members[1], &object);
    reclaim_sleep(members[1]); /* member 0 is awake: it stays */
    reclaim_sleep(members[0]);
    assert_int_equal(destroyed_count, 0);
    reclaim_destroy(reclaim);
    assert_int_equal(destroyed_count, 2);
}

static void no_more_members_join_than_there_is_room_for(void **state)
{
    struct fixture *fixture = *state;
    struct reclaim *empty;
    assert_null(reclaim_join(fixture->reclaim));
    assert_null(reclaim_join(fixture->reclaim));
    let_all_sleep(fixture);
    assert_null(reclaim_join(fixture->reclaim)); /* a sleeping member is still one */
    assert_true(result_is_ok(reclaim_create(1, &empty)));
    reclaim_destroy(empty);
    reclaim_destroy(NULL);
}

static void a_member_that_never_woke_is_not_waited_for(void **state)
{
    struct reclaim *reclaim;
    struct object object = {0};
    (void)state;
    destroyed_count = 0;
    assert_true(result_is_ok(reclaim_create(MEMBER_COUNT, &reclaim)));
    struct reclaim_member *member = reclaim_join(reclaim);
    (void)reclaim_join(reclaim);
    reclaim_wake(member);
    retire(member, &object);
    reclaim_quiet(member);
    assert_int_equal(destroyed_count, 1);
    reclaim_sleep(member);
    reclaim_destroy(reclaim);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_object_waits_for_a_quiet_point_of_every_member),
        TEST(a_quiet_point_before_the_retirement_does_not_count),
        TEST(a_sleeping_member_is_not_waited_for),
        TEST(a_member_that_woke_before_the_retirement_is_waited_for),
        TEST(a_member_that_wakes_after_the_retirement_holds_nothing_back),
        TEST(what_a_sleeper_retired_waits_for_it_or_is_destroyed_as_it_falls_asleep),
        TEST(objects_are_destroyed_in_the_order_of_their_retirement),
        TEST(one_quiet_point_destroys_a_bounded_number),
        TEST(an_object_may_be_used_and_retired_again_by_its_destruction),
        cmocka_unit_test(the_end_destroys_what_is_left_and_what_that_retires),
        TEST(no_more_members_join_than_there_is_room_for),
        cmocka_unit_test(a_member_that_never_woke_is_not_waited_for),
    };
    return cmocka_run_group_tests_name("reclaim", tests, NULL, NULL);
}
