/* Shared ticket keys out of a file: what is read, and that each mistake is told with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tls/ticket_key_file.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
#define KEY_C "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="
#define KEY_D "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8="

static struct ticket_key keys[TICKET_KEY_COUNT_MAX];
static uint32_t count;
static char messages[4096];

/* Loads a file with that content; the messages stay for the test. */
static enum error load(const char *content, mode_t mode)
{
    char path[] = "/tmp/ticket_keys.XXXXXX";
    struct diagnostics diagnostics;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, strlen(content)), strlen(content));
    assert_int_equal(fchmod(descriptor, mode), 0);
    assert_int_equal(close(descriptor), 0);
    struct config_text text = {path, {"edge.ini", 7}};
    diagnostics_init(&diagnostics);
    memset(keys, 0xEE, sizeof(keys));
    count = 0;
    struct result result = ticket_key_file_load(&text, &diagnostics, keys, &count);
    FILE *output = fmemopen(messages, sizeof(messages), "w");
    assert_non_null(output);
    diagnostics_print(&diagnostics, output);
    assert_int_equal(fclose(output), 0);
    diagnostics_deinit(&diagnostics);
    assert_int_equal(unlink(path), 0);
    return result.code;
}

static void one_to_three_keys_are_read_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(load(KEY_A "\n", 0600), 0);
    assert_int_equal(count, 1);
    struct ticket_key first = keys[0];
    for (uint8_t i = 0; i < TICKET_KEY_SECRET_SIZE; i++) {
        assert_int_equal(first.secret[i], i);
    }
    assert_int_equal(load(KEY_B "\n" KEY_A "\n" KEY_C, 0600), 0);
    assert_int_equal(count, 3);
    assert_memory_equal(&keys[1], &first, sizeof(first));
    assert_string_equal(messages, "");
}

static void comments_blank_lines_and_ends_of_lines_do_not_matter(void **state)
{
    (void)state;
    assert_int_equal(
        load("# rotated on Monday\r\n\r\n" KEY_A "  \r\n\n#" KEY_B "\n" KEY_C "\t\n", 0600), 0);
    assert_int_equal(count, 2);
}

static void expect_refusal(const char *content, const char *message)
{
    static const struct ticket_key none[TICKET_KEY_COUNT_MAX];
    assert_int_equal(load(content, 0600), ERROR_BAD_CONFIG);
    if (strstr(messages, message) == NULL) {
        fail_msg("%s is not in: %s", message, messages);
    }
    assert_non_null(strstr(messages, "edge.ini:7: error: "));
    assert_memory_equal(keys, none, sizeof(none));
    assert_int_equal(count, 0);
}

static void each_mistake_is_told_with_its_line(void **state)
{
    (void)state;
    expect_refusal("# nothing\n\n", ":1: no key;");
    expect_refusal(KEY_A "\nAAECAwQFBgc=\n", ":2: expected 32 bytes in base64");
    expect_refusal("not base64 at all, but as long as a key is....\n", ":1: expected 32 bytes");
    expect_refusal("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
                   ":1: expected 32 bytes");
    expect_refusal(KEY_A KEY_B "\n", ":1: expected 32 bytes");
    expect_refusal(KEY_A "\n" KEY_B "\n" KEY_C "\n" KEY_D "\n", ":4: more than three keys");
    expect_refusal(KEY_A "\n" KEY_B "\n" KEY_A "\n", ":3: the same key as before");
    expect_refusal("", "is empty");
}

static void a_wrong_line_is_never_repeated(void **state)
{
    (void)state;
    assert_int_equal(load("x" KEY_A "\n", 0600), ERROR_BAD_CONFIG);
    assert_null(strstr(messages, "AAECAwQF"));
}

static void a_file_that_others_may_read_is_warned_of(void **state)
{
    (void)state;
    assert_int_equal(load(KEY_A "\n", 0644), 0);
    assert_non_null(strstr(messages, "edge.ini:7: warning: "));
    assert_non_null(strstr(messages, "chmod 600"));
}

static void a_missing_file_is_an_error(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct config_text text = {"/nonexistent/keys", {"edge.ini", 7}};
    diagnostics_init(&diagnostics);
    assert_int_equal(ticket_key_file_load(&text, &diagnostics, keys, &count).code,
                     ERROR_BAD_CONFIG);
    assert_int_equal(diagnostics.error_count, 1);
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_to_three_keys_are_read_in_their_order),
        cmocka_unit_test(comments_blank_lines_and_ends_of_lines_do_not_matter),
        cmocka_unit_test(each_mistake_is_told_with_its_line),
        cmocka_unit_test(a_wrong_line_is_never_repeated),
        cmocka_unit_test(a_file_that_others_may_read_is_warned_of),
        cmocka_unit_test(a_missing_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
