/* Tickets: what is sealed opens again at the same place only, and only the first one counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/tls/tls_resumption.h"
#include "../../fake/fake_clock.c"

enum { BODY_SIZE = 140, ROOM_SIZE = BODY_SIZE + 64 };

/* A ticket as it stands on the wire. */
struct ticket {
    uint8_t key_name[TICKET_KEY_NAME_SIZE];
    uint8_t iv[SESSION_TICKET_IV_SIZE];
    uint8_t mac[SESSION_TICKET_MAC_SIZE];
    uint8_t body[ROOM_SIZE];
    size_t length;
};

static struct ticket_seed seed;
static struct tls_tickets tickets;
static uint8_t described[TLS_TICKETS_IDENTITY_SIZE];
static uint8_t asked_for[TLS_TICKETS_IDENTITY_SIZE];
static unsigned asked_count;
static bool admits;
static bool can_describe;

static bool describe(void *owner, uint8_t *ret_identity)
{
    (void)owner;
    memcpy(ret_identity, described, sizeof(described));
    return can_describe;
}

static bool admit(void *owner, const uint8_t *identity)
{
    (void)owner;
    memcpy(asked_for, identity, sizeof(asked_for));
    asked_count++;
    return admits;
}

static int set_up(void **state)
{
    (void)state;
    fake_clock_reset();
    tickets = (struct tls_tickets){.describe = describe, .admit = admit};
    memset(described, 'a', sizeof(described));
    asked_count = 0;
    admits = true;
    can_describe = true;
    return result_is_ok(ticket_seed_init(&seed, 12ULL * 3600 * 1000, 0)) &&
                   result_is_ok(ticket_keys_init(&tickets.keys, &seed))
               ? 0
               : -1;
}

static struct tls_resumption begin(uint8_t site, const char *server_name)
{
    struct tls_resumption resumption;
    uint8_t binding[TLS_TICKETS_BINDING_SIZE];
    memset(binding, site, sizeof(binding));
    assert_true(result_is_ok(
        tls_resumption_init(&resumption, &tickets, binding, bytes_from_string(server_name))));
    return resumption;
}

static struct session_ticket_parts parts_of(struct ticket *ticket)
{
    return (struct session_ticket_parts){ticket->key_name, ticket->iv, ticket->mac, ticket->body,
                                         ticket->length};
}

/* The ticket of a full handshake of a client, its session state filled with one byte. */
static struct ticket seal(struct tls_resumption *resumption, uint8_t client)
{
    struct ticket ticket = {.length = BODY_SIZE};
    memset(described, client, sizeof(described));
    memset(ticket.body, client, BODY_SIZE);
    struct session_ticket_parts parts = parts_of(&ticket);
    assert_true(tls_resumption_seal(resumption, false, NULL, &parts));
    assert_int_equal(parts.length_bytes, BODY_SIZE + SESSION_TICKET_EXTRA_SIZE);
    ticket.length = parts.length_bytes;
    return ticket;
}

static bool open(struct tls_resumption *resumption, struct ticket ticket)
{
    bool is_newest_key;
    struct session_ticket_parts parts = parts_of(&ticket);
    return tls_resumption_open(resumption, NULL, &parts, &is_newest_key);
}

static void what_was_sealed_opens_with_the_same_identity(void **state)
{
    struct tls_resumption first = begin(1, "a.example");
    struct ticket ticket = seal(&first, 'x');
    struct tls_resumption second = begin(1, "a.example");
    struct session_ticket_parts parts = parts_of(&ticket);
    uint8_t expected[BODY_SIZE];
    bool is_newest_key = false;
    (void)state;
    memset(expected, 'x', sizeof(expected));
    assert_true(tls_resumption_open(&second, NULL, &parts, &is_newest_key));
    assert_true(is_newest_key);
    assert_int_equal(parts.length_bytes, BODY_SIZE);
    assert_memory_equal(ticket.body, expected, BODY_SIZE);
    assert_memory_equal(second.content.identity, expected, TLS_TICKETS_IDENTITY_SIZE);
    assert_memory_equal(asked_for, expected, TLS_TICKETS_IDENTITY_SIZE);
}

