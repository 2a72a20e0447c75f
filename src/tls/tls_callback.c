/*
 * What wolfSSL calls while a session is being served: it takes ciphertext from the call that is
 * running, puts its own where the owner sends from, and asks for what the handshake carries.
 */
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "peer_chain.h"
#include "session_ticket.h"
#include "tls_callback.h"
#include "tls_session_state.h"
#include "wolfssl_internal.h"

int tls_callback_receive(WOLFSSL *library, char *buffer, int size, void *owner)
{
    (void)library;
    struct tls_session *session = owner;
    struct bytes *source = session->flight.length > 0 ? &session->flight : session->input;
    /* Without input: wolfSSL_shutdown() and wolfSSL_write() do not read, but need not be trusted
     * for it. */
    if (source == NULL || source->length == 0 || size <= 0 ||
        session->record_failure != TLS_FAILURE_NONE) {
        return WOLFSSL_CBIO_ERR_WANT_READ;
    }
    struct bytes taken = bytes_slice(*source, 0, (size_t)size);
    session->record_failure = record_meter_count(&session->meter, taken);
    if (session->record_failure != TLS_FAILURE_NONE) {
        return WOLFSSL_CBIO_ERR_WANT_READ;
    }
    memcpy(buffer, taken.at, taken.length);
    *source = bytes_slice(*source, taken.length, SIZE_MAX);
    return (int)taken.length;
}

int tls_callback_send(WOLFSSL *library, char *buffer, int size, void *owner)
{
    struct tls_session *session = owner;
    bool is_in_room = session->room != NULL && (uint8_t *)buffer == session->room;
    uint8_t *room = session->room;
    if (size <= 0) {
        return size;
    }
    if (is_in_room) {
        wolfssl_internal_close_output(library);
    } else {
        if (room != NULL) {
            session->output->filled(session->owner, 0); /* wolfSSL found it too small */
        }
        room = session->output->reserve(session->owner, (size_t)size);
        if (room != NULL) {
            memcpy(room, buffer, (size_t)size);
        }
    }
    session->room = NULL;
    if (room == NULL) {
        session->is_out_of_memory = true;
        return WOLFSSL_CBIO_ERR_GENERAL;
    }
    session->output->filled(session->owner, (size_t)size);
    return size;
}

struct bytes tls_callback_ca_names(const WOLFSSL *library)
{
    /* wolfSSL only reads it here, but its getter takes a session that may be written to. */
    const struct tls_session *session = wolfSSL_GetIOReadCtx((WOLFSSL *)(uintptr_t)library);
    return session == NULL ? (struct bytes){0} : session->ca_names;
}

struct tls_staple *tls_callback_staple(const WOLFSSL *library)
{
    struct tls_session *session = wolfSSL_GetIOReadCtx((WOLFSSL *)(uintptr_t)library);
    return session == NULL ? NULL : &session->staple;
}

int tls_callback_ticket(WOLFSSL *library, unsigned char *key_name, unsigned char *iv,
                        unsigned char *mac, int is_encryption, unsigned char *ticket,
                        int input_size, int *output_size, void *unused)
{
    (void)unused;
    struct tls_session *session = wolfSSL_GetIOReadCtx(library);
    struct session_ticket_parts parts = {key_name, iv, mac, ticket, (size_t)input_size};
    bool is_newest_key = false;
    if (session->resumption == NULL || input_size <= 0) {
        return is_encryption ? WOLFSSL_TICKET_RET_FATAL : WOLFSSL_TICKET_RET_REJECT;
    }
    if (is_encryption) {
        bool is_resumed = wolfSSL_session_reused(library) == 1;
        if (parts.length_bytes + SESSION_TICKET_EXTRA_SIZE > (size_t)*output_size ||
            !tls_resumption_seal(session->resumption, is_resumed, session->owner, &parts)) {
            return WOLFSSL_TICKET_RET_FATAL;
        }
        *output_size = (int)parts.length_bytes;
        return WOLFSSL_TICKET_RET_OK;
    }
    if (!tls_resumption_open(session->resumption, session->owner, &parts, &is_newest_key)) {
        return WOLFSSL_TICKET_RET_REJECT;
    }
    *output_size = (int)parts.length_bytes;
    /* In TLS 1.3 a new ticket comes anyway, and this answer would mean a refusal. */
    bool is_tls13 = wolfSSL_GetVersion(library) == WOLFSSL_TLSV1_3;
    return is_newest_key || is_tls13 ? WOLFSSL_TICKET_RET_OK : WOLFSSL_TICKET_RET_CREATE;
}

int tls_callback_capture_chain(int is_verified, WOLFSSL_X509_STORE_CTX *store)
{
    (void)is_verified;
    struct tls_session *session = store->userCtx;
    if (session->peer_chain == NULL && store->totalCerts > 0) {
        session->peer_chain = peer_chain_copy(store->certs, (size_t)store->totalCerts);
        session->is_out_of_memory |= session->peer_chain == NULL;
        session->peer_count = session->peer_chain == NULL ? 0 : (size_t)store->totalCerts;
    }
    return WOLFSSL_SUCCESS;
}
