/* URLs, requests, sources, CPU lists and quantities: what they become and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "load/cpu_list.h"
#include "load/quantity.h"
#include "load/target.h"

static struct target target;
static char message[TARGET_MESSAGE_SIZE];

static struct result read_url(const char *url)
{
    struct plan plan = {.url = url};
    return target_read(&plan, &target, message);
}

static void expect_refused(const struct plan *plan, const char *part)
{
    struct result result = target_read(plan, &target, message);
    if (result_is_ok(result) || strstr(message, part) == NULL) {
        fail_msg("%s: '%s' lacks '%s'", plan->url, message, part);
    }
}

static void a_url_becomes_address_name_and_path(void **state)
{
    (void)state;
    assert_true(result_is_ok(read_url("https://127.0.0.1:8443/a?b=c")));
    assert_string_equal(target.host, "127.0.0.1");
    assert_string_equal(target.path, "/a?b=c");
    assert_int_equal(target.port, 8443);
    assert_true(target.name_is_address);
    assert_true(result_is_ok(read_url("https://127.0.0.1")));
    assert_string_equal(target.path, "/");
    assert_int_equal(target.port, 443);
    assert_true(result_is_ok(read_url("https://[::1]:99/")));
    assert_string_equal(target.host, "::1");
    assert_int_equal(target.port, 99);
}

static void the_request_is_what_the_plan_says(void **state)
{
    struct plan plan = {.url = "https://127.0.0.1:8443/x",
                        .server_name = "api.example.com",
                        .body_bytes = 7,
                        .fields = {.at = {"X-Test: 1"}, .count = 1}};
    (void)state;
    assert_true(result_is_ok(target_read(&plan, &target, message)));
    assert_string_equal(target.request,
                        "POST /x HTTP/1.1\r\nX-Test: 1\r\nHost: api.example.com:8443\r\n"
                        "Content-Length: 7\r\nUser-Agent: sallyport-load\r\n\r\n");
    plan = (struct plan){.url = "https://127.0.0.1/",
                         .method = "HEAD",
                         .fields = {.at = {"host: other"}, .count = 1}};
    assert_true(result_is_ok(target_read(&plan, &target, message)));
    assert_string_equal(target.request,
                        "HEAD / HTTP/1.1\r\nhost: other\r\nUser-Agent: sallyport-load\r\n\r\n");
}

static void a_url_that_is_none_is_refused(void **state)
{
    static const char *const urls[] = {
        "http://127.0.0.1/",
        "127.0.0.1:8443",
        "https://",
        "https://:1/",
        "https://127.0.0.1:0/",
        "https://127.0.0.1:x/",
        "https://[::1/",
        "https://[::1]x/",
        "https://127.0.0.1:/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1/a b",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        if (result_is_ok(read_url(urls[i]))) {
            fail_msg("'%s' is taken for a URL", urls[i]);
        }
    }
}

static void what_would_break_the_request_is_refused(void **state)
{
    struct plan plan = {.url = "https://127.0.0.1/"};
    (void)state;
    plan.fields = (struct plan_list){.at = {"no colon"}, .count = 1};
    expect_refused(&plan, "--header");
    plan.fields = (struct plan_list){.at = {"A: 1\r\nB: 2"}, .count = 1};
    expect_refused(&plan, "--header");
    plan.fields = (struct plan_list){.at = {": nameless"}, .count = 1};
    expect_refused(&plan, "--header");
    plan.fields = (struct plan_list){.count = 0};
    plan.method = "GET /evil HTTP/1.1";
    expect_refused(&plan, "--method");
    plan.method = "";
    expect_refused(&plan, "--method");
    plan.method = NULL;
    plan.server_name = "two words";
    expect_refused(&plan, "--server-name");
    plan.server_name = "";
    expect_refused(&plan, "--server-name");
}

static void sources_go_through_a_network_without_its_ends(void **state)
{
    struct plan plan = {.url = "https://127.0.0.1/", .source = "127.1.2.77/30"};
    char address[INET_ADDRSTRLEN];
    (void)state;
    assert_true(result_is_ok(target_read(&plan, &target, message)));
    assert_int_equal(target.source_count, 2);
    for (uint64_t i = 0; i < 4; i++) {
        struct sockaddr_in source = target_source(&target, i);
        assert_string_equal(inet_ntop(AF_INET, &source.sin_addr, address, sizeof(address)),
                            i % 2 == 0 ? "127.1.2.77" : "127.1.2.78");
    }
    plan.source = "127.0.0.5";
    assert_true(result_is_ok(target_read(&plan, &target, message)));
    assert_int_equal(target.source_count, 1);
    plan.source = "127.0.0.0/16";
    assert_true(result_is_ok(target_read(&plan, &target, message)));
    assert_int_equal(target.source_count, 65534);
}

static void a_source_that_is_none_is_refused(void **state)
{
    static const char *const sources[] = {"",           "127", "127.0.0.1/33", "127.0.0.1/", "::1",
                                          "10.0.0.0/4", "/8"};
    struct plan plan = {.url = "https://127.0.0.1/"};
    (void)state;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        plan.source = sources[i];
        expect_refused(&plan, "--source");
    }
    plan = (struct plan){.url = "https://[::1]/", .source = "127.0.0.0/8"};
    expect_refused(&plan, "IPv4");
}

static void cpu_lists_are_read(void **state)
{
    struct cpu_list list;
    (void)state;
    assert_true(result_is_ok(cpu_list_read("3,0-2", &list)));
    assert_int_equal(list.count, 4);
    assert_int_equal(list.at[0], 3);
    assert_int_equal(list.at[3], 2);
    assert_true(cpu_list_allowed().count > 0);
}

static void cpu_lists_that_are_none_are_refused(void **state)
{
    static const char *const texts[] = {"",   ",",  "1,",   "a",        "2-1",
                                        "1-", "-1", "1024", "0-1023,0", "1 2"};
    struct cpu_list list = {.count = 77};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (result_is_ok(cpu_list_read(texts[i], &list))) {
            fail_msg("'%s' is taken for a list", texts[i]);
        }
    }
    assert_int_equal(list.count, 77);
}

static void quantities_take_their_units(void **state)
{
    uint64_t value;
    (void)state;
    assert_true(quantity_read_duration("1.5ms", &value));
    assert_int_equal(value, 1500000);
    assert_true(quantity_read_duration("2", &value));
    assert_int_equal(value, 2000000000);
    assert_true(quantity_read_duration("1h", &value));
    assert_int_equal(value, 3600000000000);
    assert_true(quantity_read_size("64Ki", &value));
    assert_int_equal(value, 65536);
    assert_true(quantity_read_size("10M", &value));
    assert_int_equal(value, 10000000);
    assert_true(quantity_read_count("2.5k", &value));
    assert_int_equal(value, 2500);
}

static void quantities_that_are_none_are_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "k",
                                        "-1",
                                        "+1",
                                        "1.",
                                        ".5",
                                        "1.5.2",
                                        "1 s",
                                        "0x10",
                                        "1e3",
                                        "99999999999999999999",
                                        "1.0000000001",
                                        "9007199254740993"};
    uint64_t value = 77;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (quantity_read_count(texts[i], &value) || quantity_read_duration(texts[i], &value)) {
            fail_msg("'%s' is taken for a quantity", texts[i]);
        }
    }
    assert_int_equal(value, 77);
}

static void quantities_are_written_for_people(void **state)
{
    char memory[QUANTITY_SIZE];
    (void)state;
    assert_string_equal(quantity_write_duration(0, memory), "0 ns");
    assert_string_equal(quantity_write_duration(1234, memory), "1.23 us");
    assert_string_equal(quantity_write_duration(999960, memory), "1.00 ms");
    assert_string_equal(quantity_write_duration(5e12, memory), "5000 s");
    assert_string_equal(quantity_write_size(1234567, memory), "1.23 MB");
    assert_string_equal(quantity_write_count(0, memory), "0");
    assert_string_equal(quantity_write_count(1234567, memory), "1,234,567");
    assert_string_equal(quantity_write_count(UINT64_MAX, memory), "18,446,744,073,709,551,615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_becomes_address_name_and_path),
        cmocka_unit_test(the_request_is_what_the_plan_says),
        cmocka_unit_test(a_url_that_is_none_is_refused),
        cmocka_unit_test(what_would_break_the_request_is_refused),
        cmocka_unit_test(sources_go_through_a_network_without_its_ends),
        cmocka_unit_test(a_source_that_is_none_is_refused),
        cmocka_unit_test(cpu_lists_are_read),
        cmocka_unit_test(cpu_lists_that_are_none_are_refused),
        cmocka_unit_test(quantities_take_their_units),
        cmocka_unit_test(quantities_that_are_none_are_refused),
        cmocka_unit_test(quantities_are_written_for_people),
    };
    return cmocka_run_group_tests_name("load/target", tests, NULL, NULL);
}
