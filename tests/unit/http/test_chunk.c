/* The chunked coding: what is written is read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/chunk.h"
#include "http/chunk_decoder.h"

static void sizes_are_written_in_hex(void **state)
{
    (void)state;
    static const struct {
        uint64_t size;
        const char *expected;
    } rows[] = {{1, "1\r\n"},
                {16, "10\r\n"},
                {0xABCDEF, "abcdef\r\n"},
                {UINT64_MAX, "ffffffffffffffff\r\n"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char memory[CHUNK_OVERHEAD_BYTES_MAX + 1];
        struct text text = text_over(memory, sizeof(memory));
        chunk_append_header(&text, rows[i].size);
        assert_string_equal(text_terminate(&text), rows[i].expected);
    }
}

static void overhead_is_enough_and_no_less_is(void **state)
{
    (void)state;
    char memory[CHUNK_OVERHEAD_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    chunk_append_header(&text, UINT64_MAX);
    chunk_append_end(&text);
    assert_false(text.overflowed);
    text = text_over(memory, sizeof(memory) - 1);
    chunk_append_header(&text, UINT64_MAX);
    chunk_append_end(&text);
    assert_true(text.overflowed);
}

static void written_body_is_read_again(void **state)
{
    (void)state;
    char memory[200];
    struct text text = text_over(memory, sizeof(memory));
    chunk_append_header(&text, 5);
    text_append_string(&text, "hello");
    chunk_append_end(&text);
    chunk_append_header(&text, 20);
    text_append_string(&text, "01234567890123456789");
    chunk_append_end(&text);
    chunk_append_last(&text);
    struct chunk_decoder decoder;
    struct bytes input = text_bytes(&text);
    struct bytes body = {0};
    chunk_decoder_init(&decoder);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_BODY);
    assert_true(bytes_equal(body, BYTES_OF("hello")));
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_BODY);
    assert_int_equal(body.length, 20);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_END);
    assert_int_equal(input.length, 0);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_END);
}

static void error_stays_and_takes_nothing_more(void **state)
{
    (void)state;
    struct chunk_decoder decoder;
    struct bytes input = BYTES_OF("x\r\n");
    struct bytes body = {0};
    chunk_decoder_init(&decoder);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_ERROR);
    assert_int_equal(input.length, 2);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_ERROR);
    assert_int_equal(input.length, 2);
    assert_int_equal(decoder.fault, HTTP1_FAULT_CHUNK_INVALID);
}

static void largest_size_is_2_to_the_63_less_1(void **state)
{
    (void)state;
    struct chunk_decoder decoder;
    struct bytes input = BYTES_OF("7fffffffffffffff\r\nx");
    struct bytes body = {0};
    chunk_decoder_init(&decoder);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_BODY);
    assert_int_equal(body.length, 1);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_NEEDS_MORE);
    assert_true(decoder.size_left == INT64_MAX - 1);
    input = BYTES_OF("8000000000000000\r\nx");
    chunk_decoder_init(&decoder);
    assert_int_equal(chunk_decoder_next(&decoder, &input, &body), CHUNK_ERROR);
    assert_int_equal(decoder.fault, HTTP1_FAULT_CHUNK_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_written_in_hex),
        cmocka_unit_test(overhead_is_enough_and_no_less_is),
        cmocka_unit_test(written_body_is_read_again),
        cmocka_unit_test(error_stays_and_takes_nothing_more),
        cmocka_unit_test(largest_size_is_2_to_the_63_less_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
