/* In which manner a certificate is fetched anew when the profiles have changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/ocsp/manner_list.h"

#define COUNT 4

/* By place: the certificates' own responders twice, then one of ours twice. */
static struct ocsp_manner manners[COUNT];
static struct manner_list *list;

static int set_up(void **state)
{
    const struct ocsp_manner *all[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        manners[i] =
            (struct ocsp_manner){.timeout_ms = 1000 + (uint32_t)i, .has_nonce = i % 2 == 1};
        (void)strcpy(manners[i].url, i < 2 ? "" : "http://ours.test/");
        all[i] = &manners[i];
    }
    assert_true(result_is_ok(manner_list_create(all, COUNT, &list)));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    manner_list_destroy(list);
    manner_list_destroy(NULL);
    return 0;
}

static void expect(const struct ocsp_manner *former, size_t index)
{
    assert_ptr_equal(manner_list_find(list, former), &list->items[index]);
}

static void the_same_manner_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        expect(&manners[i], i);
        assert_int_equal(list->items[i].timeout_ms, manners[i].timeout_ms);
    }
}

static void a_manner_that_has_changed_is_found_by_its_responder(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct ocsp_manner former = manners[i];
        former.timeout_ms = 7;
        former.is_get = true;
        expect(&former, i);
    }
}

static void times_that_differ_weigh_less_than_a_nonce(void **state)
{
    (void)state;
    struct ocsp_manner former = manners[2];
    former.has_nonce = true; /* all else is as without */
    expect(&former, 3);
}

static void another_responder_is_no_substitute(void **state)
{
    (void)state;
    struct ocsp_manner former = manners[3];
    (void)strcpy(former.url, "http://ours.test/2");
    assert_null(manner_list_find(list, &former));
    (void)strcpy(former.url, "http://ours.test");
    assert_null(manner_list_find(list, &former));
}

static void an_empty_list_has_none(void **state)
{
    (void)state;
    struct manner_list *empty;
    assert_true(result_is_ok(manner_list_create(NULL, 0, &empty)));
    assert_null(manner_list_find(empty, &manners[0]));
    manner_list_destroy(empty);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_manner_is_found),
        TEST(a_manner_that_has_changed_is_found_by_its_responder),
        TEST(times_that_differ_weigh_less_than_a_nonce),
        TEST(another_responder_is_no_substitute),
        TEST(an_empty_list_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
