/* The form of OCSP responses: one encoding is read, every other one is malformed. */
#include "ocsp_judging.h"

static void each_error_status_has_its_fault(void **state)
{
    (void)state;
    static const enum ocsp_fault faults[] = {
        [0] = OCSP_FAULT_MALFORMED,      [1] = OCSP_FAULT_MALFORMED_REQUEST,
        [2] = OCSP_FAULT_INTERNAL_ERROR, [3] = OCSP_FAULT_TRY_LATER,
        [4] = OCSP_FAULT_MALFORMED,      [5] = OCSP_FAULT_SIG_REQUIRED,
        [6] = OCSP_FAULT_UNAUTHORIZED,   [7] = OCSP_FAULT_MALFORMED,
    };
    for (uint8_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const uint8_t response[] = {0x30, 0x03, 0x0A, 0x01, i};
        assert_int_equal(judge_bytes(bytes_from(response, sizeof(response))), faults[i]);
    }
}

static void an_error_status_with_an_answer_is_malformed(void **state)
{
    (void)state;
    struct response_plan plan = {.status = 3};
    assert_int_equal(judge(plan), OCSP_FAULT_MALFORMED);
}

static void every_cut_and_every_added_byte_is_malformed(void **state)
{
    (void)state;
    struct built response = respond(&world, by_delegate(&world, good_delegate_plan(&world)));
    for (size_t length = 0; length < response.length; length++) {
        assert_int_equal(judge_bytes(bytes_from(response.at, length)), OCSP_FAULT_MALFORMED);
    }
    assert_int_equal(judge_bytes(built_bytes(&response)), OCSP_FAULT_NONE);
    built_add(&response, BYTES_OF("\0"));
    assert_int_equal(judge_bytes(built_bytes(&response)), OCSP_FAULT_MALFORMED);
}

/* Where the signed part and what proves it stand, a changed bit is always noticed. */
static void no_changed_byte_makes_another_answer(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = NULL};
    plan_single(&plan, &world, (struct single_plan){.status = OCSP_REVOKED, .reason = 2});
    struct built response = respond(&world, plan);
    for (size_t i = 0; i < response.length; i++) {
        response.at[i] ^= 0x01;
        assert_int_not_equal(judge_bytes(built_bytes(&response)), OCSP_FAULT_NONE);
        response.at[i] ^= 0x81;
        assert_int_not_equal(judge_bytes(built_bytes(&response)), OCSP_FAULT_NONE);
        response.at[i] ^= 0x80;
    }
    assert_int_equal(judge_bytes(built_bytes(&response)), OCSP_FAULT_NONE);
}

static void more_than_64_kib_are_too_large(void **state)
{
    (void)state;
    static uint8_t bytes[OCSP_RESPONSE_SIZE_MAX + 1];
    assert_int_equal(judge_bytes(bytes_from(bytes, sizeof(bytes))), OCSP_FAULT_TOO_LARGE);
    assert_int_equal(judge_bytes(bytes_from(bytes, sizeof(bytes) - 1)), OCSP_FAULT_MALFORMED);
}

