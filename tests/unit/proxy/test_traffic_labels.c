/* Labels of traffic: one for a name however often it comes, pairs that are taken apart again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config_limits.h"
#include "proxy/traffic_labels.h"

static struct traffic_labels labels;

static int forget(void **state)
{
    (void)state;
    memset(&labels, 0, sizeof(labels));
    return 0;
}

static size_t add(char *listener_name, char *backend_name)
{
    struct config_ssl_profile profile = {.name = "devices"};
    struct config_backend backend = {.name = backend_name};
    struct config_listener listener = {
        .name = listener_name, .backend = &backend, .ssl_profile = &profile};
    struct config config = {.listeners = &listener,
                            .listener_count = 1,
                            .ssl_profiles = &profile,
                            .ssl_profile_count = 1};
    traffic_labels_add(&labels, &config);
    return traffic_labels_find_route(&labels, &listener);
}

static void expect_route(size_t number, const char *listener, const char *backend)
{
    struct traffic_route_name name = traffic_labels_route(&labels, number);
    assert_true(bytes_equal(name.listener, bytes_from_string(listener)));
    assert_true(bytes_equal(name.backend, bytes_from_string(backend)));
}

static void a_listener_with_another_backend_is_another_route(void **state)
{
    (void)state;
    size_t first = add("edge", "app");
    size_t second = add("edge", "other-app");
    assert_int_equal(add("edge", "app"), first);
    assert_int_not_equal(first, second);
    assert_int_equal(label_table_count(&labels.listeners), 1);
    assert_int_equal(label_table_count(&labels.routes), 2);
    expect_route(first, "edge", "app");
    expect_route(second, "edge", "other-app");
}

static void names_cannot_be_confused_where_they_meet(void **state)
{
    (void)state;
    size_t first = add("edge.a", "b");
    size_t second = add("edge", "a.b");
    assert_int_not_equal(first, second);
    expect_route(first, "edge.a", "b");
    expect_route(second, "edge", "a.b");
}

static void the_longest_names_have_room(void **state)
{
    char listener[CONFIG_NAME_BYTES_MAX + 1];
    char backend[CONFIG_NAME_BYTES_MAX + 1];
    (void)state;
    memset(listener, 'l', CONFIG_NAME_BYTES_MAX);
    memset(backend, 'b', CONFIG_NAME_BYTES_MAX);
    listener[CONFIG_NAME_BYTES_MAX] = backend[CONFIG_NAME_BYTES_MAX] = '\0';
    expect_route(add(listener, backend), listener, backend);
}

static void routes_without_room_are_others(void **state)
{
    char name[20];
    (void)state;
    for (size_t i = 0; i < LABEL_OTHER; i++) {
        (void)snprintf(name, sizeof(name), "l%zu", i);
        assert_int_equal(add(name, "app"), i);
    }
    assert_int_equal(add("one-more", "app"), LABEL_OTHER);
    expect_route(LABEL_OTHER, "other", "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_listener_with_another_backend_is_another_route, forget),
        cmocka_unit_test_setup(names_cannot_be_confused_where_they_meet, forget),
        cmocka_unit_test_setup(the_longest_names_have_room, forget),
        cmocka_unit_test_setup(routes_without_room_are_others, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
