/*
 * One TLS connection over wolfSSL with memory callbacks. Called by the connection on its worker.
 *
 * wolfSSL asks for ciphertext and hands it out only while one of our calls is running, so nothing
 * here waits and nothing is kept but what wolfSSL keeps: the rest of an incomplete record. Once
 * failed, a session answers TLS_FAILED for ever and wolfSSL is not called again.
 */
#include <stdlib.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/check.h"
#include "base/clock.h"
#include "tls/tls_policy.h"
#include "tls/tls_session.h"

#include "tls_context_choice.h"
#include "tls_library_codes.h"
#include "tls_session_state.h"
#include "wolfssl_internal.h"

enum {
    READ_MAX = 1 << 20,  /* for one call of wolfSSL_read(), which counts in int */
    RECORD_MAX = 16384,  /* of plaintext (RFC 8446 5.1) */
    EXPANSION_MAX = 384, /* of a record: header, IV, MAC and padding of any suite */
    ALERT_LEVEL_FATAL = 2,
};

static enum tls_status fail(struct tls_session *session, enum tls_failure failure);
static bool wants_input(const struct tls_session *session, int code);
static enum tls_status fail_by_code(struct tls_session *session, int code);
static enum tls_status finish_handshake(struct tls_session *session);

static struct result prepare_library(struct tls_session *session, const struct tls_context *context,
                                     const struct client_hello *hello)
{
    static char http1[] =
        TLS_CONTEXT_PROTOCOL; /* wolfSSL takes a pointer to non-const and only reads it. */
    wolfSSL_SetIOReadCtx(session->library, session);
    wolfSSL_SetIOWriteCtx(session->library, session);
    wolfSSL_SetCertCbCtx(session->library, session);
    if (tls_context_is_tls12(context, hello)) {
        TRY(tls_context_set_groups(context, session->library));
    }
    /* RFC 7301 3.2: a client that speaks none of our protocols is told so. */
    if (hello->offers_alpn && wolfSSL_UseALPN(session->library, http1, sizeof(http1) - 1,
                                              WOLFSSL_ALPN_FAILED_ON_MISMATCH) != WOLFSSL_SUCCESS) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    return RESULT_OK;
}

