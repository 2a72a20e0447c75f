/* Keys of the trust cache: the digest they share with identities, and the secret hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trust/trust_key.h"

static const uint8_t policy_id[TRUST_POLICY_ID_SIZE] = {0xAB};

static struct trust_key key_of_bytes(uint8_t first, uint8_t step)
{
    struct trust_key key;
    uint8_t *at = (uint8_t *)&key;
    for (size_t i = 0; i < sizeof(key); i++) {
        at[i] = (uint8_t)(first + i * step);
    }
    return key;
}

static void the_hash_is_siphash_1_3(void **state)
{
    /* Computed by another implementation of the function. */
    static const uint64_t no_secret[2] = {0, 0};
    struct trust_key rising = key_of_bytes(0, 1);
    struct trust_key zero = key_of_bytes(0, 0);
    (void)state;
    assert_true(trust_key_hash(&rising, no_secret) == UINT64_C(0x75E05FD5BBC870C6));
    assert_true(trust_key_hash(&zero, no_secret) == UINT64_C(0x60CA1DD2DA82F510));
}

static void another_secret_gives_another_hash(void **state)
{
    struct trust_key key = key_of_bytes(1, 7);
    uint64_t hashes[3] = {trust_key_hash(&key, (const uint64_t[2]){1, 2}),
                          trust_key_hash(&key, (const uint64_t[2]){2, 2}),
                          trust_key_hash(&key, (const uint64_t[2]){1, 3})};
    (void)state;
    assert_true(hashes[0] != hashes[1] && hashes[0] != hashes[2] && hashes[1] != hashes[2]);
}

static void every_bit_of_the_key_counts(void **state)
{
    static const uint64_t secret[2] = {3, 4};
    struct trust_key key = key_of_bytes(9, 5);
    uint64_t hash = trust_key_hash(&key, secret);
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof(key); bit++) {
        struct trust_key other = key;
        ((uint8_t *)&other)[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(trust_key_hash(&other, secret) != hash);
        assert_false(trust_key_equal(&other, &key));
    }
}

static void the_key_of_a_chain_is_that_of_its_identity(void **state)
{
    const struct bytes chain[] = {BYTES_OF("not a certificate"), BYTES_OF(""), BYTES_OF("other")};
    struct identity *identity;
    struct trust_key key;
    (void)state;
    for (size_t count = 1; count <= 3; count++) {
        assert_true(result_is_ok(identity_create(chain, count, &identity)));
        assert_true(result_is_ok(trust_key_from_chain(chain, count, policy_id, &key)));
        struct trust_key same = trust_key_from_digests(identity->chain_digest, policy_id);
        assert_true(trust_key_equal(&key, &same));
        identity_destroy(identity);
    }
}

static void chains_that_differ_only_in_their_cuts_have_other_keys(void **state)
{
    const struct bytes whole[] = {BYTES_OF("abcd")};
    const struct bytes parts[] = {BYTES_OF("ab"), BYTES_OF("cd")};
    const struct bytes others[] = {BYTES_OF("abc"), BYTES_OF("d")};
    struct trust_key keys[3];
    (void)state;
    assert_true(result_is_ok(trust_key_from_chain(whole, 1, policy_id, &keys[0])));
    assert_true(result_is_ok(trust_key_from_chain(parts, 2, policy_id, &keys[1])));
    assert_true(result_is_ok(trust_key_from_chain(others, 2, policy_id, &keys[2])));
    assert_false(trust_key_equal(&keys[0], &keys[1]));
    assert_false(trust_key_equal(&keys[0], &keys[2]));
    assert_false(trust_key_equal(&keys[1], &keys[2]));
}

static void another_policy_has_another_key(void **state)
{
    static const uint8_t other_id[TRUST_POLICY_ID_SIZE] = {[TRUST_POLICY_ID_SIZE - 1] = 1};
    const struct bytes chain[] = {BYTES_OF("leaf")};
    struct trust_key keys[2];
    (void)state;
    assert_true(result_is_ok(trust_key_from_chain(chain, 1, policy_id, &keys[0])));
    assert_true(result_is_ok(trust_key_from_chain(chain, 1, other_id, &keys[1])));
    assert_false(trust_key_equal(&keys[0], &keys[1]));
    assert_memory_equal(keys[0].chain_digest, keys[1].chain_digest, IDENTITY_DIGEST_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_siphash_1_3),
        cmocka_unit_test(another_secret_gives_another_hash),
        cmocka_unit_test(every_bit_of_the_key_counts),
        cmocka_unit_test(the_key_of_a_chain_is_that_of_its_identity),
        cmocka_unit_test(chains_that_differ_only_in_their_cuts_have_other_keys),
        cmocka_unit_test(another_policy_has_another_key),
    };
    return cmocka_run_group_tests_name("trust_key", tests, NULL, NULL);
}
