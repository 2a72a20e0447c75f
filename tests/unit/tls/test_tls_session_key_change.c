/*
 * A key that has been used for 2^24.5 records makes room for the next (RFC 8446 5.5): wolfSSL then
 * says KeyUpdate in the middle of a write. The count is set, since so many records take their time.
 */
#include "session_fixture.h"

/* A word of ours, too. */
#define CLIENT_HELLO_COMPLETE WOLFSSL_CLIENT_HELLO_COMPLETE
#include <wolfssl/internal.h>
#undef CLIENT_HELLO_COMPLETE

#include "../../../src/tls/tls_session_state.h"

enum { KEY_RECORDS = 23726566 };

/* As if so many records had gone to the client. */
static void pretend_sent(struct link *link, word32 count)
{
    WOLFSSL *server = link->session->library;
    server->keys.sequence_number_lo = count;
    link->client->keys.peer_sequence_number_lo = count;
}

static void expect_arrival(struct link *link, const uint8_t *pattern, size_t length)
{
    static uint8_t got[70000];
    size_t at = 0;
    while (at < length) {
        int part = wolfSSL_read(link->client, got + at, (int)(sizeof(got) - at));
        assert_true(part > 0);
        at += (size_t)part;
    }
    assert_int_equal(at, length);
    assert_memory_equal(got, pattern, length);
}

static void a_key_changes_in_the_middle_of_what_is_written(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 5, 6, 26, 300, 16384, 16385, 65536};
    static uint8_t pattern[65536];
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = (uint8_t)(i * 31 + i / 256);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (word32 before = 0; before < 4; before++) {
            struct link link;
            open_link(&link, CONFIG_TLS_1_3);
            expect_echo(&link);
            pretend_sent(&link, KEY_RECORDS - before);
            assert_int_equal(tls_session_write(link.session, bytes_from(pattern, lengths[i])),
                             TLS_DONE);
            expect_arrival(&link, pattern, lengths[i]);
            for (int turn = 0; turn < 3; turn++) {
                expect_echo(&link); /* the client's own KeyUpdate is in front of its ping */
            }
            assert_in_range(link.session->library->keys.sequence_number_lo, 1, KEY_RECORDS);
            link_deinit(&link);
        }
    }
}

static void a_key_that_changes_without_memory_fails_the_session(void **state)
{
    (void)state;
    struct link link;
    open_link(&link, CONFIG_TLS_1_3);
    expect_echo(&link);
    pretend_sent(&link, KEY_RECORDS);
    link.is_memory_short = true;
    assert_int_equal(tls_session_write(link.session, BYTES_OF("lost")), TLS_FAILED);
    assert_int_equal(tls_session_failure(link.session), TLS_FAILURE_OUT_OF_MEMORY);
    link_deinit(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_changes_in_the_middle_of_what_is_written),
        cmocka_unit_test(a_key_that_changes_without_memory_fails_the_session),
    };
    return cmocka_run_group_tests_name("tls_session_key_change", tests, set_up, tear_down);
}
