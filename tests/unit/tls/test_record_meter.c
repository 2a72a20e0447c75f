/* Counting records: what floods, what does not, however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/tls/record_meter.h"
#include "../../fake/fake_clock.c"

static const uint8_t small_record[] = {23, 3, 3, 0, 3, 'a', 'b', 'c'};

static struct record_meter serving_meter(void)
{
    struct record_meter meter;
    record_meter_init(&meter);
    record_meter_end_handshake(&meter, clock_monotonic_ms());
    return meter;
}

static enum tls_failure count_small(struct record_meter *meter)
{
    return record_meter_count(meter, bytes_from(small_record, sizeof(small_record)));
}

static void records_without_data_flood(void **state)
{
    (void)state;
    struct record_meter meter = serving_meter();
    for (int i = 0; i < RECORD_METER_SERVING_MAX; i++) {
        assert_int_equal(count_small(&meter), TLS_FAILURE_NONE);
    }
    assert_int_equal(count_small(&meter), TLS_FAILURE_RECORD_FLOOD);
}

static void time_pays_for_records_but_only_once_and_not_in_a_handshake(void **state)
{
    (void)state;
    struct record_meter meter;
    record_meter_init(&meter);
    record_meter_end_handshake(&meter, clock_monotonic_ms() - 10500);
    for (int i = 0; i < RECORD_METER_SERVING_MAX + 10 * RECORD_METER_FORGIVEN_PER_SECOND; i++) {
        assert_int_equal(count_small(&meter), TLS_FAILURE_NONE);
    }
    assert_int_equal(count_small(&meter), TLS_FAILURE_RECORD_FLOOD);
}

static void a_handshake_has_its_own_limit(void **state)
{
    (void)state;
    struct record_meter meter;
    record_meter_init(&meter);
    for (int i = 0; i < RECORD_METER_HANDSHAKE_MAX; i++) {
        assert_int_equal(count_small(&meter), TLS_FAILURE_NONE);
    }
    assert_int_equal(count_small(&meter), TLS_FAILURE_RECORD_FLOOD);
}

static void small_records_with_data_never_flood(void **state)
{
    (void)state;
    struct record_meter meter = serving_meter();
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(count_small(&meter), TLS_FAILURE_NONE);
        record_meter_credit(&meter, 1);
    }
}

static void a_little_data_does_not_pay_for_many_records(void **state)
{
    (void)state;
    struct record_meter meter = serving_meter();
    enum tls_failure failure = TLS_FAILURE_NONE;
    int rounds = 0;
    for (; rounds < 1000 && failure == TLS_FAILURE_NONE; rounds++) {
        (void)count_small(&meter);
        failure = count_small(&meter);
        record_meter_credit(&meter, 1);
    }
    assert_int_equal(failure, TLS_FAILURE_RECORD_FLOOD);
    assert_in_range(rounds, RECORD_METER_SERVING_MAX - 2, RECORD_METER_SERVING_MAX + 2);
}

static void much_data_pays(void **state)
{
    (void)state;
    struct record_meter meter = serving_meter();
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(count_small(&meter), TLS_FAILURE_NONE);
        assert_int_equal(count_small(&meter), TLS_FAILURE_NONE);
        record_meter_credit(&meter, RECORD_METER_BYTES_PER_RECORD);
    }
}

static void the_cut_of_the_bytes_does_not_matter(void **state)
{
    (void)state;
    struct record_meter meter = serving_meter();
    for (size_t i = 0; i < RECORD_METER_SERVING_MAX * sizeof(small_record); i++) {
        struct bytes byte = bytes_from(small_record + i % sizeof(small_record), 1);
        assert_int_equal(record_meter_count(&meter, byte), TLS_FAILURE_NONE);
    }
    assert_int_equal(meter.balance, RECORD_METER_SERVING_MAX);
    assert_int_equal(count_small(&meter), TLS_FAILURE_RECORD_FLOOD);
}

static void a_record_too_large_is_told(void **state)
{
    (void)state;
    struct record_meter meter = serving_meter();
    assert_int_equal(record_meter_count(&meter, BYTES_OF("\x17\x03\x03\x41\x00")),
                     TLS_FAILURE_NONE);
    meter = serving_meter();
    assert_int_equal(record_meter_count(&meter, BYTES_OF("\x17\x03\x03\x41\x01")),
                     TLS_FAILURE_RECORD_TOO_LARGE);
}

static void only_a_whole_record_of_data_is_found_first(void **state)
{
    (void)state;
    static const uint8_t two[] = {23, 3, 3, 0, 3, 'a', 'b', 'c', 23, 3, 3, 0, 1, 'd'};
    static const uint8_t alert[] = {21, 3, 3, 0, 2, 1, 0};
    assert_int_equal(record_meter_first(bytes_from(two, sizeof(two))).length, 8);
    assert_ptr_equal(record_meter_first(bytes_from(two, sizeof(two))).at, two);
    for (size_t length = 0; length < 8; length++) {
        assert_int_equal(record_meter_first(bytes_from(two, length)).length, 0);
    }
    assert_int_equal(record_meter_first(bytes_from(alert, sizeof(alert))).length, 0);
}

static void so_much_is_received_that_records_end_with_it(void **state)
{
    (void)state;
    static const uint8_t header[] = {23, 3, 3, 0x40, 0x11}; /* 16406 bytes with its header */
    static const uint8_t body[16401];
    struct record_meter meter = serving_meter();
    assert_int_equal(record_meter_whole(&meter, 36864), 36864);
    assert_int_equal(record_meter_count(&meter, bytes_from(header, 2)), TLS_FAILURE_NONE);
    assert_int_equal(record_meter_whole(&meter, 36864), 36864);
    assert_int_equal(record_meter_count(&meter, bytes_from(header + 2, 3)), TLS_FAILURE_NONE);
    assert_int_equal(record_meter_whole(&meter, 36864), 16401 + 16406);
    assert_int_equal(record_meter_whole(&meter, 16000), 16000);
    assert_int_equal(record_meter_count(&meter, bytes_from(body, 16400)), TLS_FAILURE_NONE);
    assert_int_equal(record_meter_whole(&meter, 36864), 1 + 2 * 16406);
    assert_int_equal(record_meter_count(&meter, bytes_from(body, 1)), TLS_FAILURE_NONE);
    assert_int_equal(record_meter_whole(&meter, 36864), 2 * 16406);
    assert_int_equal(record_meter_whole(&meter, 16000), 16000);
}

