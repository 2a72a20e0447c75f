/* The library as a whole, and the words of failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tls/tls_failure.h"
#include "tls/tls_library.h"

#include "../../../src/tls/tls_library_codes.h"
#include "../../../src/tls/wolfssl_application.h"

static void it_starts_and_stops(void **state)
{
    (void)state;
    assert_int_equal(tls_library_start().code, ERROR_NONE);
    assert_string_equal(tls_library_version_built(), tls_library_version_running());
    assert_memory_equal(tls_library_version_built(), "wolfSSL 5.", 10);
    tls_library_stop();
}

static void random_blocks_are_filled(void **state)
{
    (void)state;
    unsigned char blocks[2][32] = {{0}};
    assert_int_equal(tls_random_block(blocks[0], 32), 0);
    assert_int_equal(tls_random_block(blocks[1], 32), 0);
    assert_memory_not_equal(blocks[0], blocks[1], 32);
}

static void every_failure_has_a_word_and_a_text(void **state)
{
    (void)state;
    for (enum tls_failure failure = 0; failure < TLS_FAILURE_COUNT; failure++) {
        assert_non_null(tls_failure_word(failure));
        assert_non_null(tls_failure_text(failure));
        assert_int_equal(strspn(tls_failure_word(failure), "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(tls_failure_word(failure)));
    }
    assert_int_equal(tls_failure_alert(TLS_FAILURE_ALERT_RECEIVED), TLS_ALERT_NONE);
    assert_string_equal(tls_failure_alert_name(48), "unknown_ca");
    assert_string_equal(tls_failure_alert_name(200), "unknown");
}

static void codes_are_translated(void **state)
{
    (void)state;
    assert_int_equal(tls_library_failure_of(-326), TLS_FAILURE_PROTOCOL_VERSION);
    assert_int_equal(tls_library_failure_of(-125), TLS_FAILURE_OUT_OF_MEMORY);
    assert_int_equal(tls_library_failure_of(-99999), TLS_FAILURE_INTERNAL);
    assert_int_equal(tls_library_failure_of(0), TLS_FAILURE_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_and_stops),
        cmocka_unit_test(random_blocks_are_filled),
        cmocka_unit_test(every_failure_has_a_word_and_a_text),
        cmocka_unit_test(codes_are_translated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
