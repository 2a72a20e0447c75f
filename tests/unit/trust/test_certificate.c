/* Reading certificates: every field found, every malformed one refused, wherever it is malformed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "certificate_builder.h"

static struct builder_key *key;

static int make_key(void **state)
{
    (void)state;
    key = builder_key_create();
    return 0;
}

static int drop_key(void **state)
{
    (void)state;
    builder_key_destroy(key);
    return 0;
}

/* A certificate with one extension of this content. */
static struct built with_extension(struct bytes oid, bool is_critical, struct bytes value)
{
    struct plan plan = {.subject = "x", .key = key};
    plan_extension(&plan, oid, is_critical, value);
    return build(plan);
}

static bool is_read(const struct built *der, struct certificate *certificate)
{
    return certificate_read(built_bytes(der), certificate);
}

static void every_field_is_found(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "leaf", .issuer = "ca", .key = key, .signer = key};
    plan_alt_names(&plan, BYTES_OF("\x82\x03"
                                   "a.b"));
    plan_purpose(&plan, BUILDER_CLIENT_AUTH);
    plan_key_usage(&plan, KEY_USAGE_DIGITAL_SIGNATURE);
    plan_ca(&plan, 3);
    plan_key_ids(&plan, BYTES_OF("own"), BYTES_OF("issuer"));
    struct built der = build(plan);
    assert_true(is_read(&der, &certificate));
    assert_int_equal(certificate.version, 3);
    assert_int_equal(certificate.serial.length, 2);
    assert_int_equal(certificate.not_before_seconds, 1704067200);
    assert_int_equal(certificate.not_after_seconds, 2019686400);
    assert_int_equal(certificate.key.kind, PUBLIC_KEY_P256);
    assert_int_equal(certificate.signature_algorithm.kind, SIGNATURE_ECDSA);
    assert_int_equal(certificate.signature_algorithm.digest, DIGEST_SHA256);
    assert_int_equal(certificate.purposes, KEY_PURPOSE_CLIENT);
    assert_int_equal(certificate.key_usage, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_true(certificate.is_ca);
    assert_int_equal(certificate.path_length, 3);
    assert_true(bytes_equal(certificate.subject_key_id, BYTES_OF("own")));
    assert_true(bytes_equal(certificate.authority_key_id, BYTES_OF("issuer")));
    assert_int_equal(certificate.subject_alt_names.length, 5);
    assert_false(certificate.is_self_issued);
    assert_false(certificate.has_unknown_critical);
    assert_true(certificate_has(&certificate, EXTENSION_SUBJECT_ALT_NAME));
    assert_false(certificate_has(&certificate, EXTENSION_NAME_CONSTRAINTS));
}

static void every_cut_and_every_added_byte_is_refused(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "leaf", .key = key};
    plan_ca(&plan, -1);
    struct built der = build(plan);
    assert_true(is_read(&der, &certificate));
    for (size_t length = 0; length < der.length; length++) {
        /* A copy of its own size, so that a sanitizer sees any step past the end. */
        uint8_t *cut = malloc(length + 1);
        memcpy(cut, der.at, length);
        assert_false(certificate_read(bytes_from(cut, length), &certificate));
        free(cut);
    }
    built_add(&der, BYTES_OF("\0"));
    assert_false(is_read(&der, &certificate));
}

static void first_version_has_no_extensions(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "x", .key = key, .version = 1};
    struct built der = build(plan);
    assert_true(is_read(&der, &certificate));
    assert_int_equal(certificate.version, 1);
    plan_ca(&plan, -1);
    der = build(plan);
    assert_false(is_read(&der, &certificate));
    plan.version = 2;
    der = build(plan);
    assert_false(is_read(&der, &certificate));
    plan.version = 4;
    der = build(plan);
    assert_false(is_read(&der, &certificate));
}

static void both_signature_algorithms_must_agree(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "x", .key = key};
    plan.inner_algorithm = BYTES_OF("\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x03");
    struct built der = build(plan);
    assert_false(is_read(&der, &certificate));
}

