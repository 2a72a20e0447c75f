/* The intrusive list: order, and nodes that are in none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

struct item {
    int number;
    struct list place;
};

static int take_number(struct list *head)
{
    return LIST_OWNER(list_take_first(head), struct item, place)->number;
}

static void items_come_out_in_the_order_of_their_places(void **state)
{
    struct list head;
    struct item items[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};
    (void)state;
    list_init(&head);
    list_add_last(&head, &items[1].place);
    list_add_last(&head, &items[2].place);
    list_add_first(&head, &items[0].place);
    list_add_last(&head, &items[3].place);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(take_number(&head), i);
    }
    assert_null(list_take_first(&head));
    assert_null(list_first(&head));
    assert_true(list_is_empty(&head));
}

static void a_node_knows_whether_it_is_in_a_list(void **state)
{
    struct list head;
    struct item item = {0};
    (void)state;
    list_init(&head);
    assert_false(list_holds(&item.place));
    list_add_last(&head, &item.place);
    assert_true(list_holds(&item.place));
    assert_true(list_holds(&head));
    list_remove(&item.place);
    assert_false(list_holds(&item.place));
    assert_false(list_holds(&head));
    list_init(&item.place); /* the other form of a node in no list */
    assert_false(list_holds(&item.place));
}

static void removing_twice_or_from_no_list_is_harmless(void **state)
{
    struct list head;
    struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    (void)state;
    list_init(&head);
    list_remove(&items[0].place);
    for (size_t i = 0; i < 3; i++) {
        list_add_last(&head, &items[i].place);
    }
    list_remove(&items[1].place);
    list_remove(&items[1].place);
    assert_int_equal(take_number(&head), 0);
    assert_int_equal(take_number(&head), 2);
    assert_true(list_is_empty(&head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_the_order_of_their_places),
        cmocka_unit_test(a_node_knows_whether_it_is_in_a_list),
        cmocka_unit_test(removing_twice_or_from_no_list_is_harmless),
    };
    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
