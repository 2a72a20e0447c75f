/* wolfSSL as a client; see the header. Its sessions are in tls_client_session.c. */
#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "tls_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "identity_set.h"
#include "mode.h"
#include "target.h"
#include "tls/tls_failure.h"
#include "tls_client_parts.h"

#define GROUPS_MAX      8
#define LIST_SIZE       512
#define RECORD_OVERHEAD 256 /* of 16 KB, with room to spare */

struct tls_client_context {
    WOLFSSL_CTX *library;
    const char *checked_name; /* of the server; NULL: not checked */
};

/* clang-format off */
static const struct {
    const char *name;
    int number;
} groups[] = {
    {"X25519", WOLFSSL_ECC_X25519},
    {"P-256", WOLFSSL_ECC_SECP256R1}, {"secp256r1", WOLFSSL_ECC_SECP256R1},
    {"P-384", WOLFSSL_ECC_SECP384R1}, {"secp384r1", WOLFSSL_ECC_SECP384R1},
    {"P-521", WOLFSSL_ECC_SECP521R1}, {"secp521r1", WOLFSSL_ECC_SECP521R1},
    {"X25519MLKEM768", WOLFSSL_X25519MLKEM768},
};

/* What the library says of a server's chain that it does not trust. */
static const int certificate_failures[] = {
    ASN_NO_SIGNER_E, ASN_SIG_CONFIRM_E, ASN_AFTER_DATE_E, ASN_BEFORE_DATE_E, ASN_SELF_SIGNED_E, ASN_PATHLEN_INV_E,
    ASN_NAME_INVALID_E, DOMAIN_NAME_MISMATCH, IPADDR_MISMATCH, NOT_CA_ERROR, KEYUSAGE_E, EXTKEYUSAGE_E, ASN_PARSE_E,
    VERIFY_CERT_ERROR, NO_PEER_CERT,
};
/* clang-format on */

[[gnu::format(printf, 2, 3)]] static struct result refuse(char message[TLS_CLIENT_MESSAGE_SIZE],
                                                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, TLS_CLIENT_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    return result_failure(ERROR_BAD_INPUT);
}

static int receive(WOLFSSL *library, char *memory, int size, void *pipe_pointer)
{
    struct tls_client_pipe *pipe = pipe_pointer;
    (void)library;
    if (pipe->incoming.length == 0) {
        return pipe->has_ended ? WOLFSSL_CBIO_ERR_CONN_CLOSE : WOLFSSL_CBIO_ERR_WANT_READ;
    }
    size_t length = pipe->incoming.length < (size_t)size ? pipe->incoming.length : (size_t)size;
    memcpy(memory, pipe->incoming.at, length);
    pipe->incoming.at += length;
    pipe->incoming.length -= length;
    return (int)length;
}

static int collect(WOLFSSL *library, char *memory, int size, void *pipe_pointer)
{
    struct tls_client_pipe *pipe = pipe_pointer;
    (void)library;
    if (pipe->outgoing_capacity - pipe->outgoing_length < (size_t)size) {
        return WOLFSSL_CBIO_ERR_WANT_WRITE;
    }
    memcpy(pipe->outgoing + pipe->outgoing_length, memory, (size_t)size);
    pipe->outgoing_length += (size_t)size;
    return size;
}

struct result tls_client_start(void)
{
    return wolfSSL_Init() == WOLFSSL_SUCCESS ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

static WOLFSSL_METHOD *choose_versions(const char *version)
{
    if (version == NULL) {
        return wolfTLS_client_method();
    }
    return strcmp(version, "1.2") == 0 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method();
}

/* 0 when there is none of that name. */
static int group_number(struct bytes name)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (bytes_equal_ignoring_case(bytes_from_string(groups[i].name), name)) {
            return groups[i].number;
        }
    }
    return 0;
}

static struct result set_groups(WOLFSSL_CTX *library, const char *list,
                                char message[TLS_CLIENT_MESSAGE_SIZE])
{
    int numbers[GROUPS_MAX];
    int count = 0;
    struct bytes rest = bytes_from_string(list);
    while (rest.length > 0 && count < GROUPS_MAX) {
        size_t end = bytes_find(rest, ',');
        struct bytes name = bytes_trim(bytes_slice(rest, 0, end));
        numbers[count] = group_number(name);
        if (numbers[count] == 0) {
            return refuse(message, "--groups: there is no group '%.*s'", (int)name.length, name.at);
        }
        count++;
        rest = bytes_slice(rest, end == rest.length ? end : end + 1, rest.length);
    }
    return count > 0 && wolfSSL_CTX_set_groups(library, numbers, count) == WOLFSSL_SUCCESS
               ? RESULT_OK
               : refuse(message, "--groups %.60s cannot be used", list);
}

