/* Without memory nothing is said of a signature: it is neither right nor wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "../../../src/trust/x509_signature.h"
#include "../../fake/fake_memory.c"
#include "trust_pki.h"

#define SEED_COUNT 50

static const char *const kinds[] = {"p256",   "p384",   "p521",       "ed25519",    "rsa2048",
                                    "sha384", "sha512", "pss_sha256", "pss_sha512", "pss_key"};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static struct certificate read_root(const char *kind)
{
    struct certificate certificate;
    char name[64];
    (void)snprintf(name, sizeof(name), "root_%s.der", kind);
    assert_true(certificate_read(trust_pki_read(name), &certificate));
    return certificate;
}

/* With every so manyth allocation failing. */
static enum x509_signature_finding check(const struct certificate *root, uint64_t seed,
                                         uint32_t one_in)
{
    fake_memory_let_fail(seed, one_in);
    (void)fake_memory_set_fallible(true);
    enum x509_signature_finding finding =
        x509_signature_check(&root->key, &root->signature_algorithm, root->tbs, root->signature);
    (void)fake_memory_set_fallible(false);
    return finding;
}

/* A build of the library that needs none for a kind of key says what is true of it. */
static void a_good_signature_is_never_called_wrong(void **state)
{
    uint32_t short_count = 0;
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct certificate root = read_root(kinds[i]);
        for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
            enum x509_signature_finding finding = check(&root, seed, 1 + (uint32_t)seed % 4);
            bool has_failed = fake_memory_failure_count() > 0;
            if (finding == X509_SIGNATURE_WRONG ||
                (finding == X509_SIGNATURE_UNCHECKED && !has_failed)) {
                fail_msg("%s, seed %llu: %d", kinds[i], (unsigned long long)seed, finding);
            }
            short_count += has_failed;
        }
        assert_int_equal(check(&root, 0, 0), X509_SIGNATURE_RIGHT);
    }
    print_message("%u checks were short of memory\n", short_count);
    assert_true(short_count > 0);
}

static void a_wrong_signature_is_never_called_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct certificate root = read_root(kinds[i]);
        root.tbs.length--;
        for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
            assert_int_not_equal(check(&root, seed, 1 + (uint32_t)seed % 4), X509_SIGNATURE_RIGHT);
        }
        assert_int_equal(check(&root, 0, 0), X509_SIGNATURE_WRONG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_signature_is_never_called_wrong),
        cmocka_unit_test(a_wrong_signature_is_never_called_right),
    };
    return cmocka_run_group_tests(tests, trust_pki_make, trust_pki_remove);
}
