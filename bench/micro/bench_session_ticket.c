/*
 * What wolfSSL's ticket callback costs: sealing the ticket that a full handshake ends with, opening
 * the one that a client comes back with, and what each handshake prepares for them. Every worker
 * has its own copy of the keys, so nothing shared is written.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/tls/tls_resumption.h"
#include "base/check.h"
#include "base/clock.h"
#include "bench.h"

#define BODY_SIZE   140 /* wolfSSL's own, of TLS 1.3 */
#define ROOM_SIZE   (BODY_SIZE + SESSION_TICKET_EXTRA_SIZE)
#define LIFETIME_MS (12U * 3600 * 1000)

struct ticket {
    uint8_t key_name[TICKET_KEY_NAME_SIZE];
    uint8_t iv[SESSION_TICKET_IV_SIZE];
    uint8_t mac[SESSION_TICKET_MAC_SIZE];
    uint8_t body[ROOM_SIZE];
    size_t length_bytes;
};

struct user {
    struct tls_tickets tickets;
    struct tls_resumption resumption; /* of the session under way */
    struct ticket sealed;
    struct ticket ticket;
};

static struct ticket_seed seed;
static const uint8_t site[TLS_TICKETS_BINDING_SIZE] = {1};

static bool describe(void *owner, uint8_t *ret_identity)
{
    (void)owner;
    memset(ret_identity, 'a', TLS_TICKETS_IDENTITY_SIZE);
    return true;
}

static bool admit(void *owner, const uint8_t *identity)
{
    (void)owner;
    return identity[0] == 'a';
}

static struct session_ticket_parts parts_of(struct ticket *ticket)
{
    return (struct session_ticket_parts){ticket->key_name, ticket->iv, ticket->mac, ticket->body,
                                         ticket->length_bytes};
}

static void begin(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    CHECK(result_is_ok(tls_resumption_init(&user->resumption, &user->tickets, site,
                                           BYTES_OF("edge.example.com"))));
}

static void seal(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    user->ticket.length_bytes = BODY_SIZE;
    struct session_ticket_parts parts = parts_of(&user->ticket);
    CHECK(tls_resumption_seal(&user->resumption, false, NULL, &parts));
    user->ticket.length_bytes = parts.length_bytes;
}

static void open_sealed(void *own, uint64_t step)
{
    struct user *user = own;
    bool is_newest_key;
    begin(own, step);
    user->ticket = user->sealed;
    struct session_ticket_parts parts = parts_of(&user->ticket);
    CHECK(tls_resumption_open(&user->resumption, NULL, &parts, &is_newest_key));
}

static void open_foreign(void *own, uint64_t step)
{
    struct user *user = own;
    bool is_newest_key;
    begin(own, step);
    user->ticket = user->sealed;
    user->ticket.key_name[0] ^= 1;
    struct session_ticket_parts parts = parts_of(&user->ticket);
    CHECK(!tls_resumption_open(&user->resumption, NULL, &parts, &is_newest_key));
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"bind to listener and server name",         begin,        BENCH_OWN_WRITES},
    {"seal a ticket",                            seal,         BENCH_OWN_WRITES},
    {"bind, open a ticket",                      open_sealed,  BENCH_OWN_WRITES},
    {"bind, turn down one of an unknown key",    open_foreign, BENCH_OWN_WRITES},
};
/* clang-format on */

static void *start_own(uint32_t thread)
{
    struct user *user = calloc(1, sizeof(*user));
    (void)thread;
    CHECK(user != NULL);
    user->tickets = (struct tls_tickets){.describe = describe, .admit = admit};
    CHECK(result_is_ok(ticket_keys_init(&user->tickets.keys, &seed)));
    begin(user, 0);
    seal(user, 0);
    user->sealed = user->ticket;
    return user;
}

static void stop_own(void *own)
{
    ticket_keys_deinit(&((struct user *)own)->tickets.keys);
    free(own);
}

static void make_seed(void)
{
    CHECK(result_is_ok(ticket_seed_init(&seed, LIFETIME_MS, clock_monotonic_ms())));
}

const struct bench bench_subject = {BENCH_ROWS(rows), .prepare = make_seed, .start_own = start_own,
                                    .stop_own = stop_own};
