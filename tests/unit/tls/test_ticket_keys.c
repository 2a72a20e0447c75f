/* Ticket keys: all copies agree, each key lives exactly three lifetimes, dropped ones are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tls/ticket_keys.h"

#define LIFETIME_MS 1000U
#define START_MS    5000U

static struct ticket_seed make_seed(void)
{
    struct ticket_seed seed;
    assert_true(result_is_ok(ticket_seed_init(&seed, LIFETIME_MS, START_MS)));
    return seed;
}

static struct ticket_keys make_keys(const struct ticket_seed *seed)
{
    struct ticket_keys keys;
    assert_true(result_is_ok(ticket_keys_init(&keys, seed)));
    return keys;
}

static bool has_key(const struct ticket_keys *keys, const struct ticket_key *key)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        if (memcmp(&keys->keys[i], key, sizeof(*key)) == 0) {
            return true;
        }
    }
    return false;
}

static void the_first_key_is_there_at_once_and_alone(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    (void)state;
    assert_int_equal(keys.count, 1);
    ticket_keys_turn(&keys, START_MS);
    ticket_keys_turn(&keys, START_MS + LIFETIME_MS - 1);
    assert_int_equal(keys.count, 1);
}

static void a_key_encrypts_for_one_lifetime_and_decrypts_for_three(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_key first = keys.keys[0];
    (void)state;
    ticket_keys_turn(&keys, START_MS + LIFETIME_MS);
    assert_int_equal(keys.count, 2);
    assert_memory_not_equal(&keys.keys[0], &first, sizeof(first));
    assert_true(has_key(&keys, &first));
    ticket_keys_turn(&keys, START_MS + 3 * LIFETIME_MS - 1);
    assert_int_equal(keys.count, TICKET_KEY_COUNT_MAX);
    assert_true(has_key(&keys, &first));
    ticket_keys_turn(&keys, START_MS + 3 * LIFETIME_MS);
    assert_false(has_key(&keys, &first));
}

static void copies_agree_however_often_they_are_turned(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys often = make_keys(&seed);
    struct ticket_keys once = make_keys(&seed);
    (void)state;
    for (uint64_t now_ms = START_MS; now_ms <= START_MS + 60 * LIFETIME_MS; now_ms += 250) {
        ticket_keys_turn(&often, now_ms);
    }
    assert_memory_not_equal(often.keys, once.keys, sizeof(once.keys));
    ticket_keys_turn(&once, START_MS + 60 * LIFETIME_MS);
    assert_memory_equal(&often, &once, sizeof(once));
}

static void two_seeds_share_nothing(void **state)
{
    struct ticket_seed seeds[] = {make_seed(), make_seed()};
    struct ticket_keys a = make_keys(&seeds[0]);
    struct ticket_keys b = make_keys(&seeds[1]);
    (void)state;
    assert_memory_not_equal(a.keys[0].name, b.keys[0].name, TICKET_KEY_NAME_SIZE);
    assert_memory_not_equal(a.keys[0].secret, b.keys[0].secret, TICKET_KEY_SECRET_SIZE);
    assert_memory_not_equal(a.keys[0].name, a.keys[0].secret, TICKET_KEY_NAME_SIZE);
}

static void what_is_kept_does_not_hold_the_dropped_key(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_key first = keys.keys[0];
    uint8_t first_chain[TICKET_KEY_SECRET_SIZE];
    (void)state;
    memcpy(first_chain, keys.chain, sizeof(first_chain));
    ticket_keys_turn(&keys, START_MS + 5 * LIFETIME_MS);
    const uint8_t *memory = (const uint8_t *)&keys;
    for (size_t i = 0; i + sizeof(first.secret) <= sizeof(keys); i++) {
        assert_memory_not_equal(memory + i, first.secret, sizeof(first.secret));
        assert_memory_not_equal(memory + i, first_chain, sizeof(first_chain));
    }
}

static void keys_of_a_file_stay_as_they_are(void **state)
{
    uint8_t secret[TICKET_KEY_SECRET_SIZE] = "one secret of thirty-two bytes.";
    struct ticket_seed seed = {.lifetime_ms = LIFETIME_MS, .fixed_count = 2};
    (void)state;
    assert_true(result_is_ok(ticket_key_init(&seed.fixed[0], secret)));
    secret[0]++;
    assert_true(result_is_ok(ticket_key_init(&seed.fixed[1], secret)));
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_keys later = keys;
    ticket_keys_turn(&later, UINT64_MAX - 1);
    assert_memory_equal(&later, &keys, sizeof(keys));
    assert_int_equal(keys.count, 2);
    assert_memory_not_equal(keys.keys[0].name, keys.keys[1].name, TICKET_KEY_NAME_SIZE);
}

static void a_worker_that_slept_too_long_has_no_keys_rather_than_old_ones(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    static const struct ticket_key none[TICKET_KEY_COUNT_MAX];
    (void)state;
    ticket_keys_turn(&keys, START_MS + 1000000ULL * LIFETIME_MS);
    assert_int_equal(keys.count, 0);
    assert_memory_equal(keys.keys, none, sizeof(none));
    ticket_keys_turn(&keys, UINT64_MAX - 1);
    assert_int_equal(keys.count, 0);
}

static void the_hint_is_what_a_ticket_lasts_for_sure(void **state)
{
    struct ticket_keys keys = {.lifetime_ms = 12ULL * 3600 * 1000};
    (void)state;
    assert_int_equal(ticket_keys_hint_seconds(&keys), 24 * 3600);
    keys.lifetime_ms = 365ULL * 24 * 3600 * 1000;
    assert_int_equal(ticket_keys_hint_seconds(&keys), 7 * 24 * 3600); /* RFC 8446 4.6.1 */
    keys.lifetime_ms = 1;
    assert_int_equal(ticket_keys_hint_seconds(&keys), 0);
}

