/*
 * A TLS session fed by a stranger: from the first byte, after a right hello, or, encrypted by a
 * real client, within an established connection of either version. The first byte says which, the
 * second how it is cut.
 */
#include <stdio.h>
#include <stdlib.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/check.h"
#include "tls/tls_library.h"
#include "tls/tls_session.h"

enum start { FROM_THE_FIRST_BYTE, AFTER_A_HELLO, WITHIN_TLS_1_2, WITHIN_TLS_1_3, START_COUNT };

/* wolfSSL's own functions that encrypt a record. */
int BuildMessage(WOLFSSL *library, byte *output, int output_size, const byte *input, int input_size,
                 int type, int adds_to_hash, int asks_size_only, int is_asynchronous,
                 int epoch_order);
int BuildTls13Message(WOLFSSL *library, byte *output, int output_size, const byte *input,
                      int input_size, int type, int adds_to_hash, int asks_size_only,
                      int is_asynchronous);

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct queue {
    uint8_t bytes[1 << 18];
    size_t start;
    size_t end;
} to_server, to_client;

static struct tls_context *context;
static WOLFSSL_CTX *client_contexts[START_COUNT];

static void put(struct queue *queue, struct bytes bytes)
{
    if (bytes.length > 0 && bytes.length <= sizeof(queue->bytes) - queue->end) {
        memcpy(queue->bytes + queue->end, bytes.at, bytes.length);
        queue->end += bytes.length;
    }
}

static int client_receive(WOLFSSL *client, char *buffer, int size, void *owner)
{
    (void)client;
    (void)owner;
    struct bytes taken =
        bytes_slice(bytes_from(to_client.bytes, to_client.end), to_client.start, (size_t)size);
    if (taken.length == 0) {
        return WOLFSSL_CBIO_ERR_WANT_READ;
    }
    memcpy(buffer, taken.at, taken.length);
    to_client.start += taken.length;
    return (int)taken.length;
}

static int client_send(WOLFSSL *client, char *buffer, int size, void *owner)
{
    (void)client;
    (void)owner;
    put(&to_server, bytes_from(buffer, (size_t)size));
    return size;
}

static uint8_t *server_reserve(void *owner, size_t length)
{
    (void)owner;
    return length > sizeof(to_client.bytes) - to_client.end ? NULL
                                                            : to_client.bytes + to_client.end;
}

static void server_filled(void *owner, size_t length)
{
    (void)owner;
    to_client.end += length;
}

static const struct tls_session_output server_output = {server_reserve, server_filled};

static struct tls_credential *load_credential(const char *folder)
{
    char chain[64];
    char key[64];
    struct diagnostics diagnostics;
    struct tls_credential *credential = NULL;
    (void)snprintf(chain, sizeof(chain), "%s/p256.pem", folder);
    (void)snprintf(key, sizeof(key), "%s/p256.key", folder);
    const struct config_certificate files = {.chain_path = {.text = chain},
                                             .key_path = {.text = key}};
    diagnostics_init(&diagnostics);
    CHECK(result_is_ok(tls_credential_create(&files, &diagnostics, &credential)));
    return credential;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    static struct config_text suites[] = {{.text = "TLS_AES_128_GCM_SHA256"},
                                          {.text = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}};
    static struct config_text groups[] = {{.text = "X25519"}, {.text = "P-256"}};
    const struct config_ssl_profile profile = {
        .verify_mode = CONFIG_VERIFY_STRICT,
        .policy = {"fuzz", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, {suites, 2}, {groups, 2}}};
    char folder[] = "/tmp/fuzz_tls_XXXXXX";
    char command[128];
    CHECK(mkdtemp(folder) != NULL && result_is_ok(tls_library_start()));
    (void)snprintf(command, sizeof(command), "sh tests/pki/make_tls_pki.sh %s", folder);
    CHECK(system(command) == 0);
    struct tls_credential *credential = load_credential(folder);
    CHECK(result_is_ok(tls_context_create((const struct tls_credential *const[]){credential}, 1,
                                          &profile, NULL, &context)));
    tls_credential_destroy(credential);
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    CHECK(system(command) == 0);
    client_contexts[AFTER_A_HELLO] = wolfSSL_CTX_new(wolfSSLv23_client_method());
    client_contexts[WITHIN_TLS_1_2] = wolfSSL_CTX_new(wolfTLSv1_2_client_method());
    client_contexts[WITHIN_TLS_1_3] = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
    for (int start = AFTER_A_HELLO; start < START_COUNT; start++) {
        wolfSSL_CTX_set_verify(client_contexts[start], WOLFSSL_VERIFY_NONE, NULL);
        wolfSSL_CTX_SetIORecv(client_contexts[start], client_receive);
        wolfSSL_CTX_SetIOSend(client_contexts[start], client_send);
    }
    return 0;
}