static void serial_numbers_are_bounded(void **state)
{
    (void)state;
    struct certificate certificate;
    static const uint8_t long_serial[22] = {0x7F};
    struct plan plan = {.subject = "x", .key = key, .serial = {long_serial, 21}};
    struct built der = build(plan);
    assert_true(is_read(&der, &certificate));
    plan.serial.length = 22;
    der = build(plan);
    assert_false(is_read(&der, &certificate));
    plan.serial = BYTES_OF("\x00\x01");
    der = build(plan);
    assert_false(is_read(&der, &certificate));
    plan.serial = BYTES_OF("\xFE");
    der = build(plan);
    assert_true(is_read(&der, &certificate));
}

static void an_issuer_has_a_name(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "x", .key = key, .raw_issuer = BYTES_OF("\x30\x00")};
    struct built der = build(plan);
    assert_false(is_read(&der, &certificate));
    plan.raw_issuer = (struct bytes){0};
    plan.issuer = "y";
    plan.raw_subject = BYTES_OF("\x30\x00");
    der = build(plan);
    assert_true(is_read(&der, &certificate));
}

static void an_extension_twice_is_refused(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "x", .key = key};
    plan_ca(&plan, -1);
    plan_ca(&plan, -1);
    struct built der = build(plan);
    assert_false(is_read(&der, &certificate));
    plan.extensions.length = 0;
    plan_extension(&plan, BYTES_OF("\x2A\x03"), false, BYTES_OF("x"));
    plan_extension(&plan, BYTES_OF("\x2A\x03"), false, BYTES_OF("y"));
    der = build(plan);
    assert_false(is_read(&der, &certificate));
}

static void too_many_extensions_are_refused(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "x", .key = key};
    for (unsigned i = 0; i <= CERTIFICATE_EXTENSION_COUNT_MAX; i++) {
        uint8_t oid[] = {0x2A, (uint8_t)i};
        struct built der = build(plan);
        assert_true(is_read(&der, &certificate));
        plan_extension(&plan, bytes_from(oid, sizeof(oid)), false, BYTES_OF(""));
    }
    struct built der = build(plan);
    assert_false(is_read(&der, &certificate));
}

static void critical_is_told_known_from_unknown(void **state)
{
    (void)state;
    struct certificate certificate;
    struct built der = with_extension(BYTES_OF("\x2A\x03"), true, BYTES_OF(""));
    assert_true(is_read(&der, &certificate));
    assert_true(certificate.has_unknown_critical);
    der = with_extension(BYTES_OF("\x2A\x03"), false, BYTES_OF(""));
    assert_true(is_read(&der, &certificate));
    assert_false(certificate.has_unknown_critical);
    /* A subject key identifier must not be critical. */
    der = with_extension(BYTES_OF("\x55\x1D\x0E"), true, BYTES_OF("\x04\x01\x01"));
    assert_true(is_read(&der, &certificate));
    assert_true(certificate.has_unknown_critical);
}

struct extension_case {
    struct bytes oid;
    struct bytes value;
    bool is_good;
};

