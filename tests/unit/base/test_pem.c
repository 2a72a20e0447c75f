/* PEM blocks: found with their lines, and strict inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"

static struct pem_block block;

static enum pem_answer first_answer(struct bytes text)
{
    struct pem_reader reader = pem_reader_over(text);
    return pem_reader_next(&reader, &block);
}

static void expect_content(const char *content, size_t length)
{
    uint8_t decoded[16];
    size_t decoded_length = 0;
    assert_true(pem_decoded_size_max(&block) >= length);
    assert_true(pem_decode(&block, decoded, sizeof(decoded), &decoded_length));
    assert_int_equal(decoded_length, length);
    assert_memory_equal(decoded, content, length);
}

static enum pem_answer first_lenient_answer(struct bytes text)
{
    struct pem_reader reader = pem_reader_over(text);
    reader.is_lenient = true;
    return pem_reader_next(&reader, &block);
}

static void blocks_are_found_among_text_with_their_lines(void **state)
{
    (void)state;
    struct pem_reader reader =
        pem_reader_over(BYTES_OF("subject=CN = x\n\n" BEGIN "AQID\n" END "text\r\n"
                                 "-----BEGIN X-----\r\nAQ\r\n==\r\n-----END X-----"));
    assert_int_equal(pem_reader_next(&reader, &block), PEM_ANSWER_BLOCK);
    assert_int_equal(block.line, 3);
    assert_true(bytes_equal(block.label, BYTES_OF("CERTIFICATE")));
    expect_content("\1\2\3", 3);
    assert_int_equal(pem_reader_next(&reader, &block), PEM_ANSWER_BLOCK);
    assert_int_equal(block.line, 7);
    expect_content("\1", 1);
    assert_int_equal(pem_reader_next(&reader, &block), PEM_ANSWER_END);
    assert_int_equal(pem_reader_next(&reader, &block), PEM_ANSWER_END);
}

static void nothing_has_no_block(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF("")), PEM_ANSWER_END);
    assert_int_equal(first_answer(BYTES_OF("\n\n\n")), PEM_ANSWER_END);
    assert_int_equal(first_answer(BYTES_OF("some text\n--- a line ---\n")), PEM_ANSWER_END);
}

static void wrong_base64_is_refused_at_its_line(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\nAQ*D\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(block.line, 3);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQI\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQ==\nAQID\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AR==\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "A===\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "====\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "Header: x\n\nAQID\n" END)),
                     PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQ\0D\n" END)), PEM_ANSWER_BAD_BASE64);
}

static void blocks_without_their_end_are_refused(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\n")), PEM_ANSWER_UNFINISHED);
    assert_int_equal(first_answer(BYTES_OF(BEGIN)), PEM_ANSWER_UNFINISHED);
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\n-----END X-----\n")),
                     PEM_ANSWER_UNFINISHED);
    /* Two files joined without a line end between them. */
    assert_int_equal(first_answer(BYTES_OF(
                         BEGIN "AQID\n-----END CERTIFICATE----------BEGIN CERTIFICATE-----\n")),
                     PEM_ANSWER_UNFINISHED);
}

static void the_block_after_an_unfinished_one_is_still_read(void **state)
{
    (void)state;
    struct pem_reader reader = pem_reader_over(BYTES_OF(BEGIN "AQID\n" BEGIN "AQID\n" END));
    assert_int_equal(pem_reader_next(&reader, &block), PEM_ANSWER_UNFINISHED);
    assert_int_equal(block.line, 1);
    assert_int_equal(pem_reader_next(&reader, &block), PEM_ANSWER_BLOCK);
    assert_int_equal(block.line, 3);
}

static void delimiters_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF("-----END CERTIFICATE-----\n")), PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF(" " BEGIN "AQID\n" END)), PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("\xEF\xBB\xBF" BEGIN "AQID\n" END)),
                     PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN CERTIFICATE----\n")), PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN-----\n")), PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----\n")), PEM_ANSWER_BAD_LINE);
}

static void private_keys_are_known_by_any_label(void **state)
{
    (void)state;
    assert_int_equal(
        first_answer(BYTES_OF("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,E\n\nAQID\n"
                              "-----END RSA PRIVATE KEY-----\n")),
        PEM_ANSWER_BAD_BASE64);
    assert_true(pem_block_names_private_key(&block));
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN PRIVATE KEY-----\nAQID\n")),
                     PEM_ANSWER_UNFINISHED);
    assert_true(pem_block_names_private_key(&block));
    assert_int_equal(first_answer(BYTES_OF(BEGIN "AQID\n" END)), PEM_ANSWER_BLOCK);
    assert_false(pem_block_names_private_key(&block));
}

