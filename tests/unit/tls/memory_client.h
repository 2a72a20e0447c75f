/*
 * A TLS client in the same process, joined to a tls_session by two queues in memory. For the tests
 * of src/tls; wolfSSL's client side, because it can be made to misbehave.
 */
#ifndef TESTS_UNIT_TLS_MEMORY_CLIENT_H
#define TESTS_UNIT_TLS_MEMORY_CLIENT_H

#include "tls_pki.h"

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tls/tls_session.h"

#include "../../../src/tls/wolfssl_internal.h"

enum { QUEUE_CAPACITY = 1 << 21 };

struct queue {
    uint8_t *bytes;
    size_t start;
    size_t end;
};

struct link {
    WOLFSSL_CTX *client_context;
    WOLFSSL *client;
    struct client_hello hello;
    enum client_hello_status hello_status;
    struct tls_session *session;
    struct tls_context *context;
    struct queue to_server;
    struct queue to_client;
    size_t piece_size; /* the server gets input in pieces of so many bytes; 0: all at once */
    size_t output_count;
    bool is_room_lent;
    bool is_memory_short;
};

static inline void queue_put(struct queue *queue, const void *bytes, size_t length)
{
    assert_true(queue->end + length <= QUEUE_CAPACITY);
    memcpy(queue->bytes + queue->end, bytes, length);
    queue->end += length;
}

static inline int client_receive(WOLFSSL *client, char *buffer, int size, void *link_pointer)
{
    (void)client;
    struct queue *queue = &((struct link *)link_pointer)->to_client;
    size_t length = queue->end - queue->start;
    length = length < (size_t)size ? length : (size_t)size;
    memcpy(buffer, queue->bytes + queue->start, length);
    queue->start += length;
    return length == 0 ? WOLFSSL_CBIO_ERR_WANT_READ : (int)length;
}

static inline int client_send(WOLFSSL *client, char *buffer, int size, void *link_pointer)
{
    (void)client;
    queue_put(&((struct link *)link_pointer)->to_server, buffer, (size_t)size);
    return size;
}

/* Room behind the queue; each may be the one that memory is too short for. */
static inline uint8_t *server_reserve(void *owner, size_t length)
{
    struct link *link = owner;
    assert_true(!link->is_room_lent && length > 0);
    if (link->is_memory_short) {
        return NULL;
    }
    assert_true(link->to_client.end + length <= QUEUE_CAPACITY);
    link->is_room_lent = true;
    return link->to_client.bytes + link->to_client.end;
}

static inline void server_filled(void *owner, size_t length)
{
    struct link *link = owner;
    assert_true(link->is_room_lent);
    link->is_room_lent = false;
    link->output_count += length > 0;
    link->to_client.end += length;
}

static const struct tls_session_output server_output = {server_reserve, server_filled};

/* A client of one version (enum config_tls_version) without a certificate; CTX functions may
 * follow. */
static inline void link_init_version(struct link *link, struct tls_context *context,
                                     unsigned version)
{
    *link = (struct link){.context = context};
    link->to_server.bytes = malloc(QUEUE_CAPACITY);
    link->to_client.bytes = malloc(QUEUE_CAPACITY);
    link->client_context =
        wolfSSL_CTX_new(version == CONFIG_TLS_1_2   ? wolfTLSv1_2_client_method()
                        : version == CONFIG_TLS_1_3 ? wolfTLSv1_3_client_method()
                                                    : wolfSSLv23_client_method());
    assert_non_null(link->client_context);
    wolfSSL_CTX_set_verify(link->client_context, WOLFSSL_VERIFY_NONE, NULL);
    wolfSSL_CTX_SetIORecv(link->client_context, client_receive);
    wolfSSL_CTX_SetIOSend(link->client_context, client_send);
    client_hello_init(&link->hello);
}

static inline void link_init(struct link *link, struct tls_context *context)
{
    link_init_version(link, context, CONFIG_TLS_1_2 | CONFIG_TLS_1_3);
}