static void nothing_of_the_session_can_be_read_from_its_ticket(void **state)
{
    struct tls_resumption resumption = begin(1, "a.example");
    struct ticket ticket = seal(&resumption, 'x');
    struct ticket other = seal(&resumption, 'x');
    size_t same_count = 0;
    (void)state;
    for (size_t i = 0; i < ticket.length; i++) {
        same_count += ticket.body[i] == 'x';
    }
    assert_true(same_count < 20);
    assert_memory_not_equal(ticket.body, other.body, ticket.length);
    assert_memory_not_equal(ticket.iv, other.iv, sizeof(ticket.iv));
}

static void a_ticket_of_another_place_or_name_is_refused(void **state)
{
    struct tls_resumption first = begin(1, "a.example");
    struct ticket ticket = seal(&first, 'x');
    struct tls_resumption other_site = begin(2, "a.example");
    struct tls_resumption other_name = begin(1, "b.example");
    struct tls_resumption no_name = begin(1, "");
    (void)state;
    assert_false(open(&other_site, ticket));
    assert_false(open(&other_name, ticket));
    assert_false(open(&no_name, ticket));
    assert_int_equal(asked_count, 0);
}

static void a_ticket_with_any_bit_changed_is_refused(void **state)
{
    struct tls_resumption first = begin(1, "a.example");
    struct ticket good = seal(&first, 'x');
    uint8_t *places[] = {good.key_name, good.iv, good.mac, good.body};
    const size_t sizes[] = {TICKET_KEY_NAME_SIZE, SESSION_TICKET_IV_SIZE, SESSION_TICKET_MAC_SIZE,
                            good.length};
    (void)state;
    for (size_t part = 0; part < 4; part++) {
        for (size_t i = 0; i < sizes[part]; i++) {
            struct tls_resumption second = begin(1, "a.example");
            places[part][i] ^= 0x10;
            assert_false(open(&second, good));
            places[part][i] ^= 0x10;
        }
    }
    for (size_t length = 0; length < good.length; length++) {
        struct tls_resumption second = begin(1, "a.example");
        struct ticket shorter = good;
        shorter.length = length;
        assert_false(open(&second, shorter));
    }
    assert_int_equal(asked_count, 0);
}

static void of_two_tickets_the_first_that_opens_counts_and_no_other(void **state)
{
    struct tls_resumption before = begin(1, "a.example");
    struct ticket alice = seal(&before, 'A');
    struct ticket bob = seal(&before, 'B');
    struct ticket foreign = alice;
    (void)state;
    foreign.key_name[3] ^= 1;
    struct tls_resumption resumption = begin(1, "a.example");
    assert_false(open(&resumption, foreign)); /* not ours: does not count */
    assert_true(open(&resumption, alice));
    assert_false(open(&resumption, bob));
    assert_int_equal(resumption.content.identity[0], 'A');
    assert_true(open(&resumption, alice)); /* once more after a HelloRetryRequest */
    assert_int_equal(asked_count, 1);
    struct ticket same_but_for_the_filling = alice;
    same_but_for_the_filling.mac[SESSION_TICKET_MAC_SIZE - 1] ^= 1;
    assert_false(open(&resumption, same_but_for_the_filling));
}

static void who_is_not_admitted_may_not_try_another_ticket(void **state)
{
    struct tls_resumption before = begin(1, "a.example");
    struct ticket alice = seal(&before, 'A');
    struct ticket bob = seal(&before, 'B');
    struct tls_resumption resumption = begin(1, "a.example");
    (void)state;
    admits = false;
    assert_false(open(&resumption, alice));
    admits = true;
    assert_false(open(&resumption, alice));
    assert_false(open(&resumption, bob));
    assert_int_equal(asked_count, 1);
}

static void the_next_ticket_of_a_resumed_session_says_what_the_last_one_said(void **state)
{
    struct tls_resumption before = begin(1, "a.example");
    struct ticket ticket = seal(&before, 'A');
    struct tls_resumption resumed = begin(1, "a.example");
    (void)state;
    assert_true(open(&resumed, ticket));
    int64_t authenticated_seconds = resumed.content.authenticated_seconds;
    memset(described, 'B', sizeof(described)); /* nobody is asked again */
    struct ticket next = {.length = BODY_SIZE};
    struct session_ticket_parts parts = parts_of(&next);
    assert_true(tls_resumption_seal(&resumed, true, NULL, &parts));
    next.length = parts.length_bytes;
    struct tls_resumption again = begin(1, "a.example");
    assert_true(open(&again, next));
    assert_int_equal(again.content.identity[0], 'A');
    assert_int_equal(again.content.authenticated_seconds, authenticated_seconds);
}

