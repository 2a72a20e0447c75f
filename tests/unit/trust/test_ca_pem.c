/* PEM blocks: found with their lines, and strict inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/ca_pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"

static struct ca_pem_block block;

static enum ca_pem_answer first_answer(struct bytes text)
{
    struct ca_pem_reader reader = ca_pem_over(text);
    return ca_pem_next(&reader, &block);
}

static void blocks_are_found_among_text_with_their_lines(void **state)
{
    (void)state;
    uint8_t decoded[16];
    struct ca_pem_reader reader =
        ca_pem_over(BYTES_OF("subject=CN = x\n\n" BEGIN "AQID\n" END "text\r\n"
                             "-----BEGIN X-----\r\nAQ\r\n==\r\n-----END X-----"));
    assert_int_equal(ca_pem_next(&reader, &block), CA_PEM_BLOCK);
    assert_int_equal(block.line, 3);
    assert_true(bytes_equal(block.label, BYTES_OF("CERTIFICATE")));
    assert_int_equal(ca_pem_decode(&block, decoded, sizeof(decoded)), 3);
    assert_memory_equal(decoded, "\1\2\3", 3);
    assert_int_equal(ca_pem_next(&reader, &block), CA_PEM_BLOCK);
    assert_int_equal(block.line, 7);
    assert_int_equal(ca_pem_decode(&block, decoded, sizeof(decoded)), 1);
    assert_memory_equal(decoded, "\1", 1);
    assert_int_equal(ca_pem_next(&reader, &block), CA_PEM_END);
    assert_int_equal(ca_pem_next(&reader, &block), CA_PEM_END);
}

static void nothing_has_no_block(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF("")), CA_PEM_END);
    assert_int_equal(first_answer(BYTES_OF("\n\n\n")), CA_PEM_END);
    assert_int_equal(first_answer(BYTES_OF("some text\n--- a line ---\n")), CA_PEM_END);
}

static void wrong_base64_is_refused_at_its_line(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\nAQ*D\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(block.line, 3);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQI\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQ==\nAQID\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AR==\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "A===\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "====\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "Header: x\n\nAQID\n" END)), CA_PEM_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQ\0D\n" END)), CA_PEM_BAD_BASE64);
}

static void blocks_without_their_end_are_refused(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\n")), CA_PEM_UNFINISHED);
    assert_int_equal(first_answer(BYTES_OF(BEGIN)), CA_PEM_UNFINISHED);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\n-----END X-----\n")), CA_PEM_UNFINISHED);
    /* Two files joined without a line end between them. */
    assert_int_equal(first_answer(BYTES_OF(
                         BEGIN "AQID\n-----END CERTIFICATE----------BEGIN CERTIFICATE-----\n")),
                     CA_PEM_UNFINISHED);
}

static void the_block_after_an_unfinished_one_is_still_read(void **state)
{
    (void)state;
    struct ca_pem_reader reader = ca_pem_over(BYTES_OF(BEGIN "AQID\n" BEGIN "AQID\n" END));
    assert_int_equal(ca_pem_next(&reader, &block), CA_PEM_UNFINISHED);
    assert_int_equal(block.line, 1);
    assert_int_equal(ca_pem_next(&reader, &block), CA_PEM_BLOCK);
    assert_int_equal(block.line, 3);
}

static void delimiters_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF("-----END CERTIFICATE-----\n")), CA_PEM_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF(" " BEGIN "AQID\n" END)), CA_PEM_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("\xEF\xBB\xBF" BEGIN "AQID\n" END)), CA_PEM_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN CERTIFICATE----\n")), CA_PEM_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN-----\n")), CA_PEM_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----\n")), CA_PEM_BAD_LINE);
}

static void private_keys_are_known_by_any_label(void **state)
{
    (void)state;
    assert_int_equal(
        first_answer(BYTES_OF("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,E\n\nAQID\n"
                              "-----END RSA PRIVATE KEY-----\n")),
        CA_PEM_BAD_BASE64);
    assert_true(ca_pem_is_private_key(&block));
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN PRIVATE KEY-----\nAQID\n")),
                     CA_PEM_UNFINISHED);
    assert_true(ca_pem_is_private_key(&block));
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\n" END)), CA_PEM_BLOCK);
    assert_false(ca_pem_is_private_key(&block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_found_among_text_with_their_lines),
        cmocka_unit_test(nothing_has_no_block),
        cmocka_unit_test(wrong_base64_is_refused_at_its_line),
        cmocka_unit_test(blocks_without_their_end_are_refused),
        cmocka_unit_test(the_block_after_an_unfinished_one_is_still_read),
        cmocka_unit_test(delimiters_that_are_none_are_refused),
        cmocka_unit_test(private_keys_are_known_by_any_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
