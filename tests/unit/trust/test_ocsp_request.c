/* Requests: what can be asked and what cannot; that the bytes are right test_ocsp_openssl.c tells.
 */
#include "ocsp_judging.h"
#include "trust/ocsp_request.h"

#define NONCE BYTES_OF("0123456789abcdef0123456789abcdef")

static size_t write_for(struct bytes serial, struct bytes nonce, uint8_t *ret_request)
{
    struct ocsp_question question = *world.question;
    question.serial = serial;
    return ocsp_request_write(&question, nonce, ret_request);
}

static void a_request_names_certificate_and_issuer(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    struct built expected = {.length = 0};
    built_certificate_id(&expected, &world, &(struct single_plan){.hash = SINGLE_SHA1});
    for (unsigned depth = 0; depth < 4; depth++) {
        built_wrap(&expected, 0, 0x30);
    }
    size_t length = write_for(OCSP_SERIAL, BYTES_OF(""), request);
    assert_true(bytes_equal(bytes_from(request, length), built_bytes(&expected)));
}

static void a_nonce_adds_its_extension(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    struct built expected = {.length = 0};
    struct response_plan plan = {.signer = NULL};
    plan_nonce(&plan, NONCE);
    built_certificate_id(&expected, &world, &(struct single_plan){.hash = SINGLE_SHA1});
    built_wrap(&expected, 0, 0x30);
    built_wrap(&expected, 0, 0x30);
    built_extension_list(&expected, &plan.extensions, 0xA2);
    built_wrap(&expected, 0, 0x30);
    built_wrap(&expected, 0, 0x30);
    size_t length = write_for(OCSP_SERIAL, NONCE, request);
    assert_true(bytes_equal(bytes_from(request, length), built_bytes(&expected)));
}

static void the_longest_serial_fits_with_a_nonce(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    static const uint8_t serial[OCSP_SERIAL_SIZE_MAX] = {0x7F};
    size_t length = write_for(bytes_from(serial, sizeof(serial)), NONCE, request);
    assert_in_range(length, 0x80 + 3, OCSP_REQUEST_SIZE_MAX);
    assert_int_equal(request[0], 0x30);
    assert_int_equal(request[1], 0x81);
    assert_int_equal(request[2], length - 3);
}

static void a_longer_serial_is_not_asked_about(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    static const uint8_t serial[OCSP_SERIAL_SIZE_MAX + 1] = {0x7F};
    assert_int_equal(write_for(bytes_from(serial, sizeof(serial)), NONCE, request), 0);
}

static void a_nonce_of_another_length_is_not_sent(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    assert_int_equal(write_for(OCSP_SERIAL, bytes_slice(NONCE, 0, 16), request), 0);
}

static void an_issuer_that_cannot_be_read_is_not_asked(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    struct ocsp_question question = *world.question;
    question.issuer.length--;
    assert_int_equal(ocsp_request_write(&question, BYTES_OF(""), request), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_names_certificate_and_issuer),
        cmocka_unit_test(a_nonce_adds_its_extension),
        cmocka_unit_test(the_longest_serial_fits_with_a_nonce),
        cmocka_unit_test(a_longer_serial_is_not_asked_about),
        cmocka_unit_test(a_nonce_of_another_length_is_not_sent),
        cmocka_unit_test(an_issuer_that_cannot_be_read_is_not_asked),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
