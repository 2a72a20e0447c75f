/* The parsers of single values, where no setting uses them yet or the corners are many. */
#include "loaded_config.h"

#include "../../../src/config/value.h"

static const char *print_number(void (*print)(struct text *, uint64_t), uint64_t number)
{
    static char memory[32];
    struct text text = text_over(memory, sizeof(memory));
    print(&text, number);
    return text_terminate(&text);
}

static void sizes_have_units(void **state)
{
    (void)state;
    uint64_t size_bytes = 0;
    assert_true(value_parse_size(BYTES_OF("64k"), &size_bytes));
    assert_int_equal(size_bytes, 65536);
    assert_true(value_parse_size(BYTES_OF("10M"), &size_bytes));
    assert_int_equal(size_bytes, 10485760);
    assert_true(value_parse_size(BYTES_OF("4g"), &size_bytes));
    assert_int_equal(size_bytes, 4294967296);
    assert_true(value_parse_size(BYTES_OF("17"), &size_bytes));
    assert_int_equal(size_bytes, 17);
    assert_false(value_parse_size(BYTES_OF(""), &size_bytes));
    assert_false(value_parse_size(BYTES_OF("k"), &size_bytes));
    assert_false(value_parse_size(BYTES_OF("10kb"), &size_bytes));
    assert_false(value_parse_size(BYTES_OF("1000000001"), &size_bytes));
    assert_int_equal(size_bytes, 17);
}

static void numbers_print_as_they_are_written(void **state)
{
    (void)state;
    assert_string_equal(print_number(value_print_duration, 0), "0s");
    assert_string_equal(print_number(value_print_duration, 1), "1ms");
    assert_string_equal(print_number(value_print_duration, 1500), "1500ms");
    assert_string_equal(print_number(value_print_duration, 75000), "75s");
    assert_string_equal(print_number(value_print_duration, 3600000), "1h");
    assert_string_equal(print_number(value_print_duration, 172800000), "2d");
    assert_string_equal(print_number(value_print_size, 65536), "64k");
    assert_string_equal(print_number(value_print_size, 65537), "65537");
}

static void printed_numbers_parse_to_themselves(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 100000; number = number * 3 + 1) {
        uint64_t again = 0;
        const char *text = print_number(value_print_duration, number);
        assert_true(value_parse_duration(bytes_from_string(text), &again));
        assert_int_equal(again, number);
        text = print_number(value_print_size, number * 512);
        assert_true(value_parse_size(bytes_from_string(text), &again));
        assert_int_equal(again, number * 512);
    }
}

static void addresses_become_sockets(void **state)
{
    (void)state;
    struct sockaddr_storage storage;
    socklen_t length = 0;
    assert_true(value_parse_address(BYTES_OF("192.0.2.1:443"), &storage, &length));
    assert_int_equal(length, sizeof(struct sockaddr_in));
    assert_int_equal(storage.ss_family, AF_INET);
    assert_int_equal(((struct sockaddr_in *)&storage)->sin_port, htons(443));
    assert_int_equal(((struct sockaddr_in *)&storage)->sin_addr.s_addr, htonl(0xC0000201));
    assert_true(value_parse_address(BYTES_OF("[::1]:8443"), &storage, &length));
    assert_int_equal(length, sizeof(struct sockaddr_in6));
    assert_int_equal(((struct sockaddr_in6 *)&storage)->sin6_port, htons(8443));
    assert_int_equal(((struct sockaddr_in6 *)&storage)->sin6_addr.s6_addr[15], 1);
}

static void host_names_have_bounds(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'a', sizeof(name));
    assert_true(value_is_host_name(bytes_from(name, 63)));
    assert_false(value_is_host_name(bytes_from(name, 64)));
    for (size_t i = 49; i < sizeof(name); i += 50) {
        name[i] = '.';
    }
    assert_true(value_is_host_name(bytes_from(name, 253)));
    assert_false(value_is_host_name(bytes_from(name, 254)));
    assert_false(value_is_host_name(BYTES_OF("")));
    assert_false(value_is_host_name(BYTES_OF("a.99999999999999999999999999")));
    assert_false(value_is_resolvable_name(BYTES_OF(".")));
}

static void header_names_are_tokens(void **state)
{
    (void)state;
    assert_true(value_is_header_name(BYTES_OF("X-Client_Cert.1~")));
    assert_false(value_is_header_name(BYTES_OF("")));
    assert_false(value_is_header_name(BYTES_OF("X Client")));
    assert_false(value_is_header_name(BYTES_OF("X:")));
    assert_false(value_is_header_name(BYTES_OF("\xC3\xBC")));
    assert_false(value_is_header_name(bytes_from("X\0", 2)));
}

static void ranges_are_taken_in_order(void **state)
{
    (void)state;
    struct bytes list = BYTES_OF("0-3, 6,5");
    uint32_t first = 9;
    uint32_t last = 9;
    assert_true(value_take_range(&list, 10, &first, &last));
    assert_int_equal(first * 100 + last, 3);
    assert_true(value_take_range(&list, 10, &first, &last));
    assert_int_equal(first * 100 + last, 606);
    assert_true(value_take_range(&list, 10, &first, &last));
    assert_int_equal(first * 100 + last, 505);
    assert_int_equal(list.length, 0);
    list = BYTES_OF("11");
    assert_false(value_take_range(&list, 10, &first, &last));
    assert_int_equal(list.length, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(numbers_print_as_they_are_written),
        cmocka_unit_test(printed_numbers_parse_to_themselves),
        cmocka_unit_test(addresses_become_sockets),
        cmocka_unit_test(host_names_have_bounds),
        cmocka_unit_test(header_names_are_tokens),
        cmocka_unit_test(ranges_are_taken_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
