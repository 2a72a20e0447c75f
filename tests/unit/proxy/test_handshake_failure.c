/* Ends of handshakes: each has one number and one word, and no two have the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/handshake_failure.h"

static const char *word_of(enum close_reason reason, enum tls_failure failure)
{
    return handshake_failure_word(handshake_failure_number(reason, failure));
}

static void no_two_have_the_same_word(void **state)
{
    (void)state;
    for (size_t i = TLS_FAILURE_NONE + 1; i < HANDSHAKE_FAILURE_COUNT; i++) {
        for (size_t j = i + 1; j < HANDSHAKE_FAILURE_COUNT; j++) {
            assert_string_not_equal(handshake_failure_word(i), handshake_failure_word(j));
        }
    }
}

static void a_failure_of_tls_has_its_own_word(void **state)
{
    (void)state;
    assert_string_equal(word_of(CLOSE_HANDSHAKE_FAILED, TLS_FAILURE_POSSESSION), "possession");
    assert_string_equal(word_of(CLOSE_NOT_TLS, TLS_FAILURE_NONE), "not_tls");
    assert_string_equal(word_of(CLOSE_HANDSHAKE_FAILED, TLS_FAILURE_NOT_TLS), "not_tls");
}

static void what_else_ends_a_handshake_has_the_word_of_the_log(void **state)
{
    (void)state;
    assert_string_equal(word_of(CLOSE_HANDSHAKE_TIMEOUT, TLS_FAILURE_INTERNAL),
                        "handshake_timeout");
    assert_string_equal(word_of(CLOSE_DRAINING, TLS_FAILURE_NONE), "draining");
}

static void every_other_end_is_among_the_others(void **state)
{
    (void)state;
    assert_string_equal(word_of(CLOSE_SEND_TIMEOUT, TLS_FAILURE_NONE), "other");
    assert_string_equal(word_of(CLOSE_HANDSHAKE_FAILED, TLS_FAILURE_NONE), "other");
    for (enum close_reason reason = CLOSE_NONE; reason < CLOSE_REASON_COUNT; reason++) {
        assert_in_range(handshake_failure_number(reason, TLS_FAILURE_NONE), 1,
                        HANDSHAKE_FAILURE_COUNT - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_have_the_same_word),
        cmocka_unit_test(a_failure_of_tls_has_its_own_word),
        cmocka_unit_test(what_else_ends_a_handshake_has_the_word_of_the_log),
        cmocka_unit_test(every_other_end_is_among_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