static void it_knows_whether_a_record_is_whole(void **state)
{
    static const uint8_t record[] = {23, 3, 3, 0, 3, 'a', 'b', 'c'};
    struct record_meter meter;
    (void)state;
    record_meter_init(&meter);
    assert_false(record_meter_is_within(&meter));
    for (size_t i = 0; i < 2 * sizeof(record); i++) {
        (void)record_meter_count(&meter, bytes_from(record + i % sizeof(record), 1));
        assert_int_equal(record_meter_is_within(&meter), (i + 1) % sizeof(record) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_without_data_flood),
        cmocka_unit_test(time_pays_for_records_but_only_once_and_not_in_a_handshake),
        cmocka_unit_test(a_handshake_has_its_own_limit),
        cmocka_unit_test(small_records_with_data_never_flood),
        cmocka_unit_test(a_little_data_does_not_pay_for_many_records),
        cmocka_unit_test(much_data_pays),
        cmocka_unit_test(the_cut_of_the_bytes_does_not_matter),
        cmocka_unit_test(a_record_too_large_is_told),
        cmocka_unit_test(only_a_whole_record_of_data_is_found_first),
        cmocka_unit_test(so_much_is_received_that_records_end_with_it),
        cmocka_unit_test(it_knows_whether_a_record_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
