/*
 * What the tests of tls_session.c share: a context of both versions, and what is expected of a
 * connection. One include a program.
 */
#ifndef TESTS_UNIT_TLS_SESSION_FIXTURE_H
#define TESTS_UNIT_TLS_SESSION_FIXTURE_H

#include "memory_client.h"

static struct tls_credential *p256;
static struct tls_credential *rsa;
static struct tls_context *both_versions; /* ECDSA and RSA, asks for a certificate */

static const char *const suites_both[] = {SUITES_BOTH, NULL};
static const char *const groups_all[] = {GROUPS_ALL, NULL};

static inline struct tls_context *make_context(unsigned versions, enum config_verify_mode mode)
{
    static struct test_policy memory;
    const struct tls_credential *credentials[] = {rsa, p256};
    struct tls_context *context = NULL;
    assert_true(result_is_ok(tls_context_create(
        credentials, 2, make_profile(&memory, versions, suites_both, groups_all, mode), NULL,
        &context)));
    return context;
}

static inline int set_up(void **state)
{
    if (make_pki(state) != 0) {
        return -1;
    }
    p256 = credential_named("p256");
    rsa = credential_named("rsa");
    both_versions = make_context(CONFIG_TLS_1_2 | CONFIG_TLS_1_3, CONFIG_VERIFY_STRICT);
    return 0;
}

static inline int tear_down(void **state)
{
    tls_context_destroy(both_versions);
    tls_credential_destroy(p256);
    tls_credential_destroy(rsa);
    return remove_pki(state);
}

static inline void expect_chain(struct link *link, const char *name)
{
    char path[32];
    (void)snprintf(path, sizeof(path), "client_%s", name);
    struct tls_credential *expected = credential_named(path);
    assert_int_equal(tls_session_peer_certificate_count(link->session),
                     tls_credential_chain_count(expected));
    for (size_t i = 0; i < tls_credential_chain_count(expected); i++) {
        assert_true(bytes_equal(tls_session_peer_certificate(link->session, i),
                                tls_credential_certificate(expected, i)));
    }
    tls_credential_destroy(expected);
}

static inline void expect_echo(struct link *link)
{
    uint8_t buffer[64];
    char answer[64];
    size_t length = 0;
    assert_int_equal(wolfSSL_write(link->client, "ping", 4), 4);
    assert_int_equal(server_read(link, buffer, sizeof(buffer), &length), TLS_DONE);
    assert_memory_equal(buffer, "ping", 4);
    assert_int_equal(tls_session_write(link->session, BYTES_OF("pong!")), TLS_DONE);
    assert_int_equal(wolfSSL_read(link->client, answer, sizeof(answer)), 5);
    assert_memory_equal(answer, "pong!", 5);
}

/* A handshake that must succeed with the client certificate of that name, and data both ways. */
static inline void expect_connection(unsigned client_version, const char *certificate,
                                     const char *protocol)
{
    struct link link;
    link_init_version(&link, both_versions, client_version);
    if (certificate != NULL) {
        link_use_certificate(&link, certificate);
    }
    assert_int_equal(link_handshake(&link), TLS_DONE);
    assert_string_equal(tls_session_protocol(link.session), protocol);
    if (certificate != NULL) {
        expect_chain(&link, certificate);
    } else {
        assert_int_equal(tls_session_peer_certificate_count(link.session), 0);
    }
    tls_session_drop_peer_chain(link.session);
    assert_int_equal(tls_session_peer_certificate_count(link.session), 0);
    expect_echo(&link);
    link_deinit(&link);
}

/* An established TLS 1.2 or 1.3 connection without a client certificate. */
static inline void open_link(struct link *link, unsigned version)
{
    link_init_version(link, both_versions, version);
    assert_int_equal(link_handshake(link), TLS_DONE);
}

static inline enum tls_status read_once(struct link *link)
{
    uint8_t buffer[64];
    size_t length;
    return server_read(link, buffer, sizeof(buffer), &length);
}

static inline void expect_read_failure(struct link *link, enum tls_failure failure)
{
    assert_int_equal(read_once(link), TLS_FAILED);
    assert_string_equal(tls_failure_word(tls_session_failure(link->session)),
                        tls_failure_word(failure));
    if (tls_failure_alert(failure) != TLS_ALERT_NONE) {
        assert_int_equal(client_alert(link), tls_failure_alert(failure));
    }
    assert_int_equal(read_once(link), TLS_FAILED);
    assert_int_equal(tls_session_write(link->session, BYTES_OF("late")), TLS_FAILED);
    link_deinit(link);
}

/* A record with these bytes, as if the client had sent it. */
static inline void put_record(struct link *link, uint8_t type, struct bytes body)
{
    const uint8_t header[] = {type, 3, 3, (uint8_t)(body.length >> 8), (uint8_t)body.length};
    queue_put(&link->to_server, header, sizeof(header));
    queue_put(&link->to_server, body.at, body.length);
}

#endif
