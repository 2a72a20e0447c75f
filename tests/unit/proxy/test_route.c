/* Which listener a name belongs to, and that nobody is served by one that has not judged him. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/proxy/route.h"

enum { LISTENER_MAX = 4, NAME_MAX_COUNT = 3 };

static const struct config_ssl_profile profiles[2];

/* Listeners that share an address, with their names; a listener without names is the default. */
struct address {
    struct config_listener listeners[LISTENER_MAX];
    struct config_text names[LISTENER_MAX][NAME_MAX_COUNT];
    const struct config_listener *pointers[LISTENER_MAX];
    struct endpoint endpoint;
};

static void add_listener(struct address *address, size_t profile, const char *const *names)
{
    size_t index = address->endpoint.listener_count++;
    struct config_listener *listener = &address->listeners[index];
    listener->ssl_profile = &profiles[profile];
    listener->server_names.items = address->names[index];
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        address->names[index][i].text = names[i];
        listener->server_names.count++;
    }
    address->pointers[index] = listener;
    address->endpoint.listeners = address->pointers;
}

/* 0: api and *.example.com; 1: www and *.api.example.com; 2 (another profile): admin; 3: default or
 * none */
static struct endpoint *make_address(struct address *address, bool has_default)
{
    static const char *const first[] = {"api.example.com", "*.example.com", NULL};
    static const char *const second[] = {"www.example.com", "*.api.example.com", NULL};
    static const char *const third[] = {"admin.example.com", NULL};
    *address = (struct address){0};
    add_listener(address, 0, first);
    add_listener(address, 0, second);
    add_listener(address, 1, third);
    if (has_default) {
        add_listener(address, 1, NULL);
    }
    return &address->endpoint;
}

static void a_server_name_finds_its_listener(void **state)
{
    static const struct {
        const char *name;
        size_t listener;
    } rows[] = {
        {"api.example.com", 0},
        {"www.example.com", 1},
        {"admin.example.com", 2},
        {"other.example.com", 0},
        {"a.api.example.com", 1},
        {"example.com", 3},
        {"example.org", 3},
        {"", 3},
        {"xapi.example.com.evil.org", 3},
        {"127.0.0.1", 3},
        {"admin.example.com.x", 3},
    };
    struct address address;
    const struct endpoint *endpoint = make_address(&address, true);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ptr_equal(route_by_server_name(endpoint, bytes_from_string(rows[i].name)),
                         &address.listeners[rows[i].listener]);
    }
}

static void without_a_default_unknown_names_find_nothing(void **state)
{
    struct address address;
    const struct endpoint *endpoint = make_address(&address, false);
    (void)state;
    assert_null(route_by_server_name(endpoint, BYTES_OF("")));
    assert_null(route_by_server_name(endpoint, BYTES_OF("example.org")));
    assert_null(route_by_server_name(endpoint, BYTES_OF("*.example.org")));
    assert_non_null(route_by_server_name(endpoint, BYTES_OF("x.example.com")));
}

static void an_exact_name_wins_over_a_pattern_that_comes_first(void **state)
{
    static const char *const pattern[] = {"*.example.com", NULL};
    static const char *const exact[] = {"a.example.com", NULL};
    struct address address = {0};
    (void)state;
    add_listener(&address, 0, pattern);
    add_listener(&address, 1, exact);
    assert_ptr_equal(route_by_server_name(&address.endpoint, BYTES_OF("a.example.com")),
                     &address.listeners[1]);
    assert_ptr_equal(route_by_server_name(&address.endpoint, BYTES_OF("b.example.com")),
                     &address.listeners[0]);
}

static void a_host_moves_among_listeners_of_one_profile_only(void **state)
{
    struct address address;
    const struct endpoint *endpoint = make_address(&address, true);
    const struct config_listener *own = &address.listeners[0];
    (void)state;
    assert_ptr_equal(route_by_host(endpoint, own, BYTES_OF("api.example.com")), own);
    assert_ptr_equal(route_by_host(endpoint, own, BYTES_OF("www.example.com")),
                     &address.listeners[1]);
    assert_null(route_by_host(endpoint, own, BYTES_OF("admin.example.com")));
    /* And the other way round. */
    assert_null(route_by_host(endpoint, &address.listeners[2], BYTES_OF("api.example.com")));
    assert_null(route_by_host(endpoint, &address.listeners[3], BYTES_OF("x.example.com")));
}

static void a_host_that_nobody_names_stays_where_it_came_in(void **state)
{
    struct address address;
    const struct endpoint *endpoint = make_address(&address, true);
    (void)state;
    for (size_t i = 0; i < LISTENER_MAX; i++) {
        const struct config_listener *own = &address.listeners[i];
        assert_ptr_equal(route_by_host(endpoint, own, BYTES_OF("example.org")), own);
        assert_ptr_equal(route_by_host(endpoint, own, BYTES_OF("")), own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_name_finds_its_listener),
        cmocka_unit_test(without_a_default_unknown_names_find_nothing),
        cmocka_unit_test(an_exact_name_wins_over_a_pattern_that_comes_first),
        cmocka_unit_test(a_host_moves_among_listeners_of_one_profile_only),
        cmocka_unit_test(a_host_that_nobody_names_stays_where_it_came_in),
    };
    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
