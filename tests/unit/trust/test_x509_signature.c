/* Signatures of every kind, made by OpenSSL: good ones hold, and no changed bit, key or algorithm
 * passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "../../../src/trust/x509_signature.h"
#include "trust_pki.h"

static bool is_valid(const struct certificate *certificate, const struct certificate *issuer)
{
    return x509_signature_is_valid(&issuer->key, &certificate->signature_algorithm,
                                   certificate->tbs, certificate->signature);
}

static struct certificate read_root(const char *kind)
{
    struct certificate certificate;
    char name[64];
    snprintf(name, sizeof(name), "root_%s.der", kind);
    assert_true(certificate_read(trust_pki_read(name), &certificate));
    return certificate;
}

/* clang-format off */
static const struct {
    const char *kind;
    enum public_key_kind key;
    uint32_t bits;
    bool is_strong; /* of the signature */
} roots[] = {
    {"p256",       PUBLIC_KEY_P256,    256,  true},
    {"p384",       PUBLIC_KEY_P384,    384,  true},
    {"p521",       PUBLIC_KEY_P521,    521,  true},
    {"ed25519",    PUBLIC_KEY_ED25519, 256,  true},
    {"rsa2048",    PUBLIC_KEY_RSA,     2048, true},
    {"sha384",     PUBLIC_KEY_RSA,     2048, true},
    {"sha512",     PUBLIC_KEY_RSA,     2048, true},
    {"pss_sha256", PUBLIC_KEY_RSA,     2048, true},
    {"pss_sha512", PUBLIC_KEY_RSA,     2048, true},
    {"pss_key",    PUBLIC_KEY_RSA_PSS, 2048, true},
    {"sha1",       PUBLIC_KEY_RSA,     2048, false},
};
/* clang-format on */

#define ROOT_COUNT (sizeof(roots) / sizeof(roots[0]))

static void good_signatures_of_every_kind_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOT_COUNT; i++) {
        struct certificate root = read_root(roots[i].kind);
        assert_int_equal(root.key.kind, roots[i].key);
        assert_int_equal(root.key.bits, roots[i].bits);
        assert_true(public_key_is_strong(&root.key));
        assert_int_equal(signature_algorithm_is_strong(&root.signature_algorithm),
                         roots[i].is_strong);
        if (!is_valid(&root, &root)) {
            fail_msg("%s", roots[i].kind);
        }
    }
}

static void a_changed_message_or_signature_does_not_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOT_COUNT; i++) {
        struct certificate root = read_root(roots[i].kind);
        uint8_t *message = (uint8_t *)(uintptr_t)root.tbs.at;
        uint8_t *signature = (uint8_t *)(uintptr_t)root.signature.at;
        message[20] ^= 1;
        assert_false(is_valid(&root, &root));
        message[20] ^= 1;
        for (size_t place = 0; place < root.signature.length; place += 7) {
            signature[place] ^= 0x10;
            assert_false(is_valid(&root, &root));
            signature[place] ^= 0x10;
        }
        struct certificate cut = root;
        cut.signature.length--;
        assert_false(is_valid(&cut, &root));
        cut.signature.length = 0;
        assert_false(is_valid(&cut, &root));
        assert_true(is_valid(&root, &root));
    }
}

static void another_key_or_algorithm_does_not_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOT_COUNT; i++) {
        for (size_t other = 0; other < ROOT_COUNT; other++) {
            struct certificate root = read_root(roots[i].kind);
            struct certificate issuer = read_root(roots[other].kind);
            bool is_same_key = bytes_equal(root.key.whole, issuer.key.whole);
            assert_int_equal(is_valid(&root, &issuer), is_same_key);
            struct certificate relabelled = root;
            relabelled.signature_algorithm = issuer.signature_algorithm;
            bool is_same_algorithm =
                bytes_equal(root.signature_algorithm.whole, issuer.signature_algorithm.whole);
            assert_int_equal(is_valid(&relabelled, &root), is_same_algorithm);
        }
    }
}

static void a_pss_key_never_signs_pkcs1(void **state)
{
    (void)state;
    struct certificate root = read_root("rsa2048");
    struct certificate bound = root;
    bound.key.kind = PUBLIC_KEY_RSA_PSS;
    assert_false(is_valid(&root, &bound));
}

static void a_pss_key_bound_to_a_digest_keeps_to_it(void **state)
{
    (void)state;
    struct certificate root = read_root("pss_sha256");
    struct certificate bound = root;
    bound.key.kind = PUBLIC_KEY_RSA_PSS;
    assert_true(is_valid(&root, &bound));
    bound.key.pss_digest = DIGEST_SHA384;
    assert_false(is_valid(&root, &bound));
    bound.key.pss_digest = DIGEST_SHA256;
    bound.key.pss_salt_length_min = root.signature_algorithm.pss_salt_length + 1;
    assert_false(is_valid(&root, &bound));
}

static void a_curve_nobody_asked_for_is_unsupported(void **state)
{
    (void)state;
    struct certificate root = read_root("secp256k1");
    assert_int_equal(root.key.kind, PUBLIC_KEY_UNSUPPORTED);
    assert_false(is_valid(&root, &root));
}

static void a_point_off_the_curve_is_refused(void **state)
{
    (void)state;
    struct certificate root = read_root("p256");
    uint8_t *point = (uint8_t *)(uintptr_t)root.key.point.at;
    point[40] ^= 1;
    assert_false(is_valid(&root, &root));
}

static void odd_ecdsa_signatures_are_refused(void **state)
{
    (void)state;
    struct certificate root = read_root("p256");
    static const struct bytes signatures[] = {
        BYTES_OF("\x30\x06\x02\x01\x00\x02\x01\x00"),
        BYTES_OF("\x30\x06\x02\x01\x01\x02\x01\x00"),
        BYTES_OF("\x30\x06\x02\x01\xFF\x02\x01\x01"),
        BYTES_OF("\x30\x00"),
        BYTES_OF("\x30\x03\x02\x01\x01"),
        BYTES_OF("\x30\x07\x02\x01\x01\x02\x01\x01\x00"),
    };
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        root.signature = signatures[i];
        assert_false(is_valid(&root, &root));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_signatures_of_every_kind_hold),
        cmocka_unit_test(a_changed_message_or_signature_does_not_hold),
        cmocka_unit_test(another_key_or_algorithm_does_not_hold),
        cmocka_unit_test(a_pss_key_never_signs_pkcs1),
        cmocka_unit_test(a_pss_key_bound_to_a_digest_keeps_to_it),
        cmocka_unit_test(a_curve_nobody_asked_for_is_unsupported),
        cmocka_unit_test(a_point_off_the_curve_is_refused),
        cmocka_unit_test(odd_ecdsa_signatures_are_refused),
    };
    return cmocka_run_group_tests(tests, trust_pki_make, trust_pki_remove);
}