static struct result set_suites(WOLFSSL_CTX *library, const char *list,
                                char message[TLS_CLIENT_MESSAGE_SIZE])
{
    char names[LIST_SIZE];
    (void)snprintf(names, sizeof(names), "%s", list);
    for (char *at = names; *at != '\0'; at++) {
        *at = *at == ',' ? ':' : *at;
    }
    return strlen(list) < sizeof(names) &&
                   wolfSSL_CTX_set_cipher_list(library, names) == WOLFSSL_SUCCESS
               ? RESULT_OK
               : refuse(message, "--suites %.100s cannot be used", list);
}

/* The name must be in the certificate. False when the library does not take it for a name. */
static bool expect_name(const struct tls_client_context *context, WOLFSSL *library)
{
    return context->checked_name == NULL ||
           wolfSSL_check_domain_name(library, context->checked_name) == WOLFSSL_SUCCESS;
}

/* Tried once here, so that it is no fault of each connection. */
static struct result try_name(const struct tls_client_context *context,
                              char message[TLS_CLIENT_MESSAGE_SIZE])
{
    WOLFSSL *library = wolfSSL_new(context->library);
    bool is_fine = library != NULL && expect_name(context, library);
    wolfSSL_free(library);
    return is_fine ? RESULT_OK
                   : refuse(message,
                            "--cacert: only a name with a dot, or localhost, can be checked, not "
                            "%.60s: give --server-name",
                            context->checked_name);
}

static struct result set_trust(struct tls_client_context *context, const struct plan *plan,
                               const struct target *target, char message[TLS_CLIENT_MESSAGE_SIZE])
{
    if (plan->server_ca == NULL) {
        wolfSSL_CTX_set_verify(context->library, WOLFSSL_VERIFY_NONE, NULL);
        return RESULT_OK;
    }
    wolfSSL_CTX_set_verify(context->library, WOLFSSL_VERIFY_PEER, NULL);
    context->checked_name = target->name;
    if (wolfSSL_CTX_load_verify_locations(context->library, plan->server_ca, NULL) !=
        WOLFSSL_SUCCESS) {
        return refuse(message, "--cacert %.100s cannot be read as PEM certificates",
                      plan->server_ca);
    }
    if (target->name_is_address) {
        return refuse(message, "--cacert: the TLS library checks no address: give --server-name");
    }
    return try_name(context, message);
}

