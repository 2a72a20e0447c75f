/* Signatures among trusted CAs: each pair is checked once, pairs are told apart by all their bytes,
 * and there is an end to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/signature_register.h"
#include "../../fake/fake_memory.c"
#include "trust_fixture.h"
#include "trust_pki.h"

enum { ROOT, CA, KEY_COUNT };

static struct builder_key *keys[KEY_COUNT];
static struct signature_register signatures;

/* A certificate and the bytes that it points into. */
struct one {
    struct built built;
    struct certificate certificate;
};

static int make(void **state)
{
    keys[ROOT] = builder_key_create();
    keys[CA] = builder_key_create();
    return trust_pki_make(state);
}

static int drop(void **state)
{
    builder_key_destroy(keys[ROOT]);
    builder_key_destroy(keys[CA]);
    return trust_pki_remove(state);
}

static int begin(void **state)
{
    (void)state;
    assert_true(result_is_ok(signature_register_init(&signatures, 0)));
    return 0;
}

static int end(void **state)
{
    (void)state;
    signature_register_deinit(&signatures);
    signature_register_deinit(&signatures);
    return 0;
}

static void make_one(struct one *one, struct plan plan)
{
    plan_ca(&plan, -1);
    one->built = build(plan);
    assert_true(certificate_read(built_bytes(&one->built), &one->certificate));
}

static struct plan plan_of(const char *subject, unsigned key, unsigned signer)
{
    return (struct plan){
        .subject = subject, .issuer = "Root", .key = keys[key], .signer = keys[signer]};
}

static bool proves(const struct one *one, const struct one *issuer)
{
    return signature_register_proves(&signatures, &one->certificate, &issuer->certificate);
}

static void a_pair_is_checked_once_whoever_asks(void **state)
{
    (void)state;
    struct one root;
    struct one ca;
    make_one(&root, plan_of("Root", ROOT, ROOT));
    make_one(&ca, plan_of("CA", CA, ROOT));
    struct one copy = {.built = ca.built};
    assert_true(certificate_read(built_bytes(&copy.built), &copy.certificate));
    for (unsigned i = 0; i < 3; i++) {
        assert_true(proves(&ca, &root));
        assert_true(proves(&copy, &root));
    }
    assert_int_equal(signatures.check_count, 1);
    assert_true(proves(&root, &root));
    assert_int_equal(signatures.check_count, 2);
}

static void a_wrong_signature_stays_wrong(void **state)
{
    (void)state;
    struct one root;
    struct one ca;
    make_one(&root, plan_of("Root", ROOT, ROOT));
    make_one(&ca, plan_of("CA", CA, CA));
    assert_false(proves(&ca, &root));
    assert_false(proves(&ca, &root));
    assert_int_equal(signatures.check_count, 1);
    assert_false(signature_register_has_failed(&signatures));
}

/* The same names, the same numbers: only bytes tell them apart. */
static void neither_a_name_nor_a_body_alone_makes_a_pair(void **state)
{
    (void)state;
    struct one root;
    struct one namesake;
    struct one ca;
    struct one forged;
    make_one(&root, plan_of("Root", ROOT, ROOT));
    make_one(&namesake, plan_of("Root", CA, CA));
    make_one(&ca, plan_of("CA", CA, ROOT));
    forged.built = ca.built;
    forged.built.at[forged.built.length - 1] ^= 1;
    assert_true(certificate_read(built_bytes(&forged.built), &forged.certificate));
    assert_true(proves(&ca, &root));
    assert_false(proves(&forged, &root));
    assert_false(proves(&ca, &namesake));
    assert_true(proves(&ca, &root));
    assert_int_equal(signatures.check_count, 3);
}

static void past_its_ceiling_it_proves_nothing_more(void **state)
{
    (void)state;
    struct one root;
    struct one ca;
    make_one(&root, plan_of("Root", ROOT, ROOT));
    make_one(&ca, plan_of("CA", CA, ROOT));
    assert_int_equal(signatures.check_count_max, SIGNATURE_REGISTER_CHECKS_PER_PROFILE);
    assert_true(proves(&root, &root));
    signatures.check_count = signatures.check_count_max;
    assert_true(proves(&root, &root)); /* It is known. */
    assert_false(proves(&ca, &root));
    assert_int_equal(signatures.outcome.code, ERROR_LIMIT_REACHED);
    assert_int_equal(signatures.check_count, signatures.check_count_max);
    assert_false(proves(&root, &root)); /* Nobody may go on with half an answer. */
}

static void all_pairs_up_to_the_ceiling_are_kept(void **state)
{
    (void)state;
    struct one root;
    static struct one cas[SIGNATURE_REGISTER_CHECKS_PER_PROFILE];
    make_one(&root, plan_of("Root", ROOT, ROOT));
    make_one(&cas[0], plan_of("CA", CA, ROOT));
    for (size_t i = 0; i < signatures.check_count_max; i++) {
        cas[i].built = cas[0].built;
        /* In the middle of the signature: what is left of one. */
        cas[i].built.at[cas[i].built.length - 20] ^= (uint8_t)i;
        assert_true(certificate_read(built_bytes(&cas[i].built), &cas[i].certificate));
        assert_int_equal(proves(&cas[i], &root), i == 0);
    }
    assert_int_equal(signatures.check_count, signatures.check_count_max);
    for (size_t i = 0; i < signatures.check_count_max; i++) {
        assert_int_equal(proves(&cas[i], &root), i == 0);
    }
    assert_false(signature_register_has_failed(&signatures));
}

static void without_memory_it_says_neither(void **state)
{
    (void)state;
    struct certificate root;
    assert_true(certificate_read(trust_pki_read("root_rsa2048.der"), &root));
    fake_memory_let_fail(1, 1);
    (void)fake_memory_set_fallible(true);
    bool is_proved = signature_register_proves(&signatures, &root, &root);
    (void)fake_memory_set_fallible(false);
    assert_false(is_proved);
    assert_int_equal(signatures.outcome.code, ERROR_OUT_OF_MEMORY);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_pair_is_checked_once_whoever_asks),
        TEST(a_wrong_signature_stays_wrong),
        TEST(neither_a_name_nor_a_body_alone_makes_a_pair),
        TEST(past_its_ceiling_it_proves_nothing_more),
        TEST(all_pairs_up_to_the_ceiling_are_kept),
        TEST(without_memory_it_says_neither),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
