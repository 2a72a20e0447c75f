/* Questions: what is taken from certificates, what a stored one must be, and whose id is whose. */
#include "ocsp_judging.h"

static struct ocsp_id id_of(const struct built *certificate, const struct built *issuer)
{
    struct ocsp_id id;
    assert_true(
        result_is_ok(ocsp_question_identify(built_bytes(certificate), built_bytes(issuer), &id)));
    return id;
}

static void a_question_has_serial_issuer_and_url(void **state)
{
    (void)state;
    const struct ocsp_question *question = world.question;
    assert_true(bytes_equal(question->serial, OCSP_SERIAL));
    assert_true(bytes_equal(question->issuer, built_bytes(&world.issuer)));
    assert_true(bytes_equal(question->url, BYTES_OF(OCSP_RESPONDER)));
    assert_int_equal(question->size_bytes,
                     sizeof(*question) + 2 + world.issuer.length + sizeof(OCSP_RESPONDER) - 1);
}

static void a_certificate_without_a_responder_has_no_url(void **state)
{
    (void)state;
    struct ocsp_question *question;
    assert_true(result_is_ok(
        ocsp_question_create(built_bytes(&world.issuer), built_bytes(&world.issuer), &question)));
    assert_int_equal(question->url.length, 0);
    ocsp_question_destroy(question);
}

static void a_responder_of_https_is_none(void **state)
{
    (void)state;
    struct ocsp_question *question;
    struct plan plan = {.subject = "leaf", .issuer = "ca", .key = world.other_key};
    plan_responder(&plan, "https://ocsp.test/");
    struct built leaf = build(plan);
    assert_true(result_is_ok(
        ocsp_question_create(built_bytes(&leaf), built_bytes(&world.issuer), &question)));
    assert_int_equal(question->url.length, 0);
    ocsp_question_destroy(question);
}

static void what_cannot_be_read_is_no_question(void **state)
{
    (void)state;
    struct ocsp_question *question = NULL;
    struct ocsp_id id;
    const struct bytes good = built_bytes(&world.issuer);
    const struct bytes bad = bytes_slice(good, 0, good.length - 1);
    assert_int_equal(ocsp_question_create(bad, good, &question).code, ERROR_BAD_INPUT);
    assert_int_equal(ocsp_question_create(good, bad, &question).code, ERROR_BAD_INPUT);
    assert_int_equal(ocsp_question_identify(bad, good, &id).code, ERROR_BAD_INPUT);
    assert_int_equal(ocsp_question_identify(good, bad, &id).code, ERROR_BAD_INPUT);
    assert_int_equal(ocsp_question_restore(OCSP_SERIAL, bad, BYTES_OF(""), &question).code,
                     ERROR_BAD_INPUT);
    assert_null(question);
}

static void a_stored_serial_has_1_to_64_bytes(void **state)
{
    (void)state;
    static const uint8_t serial[OCSP_SERIAL_SIZE_MAX + 1] = {1};
    struct ocsp_question *question;
    for (size_t length = 0; length <= sizeof(serial); length++) {
        struct result result = ocsp_question_restore(
            bytes_from(serial, length), built_bytes(&world.issuer), BYTES_OF(""), &question);
        bool is_allowed = length >= 1 && length <= OCSP_SERIAL_SIZE_MAX;
        assert_int_equal(result.code, is_allowed ? ERROR_NONE : ERROR_BAD_INPUT);
        if (is_allowed) {
            ocsp_question_destroy(question);
        }
    }
}

static void assert_same(const struct ocsp_question *a, const struct ocsp_question *b)
{
    assert_true(ocsp_id_equal(&a->id, &b->id));
    assert_true(bytes_equal(a->serial, b->serial));
    assert_true(bytes_equal(a->issuer, b->issuer));
    assert_true(bytes_equal(a->url, b->url));
    assert_int_equal(a->size_bytes, b->size_bytes);
    assert_ptr_not_equal(a->issuer.at, b->issuer.at);
}

static void a_restored_question_and_a_copy_are_the_same_question(void **state)
{
    (void)state;
    struct ocsp_question *restored;
    struct ocsp_question *copy;
    assert_true(result_is_ok(ocsp_question_restore(world.question->serial, world.question->issuer,
                                                   world.question->url, &restored)));
    assert_true(result_is_ok(ocsp_question_copy(world.question, &copy)));
    assert_same(restored, world.question);
    assert_same(copy, world.question);
    ocsp_question_destroy(restored);
    ocsp_question_destroy(copy);
    ocsp_question_destroy(NULL);
}

static void the_id_is_that_of_the_question(void **state)
{
    (void)state;
    struct ocsp_id id = id_of(&world.leaf, &world.issuer);
    assert_true(ocsp_id_equal(&id, &world.question->id));
}

/* The issuer's renewed certificate has its name and key: what was learnt stays true. */
static void the_id_is_of_the_issuers_name_and_key_alone(void **state)
{
    (void)state;
    struct plan plan = {.subject = "ca", .key = world.issuer_key, .serial = BYTES_OF("\x77")};
    struct built renewed = build(plan);
    struct ocsp_id id = id_of(&world.leaf, &renewed);
    assert_true(ocsp_id_equal(&id, &world.question->id));
}

static void another_serial_name_or_key_has_another_id(void **state)
{
    (void)state;
    struct plan leaf = {.subject = "leaf", .key = world.other_key, .serial = BYTES_OF("\x01\x24")};
    struct plan name = {.subject = "cb", .key = world.issuer_key};
    struct plan key = {.subject = "ca", .key = world.other_key};
    const struct built leaves[] = {build(leaf), world.leaf, world.leaf};
    const struct built issuers[] = {world.issuer, build(name), build(key)};
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        struct ocsp_id id = id_of(&leaves[i], &issuers[i]);
        assert_false(ocsp_id_equal(&id, &world.question->id));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_has_serial_issuer_and_url),
        cmocka_unit_test(a_certificate_without_a_responder_has_no_url),
        cmocka_unit_test(a_responder_of_https_is_none),
        cmocka_unit_test(what_cannot_be_read_is_no_question),
        cmocka_unit_test(a_stored_serial_has_1_to_64_bytes),
        cmocka_unit_test(a_restored_question_and_a_copy_are_the_same_question),
        cmocka_unit_test(the_id_is_that_of_the_question),
        cmocka_unit_test(the_id_is_of_the_issuers_name_and_key_alone),
        cmocka_unit_test(another_serial_name_or_key_has_another_id),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