static void a_proof_of_possession_does_not_last_for_ever(void **state)
{
    static const struct {
        int64_t age_seconds;
        bool is_admitted;
    } rows[] = {{0, true},     {24 * 3600 - 5, true}, {24 * 3600 + 5, false}, {-50, true},
                {-100, false}, {INT32_MAX, false},    {INT32_MIN, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tls_resumption before = begin(1, "a.example");
        struct ticket ticket = {.length = BODY_SIZE};
        struct session_ticket_parts parts = parts_of(&ticket);
        before.content.authenticated_seconds = clock_wall_seconds() - rows[i].age_seconds;
        assert_true(tls_resumption_seal(&before, true, NULL, &parts));
        ticket.length = parts.length_bytes;
        struct tls_resumption resumption = begin(1, "a.example");
        assert_int_equal(open(&resumption, ticket), rows[i].is_admitted);
    }
}

static void an_older_key_opens_and_says_so_and_a_dropped_one_does_not(void **state)
{
    struct tls_resumption before = begin(1, "a.example");
    struct ticket ticket = seal(&before, 'A');
    uint64_t lifetime_ms = tickets.keys.lifetime_ms;
    (void)state;
    ticket_keys_turn(&tickets.keys, 2 * lifetime_ms);
    struct tls_resumption resumption = begin(1, "a.example");
    struct ticket copy = ticket;
    struct session_ticket_parts parts = parts_of(&copy);
    bool is_newest_key = true;
    assert_true(tls_resumption_open(&resumption, NULL, &parts, &is_newest_key));
    assert_false(is_newest_key);
    ticket_keys_turn(&tickets.keys, 3 * lifetime_ms);
    struct tls_resumption late = begin(1, "a.example");
    assert_false(open(&late, ticket));
}

static void a_client_that_cannot_be_described_gets_no_ticket(void **state)
{
    struct tls_resumption resumption = begin(1, "a.example");
    struct ticket ticket = {.length = BODY_SIZE};
    struct session_ticket_parts parts = parts_of(&ticket);
    (void)state;
    can_describe = false;
    assert_false(tls_resumption_seal(&resumption, false, NULL, &parts));
}

static void without_keys_nothing_is_sealed_or_opened(void **state)
{
    struct tls_resumption resumption = begin(1, "a.example");
    struct ticket ticket = seal(&resumption, 'A');
    struct ticket none = {.length = BODY_SIZE};
    struct session_ticket_parts parts = parts_of(&none);
    (void)state;
    ticket_keys_deinit(&tickets.keys);
    assert_false(tls_resumption_seal(&resumption, false, NULL, &parts));
    assert_false(open(&resumption, ticket));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_was_sealed_opens_with_the_same_identity, set_up),
        cmocka_unit_test_setup(nothing_of_the_session_can_be_read_from_its_ticket, set_up),
        cmocka_unit_test_setup(a_ticket_of_another_place_or_name_is_refused, set_up),
        cmocka_unit_test_setup(a_ticket_with_any_bit_changed_is_refused, set_up),
        cmocka_unit_test_setup(of_two_tickets_the_first_that_opens_counts_and_no_other, set_up),
        cmocka_unit_test_setup(who_is_not_admitted_may_not_try_another_ticket, set_up),
        cmocka_unit_test_setup(the_next_ticket_of_a_resumed_session_says_what_the_last_one_said,
                               set_up),
        cmocka_unit_test_setup(a_proof_of_possession_does_not_last_for_ever, set_up),
        cmocka_unit_test_setup(an_older_key_opens_and_says_so_and_a_dropped_one_does_not, set_up),
        cmocka_unit_test_setup(a_client_that_cannot_be_described_gets_no_ticket, set_up),
        cmocka_unit_test_setup(without_keys_nothing_is_sealed_or_opened, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
