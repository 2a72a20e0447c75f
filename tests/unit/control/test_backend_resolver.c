/* Addresses of backend servers: numeric ones and names, in order, each once; and names without any.
 */
#include "../../../src/control/backend_resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "control_fixture.h"

static struct diagnostics diagnostics;
static struct backend_addresses addresses;

static int begin(void **state)
{
    (void)state;
    diagnostics_init(&diagnostics);
    return 0;
}

static int end(void **state)
{
    (void)state;
    backend_resolver_free(&addresses);
    diagnostics_deinit(&diagnostics);
    return 0;
}

static struct config_server server_at(const char *host, uint16_t port, int line)
{
    return (struct config_server){.source = {host, {"edge.ini", line}}, .host = host, .port = port};
}

static struct result resolve(struct config_server *servers, size_t count)
{
    const struct config_backend backend = {
        .name = "app", .servers = servers, .server_count = count};
    return backend_resolver_resolve(&backend, &diagnostics, &addresses);
}

static void addresses_keep_the_order_of_the_servers(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("192.0.2.2", 81, 1), server_at("192.0.2.1", 80, 2),
                                      server_at("192.0.2.2", 80, 3)};
    assert_true(result_is_ok(resolve(servers, 3)));
    assert_int_equal(addresses.count, 3);
    assert_string_equal(addresses.items[0].text, "192.0.2.2:81");
    assert_string_equal(addresses.items[1].text, "192.0.2.1:80");
    assert_string_equal(addresses.items[2].text, "192.0.2.2:80");
    const struct sockaddr_in *first = (const void *)&addresses.items[0].socket_address;
    assert_int_equal(addresses.items[0].length_bytes, sizeof(*first));
    assert_int_equal(ntohs(first->sin_port), 81);
    assert_int_equal(ntohl(first->sin_addr.s_addr), 0xC0000202);
    assert_int_equal(diagnostics.count, 0);
}

static void an_ipv6_address_is_written_in_brackets(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("::1", 8080, 1)};
    assert_true(result_is_ok(resolve(servers, 1)));
    assert_int_equal(addresses.count, 1);
    assert_string_equal(addresses.items[0].text, "[::1]:8080");
    assert_int_equal(addresses.items[0].socket_address.ss_family, AF_INET6);
}

static void an_address_given_twice_is_kept_once(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("192.0.2.1", 80, 1), server_at("192.0.2.1", 80, 2),
                                      server_at("192.0.2.1", 81, 3)};
    assert_true(result_is_ok(resolve(servers, 3)));
    assert_int_equal(addresses.count, 2);
}

static void a_name_has_its_addresses(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("localhost", 8080, 1)};
    assert_true(result_is_ok(resolve(servers, 1)));
    assert_true(addresses.count >= 1);
    for (size_t i = 0; i < addresses.count; i++) {
        const char *text = addresses.items[i].text;
        assert_true(strcmp(text, "127.0.0.1:8080") == 0 || strcmp(text, "[::1]:8080") == 0);
    }
}

static void a_name_without_an_address_is_an_error_at_its_line(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("nobody.invalid", 80, 7)};
    assert_int_equal(resolve(servers, 1).code, ERROR_NAME_UNRESOLVED);
    assert_int_equal(addresses.count, 0);
    assert_int_equal(diagnostics.error_count, 1);
    assert_true(fixture_was_told(&diagnostics, DIAGNOSTIC_ERROR, 7,
                                 "nobody.invalid: the name cannot be resolved"));
}

static void every_bad_name_is_told_in_one_run(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("nobody.invalid", 80, 1),
                                      server_at("192.0.2.1", 80, 2),
                                      server_at("nobody-else.invalid", 80, 3)};
    assert_int_equal(resolve(servers, 3).code, ERROR_NAME_UNRESOLVED);
    assert_int_equal(diagnostics.error_count, 2);
    assert_true(fixture_was_told(&diagnostics, DIAGNOSTIC_ERROR, 1, "nobody.invalid"));
    assert_true(fixture_was_told(&diagnostics, DIAGNOSTIC_ERROR, 3, "nobody-else.invalid"));
}

static void what_is_no_name_is_an_error(void **state)
{
    (void)state;
    static const char *const hosts[] = {"192.0.2.256", "::g", "a..invalid", "-.invalid"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct config_server servers[] = {server_at(hosts[i], 80, 1)};
        assert_int_equal(resolve(servers, 1).code, ERROR_NAME_UNRESOLVED);
        assert_int_equal(diagnostics.error_count, i + 1);
        backend_resolver_free(&addresses);
    }
}

static void freed_addresses_are_gone(void **state)
{
    (void)state;
    struct config_server servers[] = {server_at("192.0.2.1", 80, 1)};
    assert_true(result_is_ok(resolve(servers, 1)));
    backend_resolver_free(&addresses);
    assert_null(addresses.items);
    assert_int_equal(addresses.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(addresses_keep_the_order_of_the_servers, begin, end),
        cmocka_unit_test_setup_teardown(an_ipv6_address_is_written_in_brackets, begin, end),
        cmocka_unit_test_setup_teardown(an_address_given_twice_is_kept_once, begin, end),
        cmocka_unit_test_setup_teardown(a_name_has_its_addresses, begin, end),
        cmocka_unit_test_setup_teardown(a_name_without_an_address_is_an_error_at_its_line, begin,
                                        end),
        cmocka_unit_test_setup_teardown(every_bad_name_is_told_in_one_run, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_name_is_an_error, begin, end),
        cmocka_unit_test_setup_teardown(freed_addresses_are_gone, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