/* clang-format off */
static const struct extension_case extension_cases[] = {
    {BYTES_OF("\x55\x1D\x13"), BYTES_OF("\x30\x00"), true},                             /* basicConstraints */
    {BYTES_OF("\x55\x1D\x13"), BYTES_OF("\x30\x03\x01\x01\x00"), true},
    {BYTES_OF("\x55\x1D\x13"), BYTES_OF("\x30\x03\x01\x01\x01"), false},
    {BYTES_OF("\x55\x1D\x13"), BYTES_OF("\x30\x06\x01\x01\xFF\x02\x01\xFF"), false},
    {BYTES_OF("\x55\x1D\x13"), BYTES_OF("\x30\x03\x01\x01\xFF\x00"), false},
    {BYTES_OF("\x55\x1D\x13"), BYTES_OF(""), false},
    {BYTES_OF("\x55\x1D\x0F"), BYTES_OF("\x03\x02\x01\x06"), true},                     /* keyUsage */
    {BYTES_OF("\x55\x1D\x0F"), BYTES_OF("\x03\x01\x00"), false},
    {BYTES_OF("\x55\x1D\x0F"), BYTES_OF("\x03\x02\x07\x01"), false},
    {BYTES_OF("\x55\x1D\x25"), BYTES_OF("\x30\x00"), false},                            /* extKeyUsage */
    {BYTES_OF("\x55\x1D\x25"), BYTES_OF("\x30\x02\x06\x00"), false},
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x00"), false},                            /* subjectAltName */
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x03\x82\x01\x61"), true},
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x03\x82\x01\x80"), false},
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x05\x87\x03\x01\x02\x03"), false},
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x03\xA2\x01\x61"), false},
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x03\x89\x01\x61"), false},
    {BYTES_OF("\x55\x1D\x11"), BYTES_OF("\x30\x06\xA4\x04\x30\x02\x31\x00"), false},
    {BYTES_OF("\x55\x1D\x12"), BYTES_OF("\x30\x03\x82\x01\x61"), true},                 /* issuerAltName */
    {BYTES_OF("\x55\x1D\x1E"), BYTES_OF("\x30\x00"), false},                            /* nameConstraints */
    {BYTES_OF("\x55\x1D\x1E"), BYTES_OF("\x30\x07\xA0\x05\x30\x03\x82\x01\x61"), true},
    {BYTES_OF("\x55\x1D\x1E"), BYTES_OF("\x30\x02\xA0\x00"), false},
    {BYTES_OF("\x55\x1D\x1E"), BYTES_OF("\x30\x0A\xA0\x08\x30\x06\x82\x01\x61\x80\x01\x01"), false},
    {BYTES_OF("\x55\x1D\x1E"), BYTES_OF("\x30\x0A\xA0\x08\x30\x06\x82\x01\x61\x81\x01\x01"), false},
    {BYTES_OF("\x55\x1D\x1E"), BYTES_OF("\x30\x0E\xA1\x0C\x30\x0A\x87\x08\x0A\x00\x00\x00\xFF\x00\xFF\x00"), false},
    {BYTES_OF("\x55\x1D\x20"), BYTES_OF("\x30\x06\x30\x04\x06\x02\x2A\x03"), true},     /* certificatePolicies */
    {BYTES_OF("\x55\x1D\x20"), BYTES_OF("\x30\x0C\x30\x04\x06\x02\x2A\x03\x30\x04\x06\x02\x2A\x03"), false},
    {BYTES_OF("\x55\x1D\x20"), BYTES_OF("\x30\x00"), false},
    {BYTES_OF("\x55\x1D\x21"), BYTES_OF("\x30\x0A\x30\x08\x06\x02\x2A\x03\x06\x02\x2A\x04"), true}, /* policyMappings */
    {BYTES_OF("\x55\x1D\x21"), BYTES_OF("\x30\x06\x30\x04\x06\x02\x2A\x03"), false},
    {BYTES_OF("\x55\x1D\x24"), BYTES_OF("\x30\x03\x80\x01\x00"), true},                 /* policyConstraints */
    {BYTES_OF("\x55\x1D\x24"), BYTES_OF("\x30\x00"), false},
    {BYTES_OF("\x55\x1D\x36"), BYTES_OF("\x02\x01\x00"), true},                         /* inhibitAnyPolicy */
    {BYTES_OF("\x55\x1D\x36"), BYTES_OF("\x02\x01\x80"), false},
    {BYTES_OF("\x55\x1D\x23"), BYTES_OF("\x30\x03\x80\x01\x01"), true},                 /* authorityKeyIdentifier */
    {BYTES_OF("\x55\x1D\x23"), BYTES_OF("\x80\x01\x01"), false},
    {BYTES_OF("\x55\x1D\x0E"), BYTES_OF("\x04\x01\x01\x00"), false},                    /* subjectKeyIdentifier */
    {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x01"), BYTES_OF("\x30\x00"), false},        /* authorityInfoAccess */
};
/* clang-format on */

static void extension_values_are_read_to_their_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(extension_cases) / sizeof(extension_cases[0]); i++) {
        struct certificate certificate;
        struct built der = with_extension(extension_cases[i].oid, false, extension_cases[i].value);
        if (is_read(&der, &certificate) != extension_cases[i].is_good) {
            fail_msg("extension case %zu", i);
        }
    }
}