static void another_type_of_response_is_malformed(void **state)
{
    (void)state;
    struct response_plan plan = {.type = BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01\x02")};
    assert_int_equal(judge(plan), OCSP_FAULT_MALFORMED);
}

static void any_version_spelled_out_is_malformed(void **state)
{
    (void)state;
    struct response_plan v1 = {.raw_version = BYTES_OF("\xA0\x03\x02\x01\x00")};
    struct response_plan v2 = {.raw_version = BYTES_OF("\xA0\x03\x02\x01\x01")};
    assert_int_equal(judge(v1), OCSP_FAULT_MALFORMED);
    assert_int_equal(judge(v2), OCSP_FAULT_MALFORMED);
}

static void a_responder_of_another_form_is_malformed(void **state)
{
    (void)state;
    static const struct bytes forms[] = {
        BYTES_OF("\xA2\x05\x04\x03"
                 "abc"),
        BYTES_OF("\xA0\x02\x30\x00"),
        BYTES_OF("\xA1\x02\x31\x00"),
        BYTES_OF("\x82\x14"
                 "aaaaabbbbbcccccddddd"),
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct response_plan plan = {.raw_responder = forms[i]};
        assert_int_equal(judge(plan), OCSP_FAULT_MALFORMED);
    }
}

static void a_time_has_one_form_only(void **state)
{
    (void)state;
    static const char *const times[] = {
        "20250614235900.5Z",
        "202506142359Z",
        "20250614235900",
        "20250614235900+0000",
        "20250631000000Z",
        "20251301000000Z",
        "20250614240000Z",
        "20250614236000Z",
        "250614235900Z",
        "20250614235960Z",
        "",
        "2025061423590 Z",
        "20250614235900Z0",
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct response_plan plan = {.raw_produced = times[i]};
        assert_int_equal(judge(plan), OCSP_FAULT_MALFORMED);
        assert_int_equal(judge_single((struct single_plan){.raw_this_update = times[i]}),
                         OCSP_FAULT_MALFORMED);
    }
    assert_int_equal(judge_single((struct single_plan){.raw_this_update = "20250614235900Z"}),
                     OCSP_FAULT_NONE);
}

static void a_status_has_one_form_only(void **state)
{
    (void)state;
    static const struct bytes forms[] = {
        BYTES_OF("\x80\x01\x00"),
        BYTES_OF("\xA0\x00"),
        BYTES_OF("\x82\x01\x00"),
        BYTES_OF("\x83\x00"),
        BYTES_OF("\xA1\x00"),
        BYTES_OF("\x05\x00"),
        BYTES_OF("\x81\x00"),
        BYTES_OF("\xA1\x11\x18\x0F"
                 "20250614235900+"),
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_int_equal(judge_single((struct single_plan){.raw_status = forms[i]}),
                         OCSP_FAULT_MALFORMED);
    }
}

static void an_extension_comes_once_and_not_by_the_score(void **state)
{
    (void)state;
    struct response_plan twice = {.signer = NULL};
    struct response_plan many = {.signer = NULL};
    plan_response_extension(&twice.extensions, OCSP_OTHER_OID, false, BYTES_OF("x"));
    plan_response_extension(&twice.extensions, OCSP_OTHER_OID, false, BYTES_OF("y"));
    assert_int_equal(judge(twice), OCSP_FAULT_MALFORMED);
    for (uint8_t i = 0; i < 17; i++) {
        assert_int_equal(judge(many), OCSP_FAULT_NONE);
        const uint8_t oid[] = {0x2A, i};
        plan_response_extension(&many.extensions, bytes_from(oid, sizeof(oid)), false,
                                BYTES_OF(""));
    }
    assert_int_equal(judge(many), OCSP_FAULT_MALFORMED);
}

static void the_signer_is_told_by_name_or_by_key(void **state)
{
    (void)state;
    char memory[128];
    struct text text = text_over(memory, sizeof(memory));
    struct built by_name = respond(&world, (struct response_plan){.signer = NULL});
    ocsp_response_append_signer(built_bytes(&by_name), &text);
    assert_string_equal(text_terminate(&text), "CN=ca");
    text.length = 0;
    struct built by_key =
        respond(&world, (struct response_plan){.raw_responder = BYTES_OF("\xA2\x16\x04\x14"
                                                                         "ABCDEFGHIJKLMNOPQRST")});
    ocsp_response_append_signer(built_bytes(&by_key), &text);
    assert_string_equal(text_terminate(&text), "key:4142434445464748494a4b4c4d4e4f5051525354");
    text.length = 0;
    ocsp_response_append_signer(BYTES_OF("\x30\x03\x0A\x01\x03"), &text);
    ocsp_response_append_signer(bytes_from(by_name.at, by_name.length - 1), &text);
    assert_int_equal(text.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_status_has_its_fault),
        cmocka_unit_test(an_error_status_with_an_answer_is_malformed),
        cmocka_unit_test(every_cut_and_every_added_byte_is_malformed),
        cmocka_unit_test(no_changed_byte_makes_another_answer),
        cmocka_unit_test(more_than_64_kib_are_too_large),
        cmocka_unit_test(another_type_of_response_is_malformed),
        cmocka_unit_test(any_version_spelled_out_is_malformed),
        cmocka_unit_test(a_responder_of_another_form_is_malformed),
        cmocka_unit_test(a_time_has_one_form_only),
        cmocka_unit_test(a_status_has_one_form_only),
        cmocka_unit_test(an_extension_comes_once_and_not_by_the_score),
        cmocka_unit_test(the_signer_is_told_by_name_or_by_key),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