static void an_empty_label_is_none(void **state)
{
    (void)state;
    struct bytes text = BYTES_OF("-----BEGIN -----\nAQID\n-----END -----\n");
    assert_int_equal(first_answer(text), PEM_ANSWER_BAD_LINE);
    assert_int_equal(block.line, 1);
    assert_int_equal(first_lenient_answer(text), PEM_ANSWER_END);
}

static void labels_of_other_letters_are_none(void **state)
{
    (void)state;
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN A-B-----\nAQID\n-----END A-B-----\n")),
                     PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN A\0B-----\nAQID\n-----END A\0B-----\n")),
                     PEM_ANSWER_BAD_LINE);
    assert_int_equal(first_answer(BYTES_OF("-----BEGIN \xC3\xA4-----\nAQID\n")),
                     PEM_ANSWER_BAD_LINE);
}

static void a_lenient_reader_passes_over_odd_lines(void **state)
{
    (void)state;
    assert_int_equal(
        first_lenient_answer(BYTES_OF("-----END X-----\n-----BEGIN X\n-----\n" BEGIN "AQID\n" END)),
        PEM_ANSWER_BLOCK);
    assert_int_equal(block.line, 4);
    assert_int_equal(first_lenient_answer(BYTES_OF("-----\n-----BEGIN X\n")), PEM_ANSWER_END);
}

static void a_lenient_reader_takes_indented_lines(void **state)
{
    (void)state;
    struct bytes text = BYTES_OF("\t " BEGIN "  AQ\n\tID \n  " END);
    assert_int_equal(first_lenient_answer(text), PEM_ANSWER_BLOCK);
    expect_content("\1\2\3", 3);
    assert_int_equal(first_answer(BYTES_OF(BEGIN " AQID\n" END)), PEM_ANSWER_BAD_BASE64);
    assert_int_equal(first_lenient_answer(BYTES_OF(BEGIN "AQ ID\n" END)), PEM_ANSWER_BAD_BASE64);
}

static void a_lenient_reader_leaves_headers_out(void **state)
{
    (void)state;
    assert_int_equal(first_lenient_answer(BYTES_OF(BEGIN "A: b\nC: d,e\n\nAQID\n" END)),
                     PEM_ANSWER_BLOCK);
    assert_true(block.has_headers);
    expect_content("\1\2\3", 3);
    assert_int_equal(first_lenient_answer(BYTES_OF(BEGIN "A: b\n" END)), PEM_ANSWER_BLOCK);
    assert_int_equal(block.base64.length, 0);
}

static void headers_elsewhere_are_no_base64(void **state)
{
    (void)state;
    assert_int_equal(first_lenient_answer(BYTES_OF(BEGIN "AQID\nA: b\n" END)),
                     PEM_ANSWER_BAD_BASE64);
    assert_int_equal(block.line, 3);
    assert_int_equal(first_lenient_answer(BYTES_OF(BEGIN "\nA: b\n\nAQID\n" END)),
                     PEM_ANSWER_BAD_BASE64);
    assert_int_equal(block.line, 3);
}

static void decoding_refuses_what_is_no_base64(void **state)
{
    (void)state;
    static const char *const texts[] = {"AQI", "A", "A===", "AQ==AQ==", "AR==", "AQJ=", "AQ:D"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct pem_block bad = {.base64 = bytes_from_string(texts[i])};
        uint8_t decoded[16];
        size_t length = 77;
        assert_false(pem_decode(&bad, decoded, sizeof(decoded), &length));
        assert_int_equal(length, 77);
    }
}

static void decoding_keeps_to_its_room(void **state)
{
    (void)state;
    static const struct {
        const char *base64;
        size_t length;
    } rows[] = {{"", 0}, {"AQ==", 1}, {"AQI=", 2}, {"AQID", 3}, {"AQIDAQ==", 4}, {"AQIDAQID", 6}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct pem_block good = {.base64 = bytes_from_string(rows[i].base64)};
        uint8_t decoded[8] = {0, 0, 0, 0, 0, 0, 0, 99};
        size_t length;
        assert_true(pem_decode(&good, decoded, rows[i].length, &length));
        assert_int_equal(length, rows[i].length);
        assert_int_equal(decoded[7], 99);
        if (length > 0) {
            assert_false(pem_decode(&good, decoded, rows[i].length - 1, &length));
        }
    }
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
        cmocka_unit_test(an_empty_label_is_none),
        cmocka_unit_test(labels_of_other_letters_are_none),
        cmocka_unit_test(a_lenient_reader_passes_over_odd_lines),
        cmocka_unit_test(a_lenient_reader_takes_indented_lines),
        cmocka_unit_test(a_lenient_reader_leaves_headers_out),
        cmocka_unit_test(headers_elsewhere_are_no_base64),
        cmocka_unit_test(decoding_refuses_what_is_no_base64),
        cmocka_unit_test(decoding_keeps_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