static inline void link_use_certificate(struct link *link, const char *name)
{
    char path[128];
    char file[64];
    (void)snprintf(file, sizeof(file), "client_%s.pem", name);
    assert_int_equal(wolfSSL_CTX_use_certificate_chain_file(link->client_context,
                                                            pki_path(path, sizeof(path), file)),
                     WOLFSSL_SUCCESS);
    (void)snprintf(file, sizeof(file), "client_%s.key", name);
    assert_int_equal(wolfSSL_CTX_use_PrivateKey_file(link->client_context,
                                                     pki_path(path, sizeof(path), file),
                                                     WOLFSSL_FILETYPE_PEM),
                     WOLFSSL_SUCCESS);
}

/* After the context has been prepared. */
static inline WOLFSSL *link_open_client(struct link *link)
{
    if (link->client == NULL) {
        link->client = wolfSSL_new(link->client_context);
        assert_non_null(link->client);
        wolfSSL_SetIOReadCtx(link->client, link);
        wolfSSL_SetIOWriteCtx(link->client, link);
    }
    return link->client;
}

static inline void link_deinit(struct link *link)
{
    tls_session_destroy(link->session);
    wolfSSL_free(link->client);
    wolfSSL_CTX_free(link->client_context);
    client_hello_deinit(&link->hello);
    free(link->to_server.bytes);
    free(link->to_client.bytes);
}

/* The next piece of what the client sent. */
static inline struct bytes server_input(struct link *link)
{
    size_t length = link->to_server.end - link->to_server.start;
    if (link->piece_size != 0 && length > link->piece_size) {
        length = link->piece_size;
    }
    return bytes_from(link->to_server.bytes + link->to_server.start, length);
}

static inline void server_took(struct link *link, struct bytes before, struct bytes after)
{
    link->to_server.start += before.length - after.length;
}

/* One turn of the server over all input: TLS_WANTS_INPUT unless something happened. */
static inline enum tls_status server_turn(struct link *link)
{
    enum tls_status status = TLS_WANTS_INPUT;
    do {
        struct bytes piece = server_input(link);
        struct bytes rest = piece;
        if (link->session == NULL) {
            link->hello_status = client_hello_feed(&link->hello, &rest);
            if (link->hello_status == CLIENT_HELLO_COMPLETE) {
                assert_true(result_is_ok(tls_session_create(link->context, &link->hello,
                                                            &server_output, link, &link->session)));
            } else if (link->hello_status != CLIENT_HELLO_NEEDS_MORE) {
                return TLS_FAILED;
            }
        }
        if (link->session != NULL) {
            status = tls_session_handshake(link->session, &rest);
        }
        server_took(link, piece, rest);
        assert_true(status != TLS_WANTS_INPUT || rest.length == 0);
    } while (status == TLS_WANTS_INPUT && server_input(link).length > 0);
    return status;
}

/* Both sides in turn until the server is done or fails, or nothing moves any more. */
static inline enum tls_status link_handshake(struct link *link)
{
    enum tls_status status = TLS_WANTS_INPUT;
    WOLFSSL *client = link_open_client(link);
    for (int turn = 0; turn < 10 && status == TLS_WANTS_INPUT; turn++) {
        (void)wolfSSL_connect(client);
        status = server_turn(link);
    }
    (void)wolfSSL_connect(client); /* the server's last flight, or its alert */
    return status;
}

/* Reads once, all input at hand. */
static inline enum tls_status server_read(struct link *link, uint8_t *buffer, size_t capacity,
                                          size_t *ret_length)
{
    enum tls_status status;
    struct bytes plaintext = {0};
    do {
        struct bytes piece = server_input(link);
        struct bytes rest = piece;
        status = tls_session_read(link->session, &rest, buffer, capacity, &plaintext);
        if (status == TLS_DONE) {
            memmove(buffer, plaintext.at, plaintext.length); /* it may lie in the piece */
            *ret_length = plaintext.length;
        }
        server_took(link, piece, rest);
    } while (status == TLS_WANTS_INPUT && server_input(link).length > 0);
    return status;
}

/* The last alert that reached the client, or TLS_ALERT_NONE. */
static inline int client_alert(struct link *link)
{
    WOLFSSL_ALERT_HISTORY history = {0};
    char byte;
    (void)wolfSSL_read(link->client, &byte, 1);
    (void)wolfSSL_get_alert_history(link->client, &history);
    return history.last_rx.code;
}

#endif
