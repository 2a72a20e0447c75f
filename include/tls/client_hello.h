/*
 * What a client says first, read strictly before any TLS object exists for it (RFC 8446
 * sections 4.1.2 and 5.1, RFC 5246 section 7.4.1.2).
 *
 * Owned by the one connection that feeds it; in memory only while its handshake is young. It tells
 * the host name, by which the listener is chosen, and what decides between an ECDSA and an RSA
 * certificate. A hello that came in pieces (TCP segments, or records of one byte) is put together
 * into one record, because wolfSSL refuses a message header that is split over records; records are
 * not part of what is signed.
 */
#ifndef TLS_CLIENT_HELLO_H
#define TLS_CLIENT_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "tls/tls_failure.h"
#include "tls/tls_key_kind.h"

/* The message with its header; the most that one record can carry. */
#define CLIENT_HELLO_SIZE_MAX 16384

/* RFC 1035: 253 characters without the final dot. */
#define CLIENT_HELLO_NAME_MAX 253

enum client_hello_status {
    CLIENT_HELLO_NEEDS_MORE,
    CLIENT_HELLO_COMPLETE,
    CLIENT_HELLO_NOT_TLS, /* see looks_like_http; nothing was consumed */
    CLIENT_HELLO_BAD,     /* see failure; client_hello_alert() has the last words */
};

struct client_hello {
    /* All that follows up to `failure` is set when the hello is complete. */
    struct bytes flight;                         /* what to feed to TLS: the hello in one record */
    char server_name[CLIENT_HELLO_NAME_MAX + 1]; /* lower case, no final dot; "" when none came */
    unsigned versions;                           /* set of enum config_tls_version */
    uint32_t signatures; /* set: a bit for each row of client_hello.c's table; all when none were
                            listed */
    uint32_t groups;     /* likewise */
    bool offers_ecdsa_suites; /* TLS 1.2's with an ECDSA certificate */
    bool offers_rsa_suites;   /* TLS 1.2's with an RSA certificate */
    bool offers_alpn;
    bool offers_http1; /* among ALPN's names: http/1.1 */
    bool offers_h2;
    bool offers_early_data;
    bool wants_staple; /* of OCSP (RFC 6066 section 8) */

    enum tls_failure failure; /* of CLIENT_HELLO_BAD */
    bool looks_like_http;     /* of CLIENT_HELLO_NOT_TLS: a plain HTTP request */

    /* Inside. */
    uint8_t *record;         /* a record header, then the message as it comes together */
    size_t message_size;     /* bytes of the message so far */
    size_t message_capacity; /* its header's size, then that of the whole, as the header says */
    size_t record_left;      /* bytes of the client's present record still to come */
    uint8_t header[5];       /* of that record */
    uint8_t header_size;     /* bytes of it so far */
    uint8_t alert[7];        /* of CLIENT_HELLO_BAD: a record */
};

void client_hello_init(struct client_hello *hello);

/* Accepts a zeroed one. flight is void from now on. */
void client_hello_deinit(struct client_hello *hello);

/*
 * Takes what arrived. *input is advanced past what belongs to the hello; what follows it stays
 * there for tls_session_handshake(). A hello that lies whole in the first input is not copied: then
 * flight points into input's memory, which must stay until the first tls_session_handshake() has
 * returned.
 */
enum client_hello_status client_hello_feed(struct client_hello *hello, struct bytes *input);

/* Whether a server certificate with this key suits the client in one of versions (a policy's set).
 */
bool client_hello_takes_key(const struct client_hello *hello, enum tls_key_kind key,
                            unsigned versions);

/* The record that tells the client why its hello is refused, a view into hello; after
 * CLIENT_HELLO_BAD only. */
struct bytes client_hello_alert(const struct client_hello *hello);

#endif
