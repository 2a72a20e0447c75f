/*
 * One TLS connection of a client: bytes in, bytes out; knows no sockets. Owned by one worker.
 *
 * Ciphertext goes in as *input, which is advanced past what was taken; ciphertext comes out through
 * the output's room before the call returns, the fitting alert of a failure included. The
 * client's certificate is asked for and its possession proven, but whether it is any good is not
 * judged here: the handshake completes with any chain, or none.
 */
#ifndef TLS_TLS_SESSION_H
#define TLS_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"
#include "tls/client_hello.h"
#include "tls/tls_context.h"
#include "tls/tls_failure.h"

struct tls_session;

enum tls_status {
    TLS_DONE,        /* the handshake is complete; or data was read, or written whole */
    TLS_WANTS_INPUT, /* *input is used up and more is needed */
    TLS_PEER_CLOSED, /* the client said close_notify; what it sends now counts no more */
    TLS_FAILED,      /* see tls_session_failure(); every later call says the same */
};

/*
 * Where ciphertext goes: wolfSSL encrypts into the room that it is given, so nothing is copied.
 * Neither may call into the session.
 */
struct tls_session_output {
    /* Room for length_bytes (1 to 64 KiB) behind what is there. NULL: out of memory, which fails
     * the session. */
    uint8_t *(*reserve)(void *owner, size_t length_bytes);
    /* The first length_bytes of it are ciphertext now; 0: nothing came of it. Once a reserve. */
    void (*filled)(void *owner, size_t length_bytes);
};

/*
 * output lives as long as the session. hello is complete; its flight is fed by the first
 * tls_session_handshake() and must stay until that has returned; the rest of it is not needed after
 * this call.
 */
struct result tls_session_create(const struct tls_context *context,
                                 const struct client_hello *hello,
                                 const struct tls_session_output *output, void *owner,
                                 struct tls_session **ret_session);

/* Accepts NULL. Sends nothing. */
void tls_session_destroy(struct tls_session *session);

/* TLS_DONE, TLS_WANTS_INPUT or TLS_FAILED. After TLS_DONE what is left of *input is for reading. */
enum tls_status tls_session_handshake(struct tls_session *session, struct bytes *input);

/*
 * TLS_DONE: *ret_plaintext is 1 to capacity bytes, in buffer or, with room for a whole record
 * (16 KiB) in it, perhaps where they came from in *input, which lies in memory that may be written
 * to. There may be more, in *input or inside, so call again until another answer comes.
 */
enum tls_status tls_session_read(struct tls_session *session, struct bytes *input, uint8_t *buffer,
                                 size_t capacity, struct bytes *ret_plaintext);

/* Whether the client has begun a record of which bytes are still to come. */
bool tls_session_is_within_record(const struct tls_session *session);

/* How many bytes, up to limit, should be received at a time so that records come whole. */
size_t tls_session_receive_size(const struct tls_session *session, size_t limit);

/* TLS_DONE or TLS_FAILED. Any length; one record for each 16 KiB. */
enum tls_status tls_session_write(struct tls_session *session, struct bytes plaintext);

/* Says close_notify, once, unless the session has failed. Nothing may be written after it. */
void tls_session_close_notify(struct tls_session *session);

/* Why it failed; TLS_FAILURE_NONE when it has not. */
enum tls_failure tls_session_failure(const struct tls_session *session);

/* The number of the alert that the client sent, of TLS_FAILURE_ALERT_RECEIVED; TLS_ALERT_NONE
 * otherwise. */
int tls_session_alert_received(const struct tls_session *session);

/* The name that the client asked for, lower case; "" when it gave none. */
const char *tls_session_server_name(const struct tls_session *session);

/* Valid after the handshake: "TLSv1.3", and the suite by OpenSSL's name, as nginx prints both. */
const char *tls_session_protocol(const struct tls_session *session);
const char *tls_session_cipher_suite(const struct tls_session *session);

/*
 * Of a session that was resumed: the TLS_TICKETS_IDENTITY_SIZE bytes of its ticket, admitted before
 * (tls_tickets.h). NULL: a full handshake was made, or tls_session_drop_peer_chain() was called.
 */
const uint8_t *tls_session_resumed_identity(const struct tls_session *session);

/*
 * The certificates that the client presented, leaf first, as DER; views into the session. 0 when it
 * presented none, and after tls_session_drop_peer_chain(), which frees them once they are judged.
 */
size_t tls_session_peer_certificate_count(const struct tls_session *session);
struct bytes tls_session_peer_certificate(const struct tls_session *session, size_t index);
void tls_session_drop_peer_chain(struct tls_session *session);

#endif
