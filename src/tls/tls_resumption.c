/*
 * Which ticket a client may resume from, and what the next one says of it. Called from wolfSSL's
 * ticket callback in tls_session.c.
 *
 * TLS 1.3 lets a client offer several tickets, wolfSSL decrypts them one by one and may resume from
 * another than the last: Alice's session must not be taken for Bob's because Bob's ticket, which
 * everybody on the wire can read, was offered beside hers.
 */
#include "tls_resumption.h"

#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/sha256.h>

#include "base/clock.h"

/* How far the clocks of machines that share keys may differ. */
#define SKEW_SECONDS 60

struct result tls_resumption_bind(const uint8_t *place, struct bytes more, uint8_t *ret_binding)
{
    wc_Sha256 sha;
    if (wc_InitSha256(&sha) != 0) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    bool is_bound = wc_Sha256Update(&sha, place, TLS_TICKETS_BINDING_SIZE) == 0 &&
                    wc_Sha256Update(&sha, (const byte *)more.at, (word32)more.length) == 0 &&
                    wc_Sha256Final(&sha, ret_binding) == 0;
    wc_Sha256Free(&sha);
    return is_bound ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

struct result tls_resumption_init(struct tls_resumption *resumption,
                                  const struct tls_tickets *tickets, const uint8_t *site,
                                  struct bytes server_name)
{
    *resumption = (struct tls_resumption){.tickets = tickets};
    return tls_resumption_bind(site, server_name, resumption->binding);
}

bool tls_resumption_seal(struct tls_resumption *resumption, bool is_resumed, void *owner,
                         struct session_ticket_parts *parts)
{
    struct session_ticket_content content = resumption->content;
    if (!is_resumed) {
        content.authenticated_seconds = clock_wall_seconds();
        if (!resumption->tickets->describe(owner, content.identity)) {
            return false;
        }
    }
    return session_ticket_seal(&resumption->tickets->keys, resumption->binding, &content, parts);
}

static void mark_of(const struct session_ticket_parts *parts, uint8_t *mark)
{
    memcpy(mark, parts->iv, SESSION_TICKET_IV_SIZE);
    memcpy(mark + SESSION_TICKET_IV_SIZE, parts->mac, SESSION_TICKET_MAC_SIZE);
}

/* A proof of possession does not last for ever, however often the session is resumed. */
static bool is_recent(const struct tls_resumption *resumption)
{
    int64_t age_seconds = clock_wall_seconds() - resumption->content.authenticated_seconds;
    return age_seconds >= -SKEW_SECONDS &&
           age_seconds <= ticket_keys_hint_seconds(&resumption->tickets->keys);
}

bool tls_resumption_open(struct tls_resumption *resumption, void *owner,
                         struct session_ticket_parts *parts, bool *ret_is_newest_key)
{
    uint8_t mark[sizeof(resumption->mark)];
    struct session_ticket_content content;
    mark_of(parts, mark);
    /* After a HelloRetryRequest the same ticket comes once more. */
    bool is_again = resumption->has_opened && memcmp(mark, resumption->mark, sizeof(mark)) == 0;
    if ((resumption->has_opened && !is_again) ||
        !session_ticket_open(&resumption->tickets->keys, resumption->binding, parts, &content,
                             ret_is_newest_key)) {
        return false;
    }
    if (!is_again) {
        resumption->has_opened = true;
        resumption->content = content;
        memcpy(resumption->mark, mark, sizeof(mark));
        resumption->is_admitted =
            is_recent(resumption) && resumption->tickets->admit(owner, content.identity);
    }
    return resumption->is_admitted;
}