static struct result set_identity(WOLFSSL_CTX *library, const struct identity *identity,
                                  char message[TLS_CLIENT_MESSAGE_SIZE])
{
    if (identity == NULL) {
        return RESULT_OK;
    }
    if (wolfSSL_CTX_use_certificate_chain_buffer(library, identity->chain.at,
                                                 (long)identity->chain.length) != WOLFSSL_SUCCESS) {
        return refuse(message, "a client certificate cannot be read as PEM");
    }
    if (wolfSSL_CTX_use_PrivateKey_buffer(library, identity->key.at, (long)identity->key.length,
                                          identity->key_is_der
                                              ? WOLFSSL_FILETYPE_ASN1
                                              : WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS) {
        return refuse(message, "a client's key cannot be read as PEM, or it is encrypted");
    }
    return wolfSSL_CTX_check_private_key(library) == WOLFSSL_SUCCESS
               ? RESULT_OK
               : refuse(message, "a client's key does not belong to its certificate");
}

static struct result set_up(struct tls_client_context *context, const struct plan *plan,
                            const struct target *target, char message[TLS_CLIENT_MESSAGE_SIZE])
{
    WOLFSSL_CTX *library = context->library;
    wolfSSL_CTX_SetIORecv(library, receive);
    wolfSSL_CTX_SetIOSend(library, collect);
    if (wolfSSL_CTX_set_group_messages(library) != WOLFSSL_SUCCESS ||
        (plan->tls_version == NULL &&
         wolfSSL_CTX_SetMinVersion(library, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS) ||
        (!target->name_is_address &&
         wolfSSL_CTX_UseSNI(library, WOLFSSL_SNI_HOST_NAME, target->name,
                            (unsigned short)strlen(target->name)) != WOLFSSL_SUCCESS) ||
        (mode_of(plan->mode)->resumes &&
         wolfSSL_CTX_UseSessionTicket(library) != WOLFSSL_SUCCESS)) {
        (void)refuse(message, "the TLS library refuses its settings");
        return result_failure(ERROR_TLS_LIBRARY);
    }
    TRY(set_suites(library, plan->suites, message));
    TRY(set_groups(library, plan->groups, message));
    return set_trust(context, plan, target, message);
}

struct result tls_client_context_create(const struct plan *plan, const struct target *target,
                                        const struct identity *identity,
                                        struct tls_client_context **ret_context,
                                        char message[TLS_CLIENT_MESSAGE_SIZE])
{
    struct tls_client_context *context = calloc(1, sizeof(*context));
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    (void)refuse(message, "there is no memory for TLS");
    if (context != NULL) {
        context->library = wolfSSL_CTX_new(choose_versions(plan->tls_version));
    }
    if (context != NULL && context->library != NULL) {
        result = set_up(context, plan, target, message);
    }
    if (result_is_ok(result)) {
        result = set_identity(context->library, identity, message);
    }
    if (!result_is_ok(result)) {
        tls_client_context_destroy(context);
        return result;
    }
    *ret_context = context;
    return RESULT_OK;
}

void tls_client_context_destroy(struct tls_client_context *context)
{
    if (context != NULL) {
        wolfSSL_CTX_free(context->library);
        free(context);
    }
}

struct tls_client *tls_client_create(struct tls_client_context *context,
                                     struct tls_client_pipe *pipe)
{
    struct tls_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    client->library = wolfSSL_new(context->library);
    if (client->library == NULL || !expect_name(context, client->library)) {
        tls_client_destroy(client);
        return NULL;
    }
    wolfSSL_SetIOReadCtx(client->library, pipe);
    wolfSSL_SetIOWriteCtx(client->library, pipe);
    client->pipe = pipe;
    return client;
}

void tls_client_destroy(struct tls_client *client)
{
    if (client != NULL) {
        wolfSSL_free(client->library);
        free(client);
    }
}

static enum tls_client_answer answer_of(struct tls_client *client, int returned)
{
    int code = wolfSSL_get_error(client->library, returned);
    switch (code) {
    case WOLFSSL_ERROR_WANT_READ:
    case WOLFSSL_ERROR_WANT_WRITE:
        return TLS_CLIENT_WAITS;
    case WOLFSSL_ERROR_ZERO_RETURN:
    case SOCKET_PEER_CLOSED_E:
    case SOCKET_ERROR_E:
        return TLS_CLIENT_ENDED;
    default:
        client->failure = code;
        return TLS_CLIENT_FAILED;
    }
}

enum tls_client_answer tls_client_shake_hands(struct tls_client *client)
{
    int returned = wolfSSL_connect(client->library);
    return returned == WOLFSSL_SUCCESS ? TLS_CLIENT_DONE : answer_of(client, returned);
}

enum tls_client_answer tls_client_write(struct tls_client *client, struct bytes bytes)
{
    size_t room = client->pipe->outgoing_capacity - client->pipe->outgoing_length;
    if (room < bytes.length + RECORD_OVERHEAD) {
        return TLS_CLIENT_WAITS;
    }
    int returned = wolfSSL_write(client->library, bytes.at, (int)bytes.length);
    return returned > 0 ? TLS_CLIENT_DONE : answer_of(client, returned);
}

enum tls_client_answer tls_client_read(struct tls_client *client, uint8_t *memory, size_t size,
                                       size_t *ret_length)
{
    int returned = wolfSSL_read(client->library, memory, (int)size);
    if (returned <= 0) {
        return answer_of(client, returned);
    }
    *ret_length = (size_t)returned;
    return TLS_CLIENT_DONE;
}

void tls_client_say_goodbye(struct tls_client *client)
{
    (void)wolfSSL_shutdown(client->library);
}

static bool is_certificate_failure(int code)
{
    for (size_t i = 0; i < sizeof(certificate_failures) / sizeof(certificate_failures[0]); i++) {
        if (certificate_failures[i] == code) {
            return true;
        }
    }
    return false;
}

enum fault tls_client_fault(const struct tls_client *client, char message[TLS_CLIENT_MESSAGE_SIZE])
{
    WOLFSSL_ALERT_HISTORY history = {0};
    char text[WOLFSSL_MAX_ERROR_SZ];
    if (client->failure == FATAL_ERROR &&
        wolfSSL_get_alert_history(client->library, &history) == WOLFSSL_SUCCESS &&
        history.last_rx.code >= 0) {
        (void)refuse(message, "the server sent the alert %s",
                     tls_failure_alert_name((uint8_t)history.last_rx.code));
        return FAULT_TLS_ALERT;
    }
    (void)refuse(message, "%.140s", wolfSSL_ERR_error_string((unsigned long)client->failure, text));
    return is_certificate_failure(client->failure) ? FAULT_SERVER_CERTIFICATE : FAULT_TLS;
}

bool tls_client_was_resumed(const struct tls_client *client)
{
    return wolfSSL_session_reused(client->library) == 1;
}

void tls_client_describe(const struct tls_client *client, char *memory, size_t size)
{
    const char *group = wolfSSL_get_curve_name(client->library);
    (void)snprintf(memory, size, "%s, %s, %s", wolfSSL_get_version(client->library),
                   wolfSSL_get_cipher_name(client->library), group == NULL ? "-" : group);
}