/* All that is in the queue, cut into pieces of that size. The last answer. */
static enum tls_status serve(struct client_hello *hello, struct tls_session **session, size_t size,
                             bool *is_open)
{
    static uint8_t plaintext[4096];
    enum tls_status status = TLS_WANTS_INPUT;
    while (to_server.start < to_server.end && status != TLS_FAILED && status != TLS_PEER_CLOSED) {
        struct bytes piece =
            bytes_slice(bytes_from(to_server.bytes, to_server.end), to_server.start, size);
        struct bytes rest = piece;
        struct bytes read;
        if (*session == NULL) {
            enum client_hello_status answer = client_hello_feed(hello, &rest);
            if (answer == CLIENT_HELLO_COMPLETE) {
                CHECK(result_is_ok(
                    tls_session_create(context, hello, &server_output, NULL, session)));
            } else if (answer != CLIENT_HELLO_NEEDS_MORE) {
                return TLS_FAILED;
            }
        }
        if (*session != NULL && !*is_open) {
            status = tls_session_handshake(*session, &rest);
            *is_open = status == TLS_DONE;
        }
        while (*is_open && (status = tls_session_read(*session, &rest, plaintext, sizeof(plaintext),
                                                      &read)) == TLS_DONE) {
            CHECK(read.length > 0 && read.length <= sizeof(plaintext));
        }
        CHECK((status == TLS_FAILED) == (*session != NULL && tls_session_failure(*session) != 0));
        to_server.start += piece.length - rest.length;
    }
    return status;
}

/* Records of the input: type, length, body; each encrypted as the client would. */
static void put_encrypted(WOLFSSL *client, enum start start, struct bytes input)
{
    static uint8_t record[2048];
    struct bytes_reader reader = bytes_reader_over(input);
    while (bytes_reader_left(&reader) > 1) {
        uint8_t type = bytes_reader_u8(&reader);
        size_t size = bytes_reader_u8(&reader);
        size_t left = bytes_reader_left(&reader);
        struct bytes body = bytes_reader_take(&reader, size < left ? size : left);
        if (body.length > 0) {
            memcpy(record + 5, body.at, body.length);
        }
        int length = start == WITHIN_TLS_1_3
                         ? BuildTls13Message(client, record, sizeof(record), record + 5,
                                             (int)body.length, type, 0, 0, 0)
                         : BuildMessage(client, record, sizeof(record), body.at, (int)body.length,
                                        type, 0, 0, 0, 0);
        if (length > 0) {
            put(&to_server, bytes_from(record, (size_t)length));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    enum start start = data[0] % START_COUNT;
    struct client_hello hello;
    struct tls_session *session = NULL;
    bool is_open = false;
    WOLFSSL *client = start == FROM_THE_FIRST_BYTE ? NULL : wolfSSL_new(client_contexts[start]);
    to_server.start = to_server.end = to_client.start = to_client.end = 0;
    client_hello_init(&hello);
    for (int turn = 0; client != NULL && !is_open && turn < (start == AFTER_A_HELLO ? 1 : 4);
         turn++) {
        (void)wolfSSL_connect(client);
        (void)serve(&hello, &session, SIZE_MAX, &is_open);
    }
    CHECK(is_open == (start == WITHIN_TLS_1_2 || start == WITHIN_TLS_1_3));
    struct bytes input = bytes_from(data + 2, size - 2);
    if (is_open) {
        (void)wolfSSL_connect(client);
        put_encrypted(client, start, input);
    } else {
        put(&to_server, input);
    }
    (void)serve(&hello, &session, data[1] == 0 ? SIZE_MAX : data[1], &is_open);
    if (session != NULL) {
        tls_session_close_notify(session);
    }
    tls_session_destroy(session);
    client_hello_deinit(&hello);
    wolfSSL_free(client);
    return 0;
}
