/*
 * tls/tls_session.h without cryptography: what is written comes out as it is, and bytes of the
 * client are commands where the handshake or an alert would be. For tests of what src/proxy does
 * with a session, not of TLS. One include a program.
 *
 *   handshake  after the ClientHello PLAIN_TLS_FLIGHT comes out; 'F' ends it, PLAIN_TLS_BAD
 *              fails it
 *   reading    PLAIN_TLS_CLOSE is a close_notify, PLAIN_TLS_BAD a record that cannot be read;
 *              PLAIN_TLS_PART begins a record, of which what comes next is the rest
 *
 * A test that wants a client's certificates or a resumed session sets the session's fields itself.
 */
#ifndef TESTS_UNIT_PROXY_PLAIN_TLS_H
#define TESTS_UNIT_PROXY_PLAIN_TLS_H

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "tls/tls_session.h"

struct WOLFSSL;

#define PLAIN_TLS_FLIGHT "[flight]"
#define PLAIN_TLS_CLOSE  "\x04"
#define PLAIN_TLS_BAD    "\x18"
#define PLAIN_TLS_PART   "\x01"
#define PLAIN_TLS_ALERT  "[alert]"

struct tls_context {
    bool is_unused;
};

struct tls_session {
    const struct tls_session_output *output;
    void *owner;
    bool has_flight_out;
    bool is_peer_closed;
    bool has_failed;
    bool has_said_close;
    bool is_within_record;
    const struct bytes *peer_chain; /* the test's */
    size_t peer_count;
    const uint8_t *resumed_identity; /* NULL: a full handshake */
};

/* Writing fails, as if the library had no memory. */
static bool plain_tls_cannot_write;

struct result tls_context_create(const struct tls_credential *const *credentials, size_t count,
                                 const struct config_ssl_profile *profile,
                                 const struct tls_site *site, struct tls_context **ret_context)
{
    (void)site;
    (void)credentials;
    (void)count;
    (void)profile;
    *ret_context = calloc(1, sizeof(**ret_context));
    return RESULT_OK;
}

void tls_context_destroy(struct tls_context *context)
{
    free(context);
}

struct result tls_session_create(const struct tls_context *context,
                                 const struct client_hello *hello,
                                 const struct tls_session_output *output, void *owner,
                                 struct tls_session **ret_session)
{
    (void)context;
    (void)hello;
    struct tls_session *session = calloc(1, sizeof(*session));
    *session = (struct tls_session){.output = output, .owner = owner};
    *ret_session = session;
    return RESULT_OK;
}

void tls_session_destroy(struct tls_session *session)
{
    free(session);
}

/* In pieces of a record, as TLS does; a record for which there is no room fails the session. */
static void put_out(struct tls_session *session, struct bytes bytes)
{
    while (bytes.length > 0 && !session->has_failed) {
        struct bytes record = bytes_slice(bytes, 0, 16384);
        uint8_t *room = session->output->reserve(session->owner, record.length);
        if (room == NULL) {
            session->has_failed = true;
            return;
        }
        memcpy(room, record.at, record.length);
        session->output->filled(session->owner, record.length);
        bytes = bytes_slice(bytes, record.length, bytes.length);
    }
}

static enum tls_status fail_session(struct tls_session *session)
{
    put_out(session, BYTES_OF(PLAIN_TLS_ALERT));
    session->has_failed = true;
    return TLS_FAILED;
}

enum tls_status tls_session_handshake(struct tls_session *session, struct bytes *input)
{
    if (!session->has_flight_out) {
        session->has_flight_out = true;
        put_out(session, BYTES_OF(PLAIN_TLS_FLIGHT));
    }
    if (session->has_failed) {
        return TLS_FAILED;
    }
    while (input->length > 0) {
        uint8_t byte = input->at[0];
        *input = bytes_slice(*input, 1, input->length);
        if (byte == 'F') {
            return TLS_DONE;
        }
        if (byte == PLAIN_TLS_BAD[0]) {
            return fail_session(session);
        }
    }
    return TLS_WANTS_INPUT;
}

enum tls_status tls_session_read(struct tls_session *session, struct bytes *input, uint8_t *buffer,
                                 size_t capacity, struct bytes *ret_plaintext)
{
    size_t length = 0;
    if (session->has_failed) {
        return TLS_FAILED;
    }
    if (session->is_peer_closed) {
        *input = (struct bytes){0};
        return TLS_PEER_CLOSED;
    }
    if (input->length > 0) {
        session->is_within_record = input->at[0] == PLAIN_TLS_PART[0];
        *input = bytes_slice(*input, session->is_within_record ? 1 : 0, input->length);
    }
    while (length < capacity && length < input->length && input->at[length] != PLAIN_TLS_CLOSE[0] &&
           input->at[length] != PLAIN_TLS_BAD[0]) {
        buffer[length] = input->at[length];
        length++;
    }
    *input = bytes_slice(*input, length, input->length);
    if (length > 0) {
        *ret_plaintext = bytes_from(buffer, length);
        return TLS_DONE;
    }
    if (input->length == 0) {
        return TLS_WANTS_INPUT;
    }
    if (input->at[0] == PLAIN_TLS_BAD[0]) {
        return fail_session(session);
    }
    session->is_peer_closed = true;
    return TLS_PEER_CLOSED;
}

bool tls_session_is_within_record(const struct tls_session *session)
{
    return session->is_within_record;
}

size_t tls_session_receive_size(const struct tls_session *session, size_t limit)
{
    (void)session;
    return limit;
}

enum tls_status tls_session_write(struct tls_session *session, struct bytes plaintext)
{
    if (session->has_failed || plain_tls_cannot_write) {
        session->has_failed = true;
        return TLS_FAILED;
    }
    put_out(session, plaintext);
    return session->has_failed ? TLS_FAILED : TLS_DONE;
}

void tls_session_close_notify(struct tls_session *session)
{
    if (!session->has_failed && !session->has_said_close) {
        session->has_said_close = true;
        put_out(session, BYTES_OF(PLAIN_TLS_CLOSE));
    }
}

enum tls_failure tls_session_failure(const struct tls_session *session)
{
    return session->has_failed ? TLS_FAILURE_ALERT_RECEIVED : TLS_FAILURE_NONE;
}

int tls_session_alert_received(const struct tls_session *session)
{
    (void)session;
    return 0;
}

const char *tls_session_server_name(const struct tls_session *session)
{
    (void)session;
    return "";
}

const char *tls_session_protocol(const struct tls_session *session)
{
    (void)session;
    return "TLSv1.3";
}

const char *tls_session_cipher_suite(const struct tls_session *session)
{
    (void)session;
    return "NONE";
}

size_t tls_session_peer_certificate_count(const struct tls_session *session)
{
    return session->peer_count;
}

struct bytes tls_session_peer_certificate(const struct tls_session *session, size_t index)
{
    CHECK(index < session->peer_count);
    return session->peer_chain[index];
}

void tls_session_drop_peer_chain(struct tls_session *session)
{
    session->peer_count = 0;
}

const uint8_t *tls_session_resumed_identity(const struct tls_session *session)
{
    return session->resumed_identity;
}

/* wolfSSL, which is linked but not used, asks for these. */
struct tls_staple;
struct tls_staple *tls_callback_staple(const struct WOLFSSL *library);
struct tls_staple *tls_callback_staple(const struct WOLFSSL *library)
{
    (void)library;
    return NULL;
}

struct bytes tls_callback_ca_names(const struct WOLFSSL *library);
struct bytes tls_callback_ca_names(const struct WOLFSSL *library)
{
    (void)library;
    return (struct bytes){0};
}

#endif