static struct ticket_key make_fixed(uint8_t number)
{
    uint8_t secret[TICKET_KEY_SECRET_SIZE] = {number, 1, 2, 3};
    struct ticket_key key;
    assert_true(result_is_ok(ticket_key_init(&key, secret)));
    return key;
}

static void a_file_takes_the_place_of_keys_that_rotate(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_key first = keys.keys[0];
    struct ticket_key fixed[] = {make_fixed(1), make_fixed(2)};
    static const uint8_t nothing[sizeof(keys.chain)];
    (void)state;
    ticket_keys_refit(&keys, &seed, fixed, 2);
    assert_int_equal(keys.count, 2);
    assert_memory_equal(keys.keys, fixed, sizeof(fixed));
    assert_false(has_key(&keys, &first));
    assert_memory_equal(keys.chain, nothing, sizeof(nothing));
    assert_int_equal(keys.lifetime_ms, LIFETIME_MS);
    ticket_keys_turn(&keys, UINT64_MAX - 1);
    assert_memory_equal(keys.keys, fixed, sizeof(fixed));
}

static void a_key_that_the_file_has_no_more_is_wiped(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_key fixed[] = {make_fixed(1), make_fixed(2), make_fixed(3)};
    struct ticket_key none = {0};
    (void)state;
    ticket_keys_refit(&keys, &seed, fixed, 3);
    ticket_keys_refit(&keys, &seed, &fixed[1], 1);
    assert_int_equal(keys.count, 1);
    assert_true(has_key(&keys, &fixed[1]));
    assert_memory_equal(&keys.keys[1], &none, sizeof(none));
    assert_memory_equal(&keys.keys[2], &none, sizeof(none));
}

static struct ticket_seed make_seed_at(uint64_t now_ms)
{
    struct ticket_seed seed;
    assert_true(result_is_ok(ticket_seed_init(&seed, LIFETIME_MS, now_ms)));
    return seed;
}