/* Without keys a session goes without tickets. */
static struct result prepare_tickets(struct tls_session *session, const struct tls_context *context)
{
    const struct tls_site *site = tls_context_site(context);
    if (site->tickets == NULL) {
        return RESULT_OK;
    }
    if (site->tickets->keys.count == 0) {
        bool is_forbidden = wolfSSL_NoTicketTLSv12(session->library) == WOLFSSL_SUCCESS;
        (void)wolfSSL_no_ticket_TLSv13(session->library); /* it refuses where there is no 1.3 */
        return is_forbidden ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
    }
    session->resumption = malloc(sizeof(*session->resumption));
    if (session->resumption == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    return tls_resumption_init(session->resumption, site->tickets, site->binding,
                               bytes_from_string(session->server_name));
}

struct result tls_session_create(const struct tls_context *context,
                                 const struct client_hello *hello,
                                 const struct tls_session_output *output, void *owner,
                                 struct tls_session **ret_session)
{
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    size_t name_size = strlen(hello->server_name) + 1;
    struct tls_session *session = calloc(1, sizeof(*session) + name_size);
    if (session == NULL) {
        return result;
    }
    memcpy(session->server_name, hello->server_name, name_size);
    session->output = output;
    session->owner = owner;
    session->flight = hello->flight;
    session->ca_names = tls_context_site(context)->ca_names;
    session->alert_received = TLS_ALERT_NONE;
    session->early_data_left_bytes = hello->offers_early_data ? TLS_SESSION_EARLY_DATA_MAX : 0;
    record_meter_init(&session->meter);
    session->staple.owner = owner;
    session->staple.find = hello->wants_staple ? tls_context_site(context)->find_staple : NULL;
    session->library = wolfSSL_new(tls_context_choose(context, hello, &session->staple.key_kind));
    if (session->library == NULL) {
        goto destroy_session;
    }
    session->refusal = tls_context_refuse(context, hello);
    result = prepare_library(session, context, hello);
    if (!result_is_ok(result)) {
        goto destroy_session;
    }
    result = prepare_tickets(session, context);
    if (!result_is_ok(result)) {
        goto destroy_session;
    }
    *ret_session = session;
    return RESULT_OK;

destroy_session:
    tls_session_destroy(session);
    return result;
}

void tls_session_destroy(struct tls_session *session)
{
    if (session == NULL) {
        return;
    }
    wolfSSL_free(session->library);
    tls_session_drop_peer_chain(session);
    free(session);
}

enum tls_status tls_session_handshake(struct tls_session *session, struct bytes *input)
{
    if (session->phase != PHASE_HANDSHAKE) {
        return session->phase == PHASE_FAILED ? TLS_FAILED : TLS_DONE;
    }
    if (session->refusal != TLS_FAILURE_NONE) {
        return fail(session, session->refusal);
    }
    session->input = input;
    int answer = wolfSSL_accept(session->library);
    session->input = NULL;
    session->flight = (struct bytes){0};
    session->staple.response = (struct bytes){0};
    if (answer == WOLFSSL_SUCCESS) {
        return finish_handshake(session);
    }
    int code = wolfSSL_get_error(session->library, answer);
    return wants_input(session, code) ? TLS_WANTS_INPUT : fail_by_code(session, code);
}

/* Decrypts a record where it lies, which spares wolfSSL's own memory for it and two copies. */
static int read_in_place(struct tls_session *session, struct bytes record,
                         struct bytes *ret_plaintext)
{
    uint8_t first;
    session->record_failure = record_meter_count(&session->meter, record);
    if (session->record_failure != TLS_FAILURE_NONE) {
        wolfssl_internal_take_input_back(session->library);
        return -1;
    }
    /* A look at one byte makes wolfSSL take the record; the rest is looked at without it. */
    int length = wolfSSL_peek(session->library, &first, sizeof(first));
    struct bytes plaintext = wolfssl_internal_take_input_back(session->library);
    if (length > 0 && plaintext.length > RECORD_MAX) { /* wolfSSL refuses it before */
        session->record_failure = TLS_FAILURE_RECORD_TOO_LARGE;
        return -1;
    }
    if (length > 0) {
        *ret_plaintext = plaintext;
    }
    return length;
}

/* The next record, or a part of it. wolfSSL's answer. */
static int read_record(struct tls_session *session, struct bytes *input, uint8_t *buffer,
                       size_t capacity, struct bytes *ret_plaintext)
{
    struct bytes record = record_meter_first(*input);
    if (record.length > 0 && capacity >= RECORD_MAX &&
        wolfssl_internal_lend_input(session->library, record)) {
        *input = bytes_slice(*input, record.length, SIZE_MAX);
        return read_in_place(session, record, ret_plaintext);
    }
    int size = capacity < READ_MAX ? (int)capacity : READ_MAX;
    session->input = input;
    int length = wolfSSL_read(session->library, buffer, size);
    session->input = NULL;
    if (length > 0) {
        *ret_plaintext = bytes_from(buffer, (size_t)length);
    }
    return length;
}

static bool wants_input(const struct tls_session *session, int code)
{
    return code == WOLFSSL_ERROR_WANT_READ && session->record_failure == TLS_FAILURE_NONE;
}

enum tls_status tls_session_read(struct tls_session *session, struct bytes *input, uint8_t *buffer,
                                 size_t capacity, struct bytes *ret_plaintext)
{
    CHECK(session->phase != PHASE_HANDSHAKE && capacity > 0);
    if (session->phase != PHASE_OPEN) {
        return session->phase == PHASE_FAILED ? TLS_FAILED : TLS_PEER_CLOSED;
    }
    int code;
    do {
        int length = read_record(session, input, buffer, capacity, ret_plaintext);
        if (length > 0) {
            record_meter_credit(&session->meter, ret_plaintext->length);
            return TLS_DONE;
        }
        code = wolfSSL_get_error(session->library, length);
    } while (wants_input(session, code) && input->length > 0); /* a record without data */
    if (wants_input(session, code)) {
        return TLS_WANTS_INPUT;
    }
    if (code == WOLFSSL_ERROR_ZERO_RETURN) {
        session->phase = PHASE_PEER_CLOSED;
        return TLS_PEER_CLOSED;
    }
    return fail_by_code(session, code);
}

bool tls_session_is_within_record(const struct tls_session *session)
{
    return record_meter_is_within(&session->meter);
}

size_t tls_session_receive_size(const struct tls_session *session, size_t limit)
{
    return record_meter_whole(&session->meter, limit);
}

/* One record, encrypted where it will be sent from. Bytes of plaintext taken, or wolfSSL's answer.
 */
static int write_record(struct tls_session *session, struct bytes plaintext)
{
    struct bytes content = bytes_slice(plaintext, 0, RECORD_MAX);
    size_t room_bytes = content.length + EXPANSION_MAX;
    session->room = session->output->reserve(session->owner, room_bytes);
    if (session->room == NULL) {
        session->is_out_of_memory = true;
        return -1;
    }
    wolfssl_internal_lend_output(session->library, session->room, room_bytes);
    int length = wolfSSL_write(session->library, content.at, (int)content.length);
    wolfssl_internal_take_output_back(session->library);
    if (session->room != NULL) {
        session->output->filled(session->owner, 0);
        session->room = NULL;
    }
    return length;
}

enum tls_status tls_session_write(struct tls_session *session, struct bytes plaintext)
{
    CHECK(session->phase != PHASE_HANDSHAKE && !session->has_said_close);
    while (plaintext.length > 0 && session->phase != PHASE_FAILED) {
        int length = write_record(session, plaintext);
        if (length <= 0) {
            return fail_by_code(session, wolfSSL_get_error(session->library, length));
        }
        plaintext = bytes_slice(plaintext, (size_t)length, SIZE_MAX);
    }
    return session->phase == PHASE_FAILED ? TLS_FAILED : TLS_DONE;
}

void tls_session_close_notify(struct tls_session *session)
{
    bool is_open = session->phase == PHASE_OPEN || session->phase == PHASE_PEER_CLOSED;
    if (is_open && !session->has_said_close) {
        /* The answer is of no use: our output takes all, and the client's own close_notify is not
         * awaited. */
        (void)wolfSSL_shutdown(session->library);
        session->has_said_close = true;
    }
}

enum tls_failure tls_session_failure(const struct tls_session *session)
{
    return session->failure;
}

int tls_session_alert_received(const struct tls_session *session)
{
    return session->alert_received;
}

const char *tls_session_server_name(const struct tls_session *session)
{
    return session->server_name;
}

const char *tls_session_protocol(const struct tls_session *session)
{
    return wolfSSL_get_version(session->library);
}

const char *tls_session_cipher_suite(const struct tls_session *session)
{
    return tls_policy_openssl_name((uint16_t)wolfSSL_get_current_cipher_suite(session->library));
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
    free(session->peer_chain);
    session->peer_chain = NULL;
    session->peer_count = 0;
    free(session->resumption);
    session->resumption = NULL;
}

const uint8_t *tls_session_resumed_identity(const struct tls_session *session)
{
    bool is_resumed = session->phase != PHASE_HANDSHAKE && session->resumption != NULL &&
                      session->resumption->is_admitted &&
                      wolfSSL_session_reused(session->library) == 1;
    return is_resumed ? session->resumption->content.identity : NULL;
}

static enum tls_status finish_handshake(struct tls_session *session)
{
    if (session->is_out_of_memory) {
        return fail(session,
                    TLS_FAILURE_OUT_OF_MEMORY); /* Its chain is lost: nobody could judge it. */
    }
    if (wolfSSL_session_reused(session->library) == 1 &&
        (session->resumption == NULL || !session->resumption->is_admitted)) {
        return fail(session, TLS_FAILURE_INTERNAL); /* Resumed from what nobody admitted. */
    }
    session->ca_names = (struct bytes){0}; /* their policy may go before the session does */
    session->phase = PHASE_OPEN;
    record_meter_end_handshake(&session->meter, clock_monotonic_ms());
    return TLS_DONE;
}

/* wolfSSL has sent an alert of its own on many failures; on the others it is sent here. */
static enum tls_status fail(struct tls_session *session, enum tls_failure failure)
{
    WOLFSSL_ALERT_HISTORY history = {0};
    enum tls_alert alert = tls_failure_alert(failure);
    (void)wolfSSL_get_alert_history(session->library, &history);
    if (alert != TLS_ALERT_NONE && history.last_tx.level != ALERT_LEVEL_FATAL &&
        !session->has_said_close) {
        wolfssl_internal_send_alert(session->library, alert);
    }
    session->failure = failure;
    session->phase = PHASE_FAILED;
    return TLS_FAILED;
}

static enum tls_status fail_by_code(struct tls_session *session, int code)
{
    WOLFSSL_ALERT_HISTORY history = {0};
    (void)wolfSSL_get_alert_history(session->library, &history);
    if (session->record_failure != TLS_FAILURE_NONE) {
        return fail(session, session->record_failure);
    }
    if (session->is_out_of_memory) {
        return fail(session, TLS_FAILURE_OUT_OF_MEMORY);
    }
    enum tls_failure failure =
        tls_library_refine(tls_library_failure_of(code), history.last_tx.code);
    /* In TLS 1.3 an alert may come before the client can encrypt; then the code says only that. */
    if (failure == TLS_FAILURE_ALERT_RECEIVED || history.last_rx.level == ALERT_LEVEL_FATAL) {
        session->alert_received = history.last_rx.code;
        failure = TLS_FAILURE_ALERT_RECEIVED;
    }
    return fail(session, failure);
}
