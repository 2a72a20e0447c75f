/*
 * One session's dealings with tickets while its handshake lasts. Owned by the session.
 */
#ifndef TLS_TLS_RESUMPTION_H
#define TLS_TLS_RESUMPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"
#include "session_ticket.h"
#include "tls/tls_tickets.h"

struct tls_resumption {
    const struct tls_tickets *tickets;
    uint8_t binding[SESSION_TICKET_BINDING_SIZE];
    struct session_ticket_content content; /* of the ticket that was opened */
    /* That ticket, to know it again: its IV and its MAC. */
    uint8_t mark[SESSION_TICKET_IV_SIZE + SESSION_TICKET_MAC_SIZE];
    bool has_opened;
    bool is_admitted;
};

/*
 * What tickets are bound to at place and by more: SHA-256 over both. place and ret_binding, which
 * may be the same, are TLS_TICKETS_BINDING_SIZE bytes. ERROR_TLS_LIBRARY.
 */
struct result tls_resumption_bind(const uint8_t *place, struct bytes more, uint8_t *ret_binding);

/*
 * site (TLS_TICKETS_BINDING_SIZE) stands for the listener, what its profile trusts and its TLS
 * policy; a ticket is bound to it and to the server name. tickets must outlive it.
 * ERROR_TLS_LIBRARY.
 */
struct result tls_resumption_init(struct tls_resumption *resumption,
                                  const struct tls_tickets *tickets, const uint8_t *site,
                                  struct bytes server_name);

/* False: the ticket cannot be made; the handshake must not go on. is_resumed: of this session. */
bool tls_resumption_seal(struct tls_resumption *resumption, bool is_resumed, void *owner,
                         struct session_ticket_parts *parts);

/*
 * False: a full handshake. Of several tickets that a client offers only the first that can be
 * opened counts, so that no session ever goes under the name of another ticket.
 */
bool tls_resumption_open(struct tls_resumption *resumption, void *owner,
                         struct session_ticket_parts *parts, bool *ret_is_newest_key);

#endif