/* Three days of keys from a file are as good as none, and all workers begin with the same one. */
static void without_a_file_they_begin_with_a_new_seed_however_late(void **state)
{
    const uint64_t late_ms = START_MS + 1000000ULL * LIFETIME_MS;
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_key first = keys.keys[0];
    struct ticket_key fixed = make_fixed(1);
    struct ticket_seed late_seed = make_seed_at(late_ms);
    struct ticket_keys other = make_keys(&late_seed);
    (void)state;
    ticket_keys_refit(&keys, &seed, &fixed, 1);
    ticket_keys_refit(&keys, &late_seed, NULL, 0);
    ticket_keys_turn(&keys, late_ms);
    assert_int_equal(keys.count, 1);
    assert_memory_equal(&keys, &other, sizeof(keys));
    assert_false(has_key(&keys, &first));
    assert_false(has_key(&keys, &fixed));
    ticket_keys_turn(&keys, late_ms + 2 * LIFETIME_MS);
    assert_int_equal(keys.count, 3);
}

static void keys_that_were_lost_come_back_with_a_new_seed(void **state)
{
    const uint64_t late_ms = START_MS + 1000000ULL * LIFETIME_MS;
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_seed late_seed = make_seed_at(late_ms);
    (void)state;
    ticket_keys_turn(&keys, late_ms);
    assert_int_equal(keys.count, 0);
    ticket_keys_refit(&keys, &late_seed, NULL, 0);
    ticket_keys_turn(&keys, late_ms);
    assert_int_equal(keys.count, 1);
}

static void a_seed_that_is_forgotten_holds_nothing_but_the_lifetime(void **state)
{
    static const struct ticket_seed none = {.lifetime_ms = LIFETIME_MS};
    struct ticket_seed seed = make_seed();
    (void)state;
    seed.fixed[0] = make_fixed(1);
    seed.fixed_count = 1;
    ticket_seed_forget(&seed);
    assert_memory_equal(&seed, &none, sizeof(seed));
}

static void keys_that_rotate_already_go_on(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    (void)state;
    ticket_keys_turn(&keys, START_MS + LIFETIME_MS);
    struct ticket_keys before = keys;
    ticket_keys_refit(&keys, &seed, NULL, 0);
    assert_memory_equal(&keys, &before, sizeof(keys));
}

static void keys_that_were_lost_come_back_with_a_file(void **state)
{
    struct ticket_seed seed = make_seed();
    struct ticket_keys keys = make_keys(&seed);
    struct ticket_key fixed = make_fixed(1);
    (void)state;
    ticket_keys_turn(&keys, START_MS + 1000000ULL * LIFETIME_MS);
    assert_int_equal(keys.count, 0);
    assert_int_equal(keys.lifetime_ms, LIFETIME_MS);
    ticket_keys_refit(&keys, &seed, &fixed, 1);
    assert_true(has_key(&keys, &fixed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_key_is_there_at_once_and_alone),
        cmocka_unit_test(a_key_encrypts_for_one_lifetime_and_decrypts_for_three),
        cmocka_unit_test(copies_agree_however_often_they_are_turned),
        cmocka_unit_test(two_seeds_share_nothing),
        cmocka_unit_test(what_is_kept_does_not_hold_the_dropped_key),
        cmocka_unit_test(keys_of_a_file_stay_as_they_are),
        cmocka_unit_test(a_worker_that_slept_too_long_has_no_keys_rather_than_old_ones),
        cmocka_unit_test(the_hint_is_what_a_ticket_lasts_for_sure),
        cmocka_unit_test(a_file_takes_the_place_of_keys_that_rotate),
        cmocka_unit_test(a_key_that_the_file_has_no_more_is_wiped),
        cmocka_unit_test(without_a_file_they_begin_with_a_new_seed_however_late),
        cmocka_unit_test(keys_that_were_lost_come_back_with_a_new_seed),
        cmocka_unit_test(a_seed_that_is_forgotten_holds_nothing_but_the_lifetime),
        cmocka_unit_test(keys_that_rotate_already_go_on),
        cmocka_unit_test(keys_that_were_lost_come_back_with_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