static void the_first_http_responder_is_found(void **state)
{
    (void)state;
    struct certificate certificate;
    struct built access = {.length = 0};
    static const struct {
        struct bytes method;
        struct bytes url;
    } descriptions[] = {
        {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x02"), BYTES_OF("http://ca/issuer")},
        {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01"), BYTES_OF("ldap://a")},
        {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01"), BYTES_OF("http://a/ocsp")},
        {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01"), BYTES_OF("http://b/ocsp")},
    };
    for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++) {
        size_t start = access.length;
        built_element(&access, 0x06, descriptions[i].method);
        built_element(&access, 0x86, descriptions[i].url);
        built_wrap(&access, start, 0x30);
    }
    built_wrap(&access, 0, 0x30);
    struct built der =
        with_extension(BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x01"), false, built_bytes(&access));
    assert_true(is_read(&der, &certificate));
    assert_true(bytes_equal(certificate.ocsp_url, BYTES_OF("http://a/ocsp")));
}

static void a_certificate_demands_staples_or_not(void **state)
{
    (void)state;
    static const struct {
        struct bytes value;
        bool must_staple;
    } cases[] = {
        {BYTES_OF("\x30\x03\x02\x01\x05"), true},
        {BYTES_OF("\x30\x06\x02\x01\x11\x02\x01\x05"), true},
        {BYTES_OF("\x30\x03\x02\x01\x11"), false},
        {BYTES_OF("\x30\x00"), false},
        {BYTES_OF(""), false}, /* Malformed: it says nothing, as before it was looked at. */
        {BYTES_OF("\x02\x01\x05"), false},
        {BYTES_OF("\x30\x04\x02\x01\x05"), false},
        {BYTES_OF("\x30\x03\x02\x01\x05\x00"), false},
        {BYTES_OF("\x30\x05\x02\x01\x05\x04\x00"), false},
    };
    struct bytes tls_feature = BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x18");
    struct certificate certificate;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct built der = with_extension(tls_feature, false, cases[i].value);
        assert_true(is_read(&der, &certificate));
        assert_int_equal(certificate.must_staple, cases[i].must_staple);
    }
    struct built der = with_extension(tls_feature, true, cases[0].value);
    assert_true(is_read(&der, &certificate));
    assert_true(certificate.has_unknown_critical);
}

static void keys_of_unknown_kinds_are_kept_but_not_strong(void **state)
{
    (void)state;
    struct certificate certificate;
    struct plan plan = {.subject = "x", .key = key};
    /* The curve secp256k1. */
    plan.raw_key = BYTES_OF("\x30\x16\x30\x10\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x05\x2B\x81"
                            "\x04\x00\x0A\x03\x02\x00\x04");
    struct built der = build(plan);
    assert_true(is_read(&der, &certificate));
    assert_int_equal(certificate.key.kind, PUBLIC_KEY_UNSUPPORTED);
    assert_false(public_key_is_strong(&certificate.key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_found),
        cmocka_unit_test(every_cut_and_every_added_byte_is_refused),
        cmocka_unit_test(first_version_has_no_extensions),
        cmocka_unit_test(both_signature_algorithms_must_agree),
        cmocka_unit_test(serial_numbers_are_bounded),
        cmocka_unit_test(an_issuer_has_a_name),
        cmocka_unit_test(an_extension_twice_is_refused),
        cmocka_unit_test(too_many_extensions_are_refused),
        cmocka_unit_test(critical_is_told_known_from_unknown),
        cmocka_unit_test(extension_values_are_read_to_their_end),
        cmocka_unit_test(the_first_http_responder_is_found),
        cmocka_unit_test(a_certificate_demands_staples_or_not),
        cmocka_unit_test(keys_of_unknown_kinds_are_kept_but_not_strong),
    };
    return cmocka_run_group_tests(tests, make_key, drop_key);
}
