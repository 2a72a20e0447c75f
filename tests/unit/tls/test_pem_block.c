/* Finding and decoding PEM blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/tls/pem_block.h"

static void expect_block(const char *text, const char *label, const char *content)
{
    struct bytes rest = bytes_from_string(text);
    struct pem_block block;
    uint8_t der[64];
    size_t length = 0;
    assert_int_equal(pem_block_next(&rest, &block), PEM_BLOCK);
    assert_true(bytes_equal(block.label, bytes_from_string(label)));
    assert_true(pem_block_decoded_size_max(&block) <= sizeof(der));
    assert_true(pem_block_decode(&block, der, sizeof(der), &length));
    assert_true(bytes_equal(bytes_from(der, length), bytes_from_string(content)));
    assert_int_equal(pem_block_next(&rest, &block), PEM_END);
}

static void a_block_is_found_and_decoded(void **state)
{
    (void)state;
    expect_block("-----BEGIN X-----\naGVsbG8=\n-----END X-----\n", "X", "hello");
    expect_block("-----BEGIN X-----\naGVsbG8=\n-----END X-----", "X", "hello");
    expect_block("-----BEGIN A B-----\r\naGVs\r\nbG8=\r\n-----END A B-----\r\n", "A B", "hello");
    expect_block("subject=x\n\n-----BEGIN X-----\naGVsbG8=\n-----END X-----\nrest\n", "X", "hello");
    expect_block("  -----BEGIN X-----  \naGVsbG8=\n-----END X-----\n", "X", "hello");
}

static void headers_are_told_and_left_out(void **state)
{
    (void)state;
    struct bytes rest = BYTES_OF("-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A,B\n\n"
                                 "aGVsbG8=\n-----END X-----\n");
    struct pem_block block;
    uint8_t der[64];
    size_t length;
    assert_int_equal(pem_block_next(&rest, &block), PEM_BLOCK);
    assert_true(block.has_headers);
    assert_true(pem_block_decode(&block, der, sizeof(der), &length));
    assert_int_equal(length, 5);
}

static void blocks_follow_each_other(void **state)
{
    (void)state;
    struct bytes rest = BYTES_OF("-----BEGIN X-----\nYQ==\n-----END X-----\n"
                                 "-----BEGIN Y-----\nYg==\n-----END Y-----\n");
    struct pem_block block;
    assert_int_equal(pem_block_next(&rest, &block), PEM_BLOCK);
    assert_true(bytes_equal(block.label, BYTES_OF("X")));
    assert_int_equal(pem_block_next(&rest, &block), PEM_BLOCK);
    assert_true(bytes_equal(block.label, BYTES_OF("Y")));
    assert_int_equal(pem_block_next(&rest, &block), PEM_END);
}

static void broken_blocks_are_told(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "-----BEGIN X-----",
        "-----BEGIN X-----\naGVsbG8=\n",
        "-----BEGIN X-----\naGVsbG8=\n-----END Y-----\n",
        "-----BEGIN X-----\naGVsbG8=\n-----BEGIN X-----\naGVsbG8=\n-----END X-----\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bytes rest = bytes_from_string(texts[i]);
        struct pem_block block;
        assert_int_equal(pem_block_next(&rest, &block), PEM_BROKEN);
    }
}

static void what_is_no_block_is_passed_over(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "-----BEGIN -----\n",
                                        "----BEGIN X----\n",
                                        "-----END X-----\n",
                                        "-----BEGIN X\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bytes rest = bytes_from_string(texts[i]);
        struct pem_block block;
        assert_int_equal(pem_block_next(&rest, &block), PEM_END);
    }
}

static void what_is_not_base64_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "-----BEGIN X-----\n-----END X-----\n",
        "-----BEGIN X-----\n\n-----END X-----\n",
        "-----BEGIN X-----\n!!!!\n-----END X-----\n",
        "-----BEGIN X-----\na\n-----END X-----\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bytes rest = bytes_from_string(texts[i]);
        struct pem_block block;
        uint8_t der[64];
        size_t length;
        assert_int_equal(pem_block_next(&rest, &block), PEM_BLOCK);
        assert_false(pem_block_decode(&block, der, sizeof(der), &length));
    }
}

static void too_little_room_is_refused(void **state)
{
    (void)state;
    struct bytes rest = BYTES_OF("-----BEGIN X-----\naGVsbG8=\n-----END X-----\n");
    struct pem_block block;
    uint8_t der[4];
    size_t length;
    assert_int_equal(pem_block_next(&rest, &block), PEM_BLOCK);
    assert_false(pem_block_decode(&block, der, sizeof(der), &length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_found_and_decoded),
        cmocka_unit_test(headers_are_told_and_left_out),
        cmocka_unit_test(blocks_follow_each_other),
        cmocka_unit_test(broken_blocks_are_told),
        cmocka_unit_test(what_is_no_block_is_passed_over),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(too_little_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
