/* Verdicts as words and sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trust/verdict.h"

static void assert_status(struct verdict verdict, const char *expected)
{
    char memory[128];
    struct text text = text_over(memory, sizeof(memory));
    verdict_append_status(&verdict, &text);
    assert_string_equal(text_terminate(&text), expected);
}

static void status_is_success_none_or_failed_with_its_sentence(void **state)
{
    (void)state;
    assert_status(verdict_for(VERDICT_SUCCESS), "SUCCESS");
    assert_status(verdict_for(VERDICT_NO_CERTIFICATE), "NONE");
    assert_status(verdict_for(VERDICT_EXPIRED), "FAILED:certificate has expired");
    assert_status(verdict_for(VERDICT_ISSUER_DN_MISMATCH),
                  "FAILED:unable to verify the client certificate issuer");
    struct verdict verdict = verdict_for(VERDICT_SELF_SIGNED);
    verdict.text = "self-signed certificate in certificate chain";
    assert_status(verdict, "FAILED:self-signed certificate in certificate chain");
}

static void every_reason_has_a_word_of_its_own_and_a_sentence(void **state)
{
    (void)state;
    for (unsigned reason = 0; reason < VERDICT_REASON_COUNT; reason++) {
        assert_non_null(verdict_word((enum verdict_reason)reason));
        assert_non_null(verdict_text((enum verdict_reason)reason));
        for (unsigned other = 0; other < reason; other++) {
            assert_string_not_equal(verdict_word((enum verdict_reason)reason),
                                    verdict_word((enum verdict_reason)other));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_is_success_none_or_failed_with_its_sentence),
        cmocka_unit_test(every_reason_has_a_word_of_its_own_and_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
