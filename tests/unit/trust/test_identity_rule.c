/* Identity rules: which certificate makes which claim, and how one might pretend to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/identity_rule.h"
#include "../../../src/trust/x509_digest.h"
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

static struct plan plan(void)
{
    return (struct plan){.subject = "pump-7", .issuer = "Pumps CA", .key = key};
}

static struct certificate certificate_of(const struct built *der)
{
    struct certificate certificate;
    assert_true(certificate_read(built_bytes(der), &certificate));
    return certificate;
}

#define MAX_LINES 4

/* Lines of one claim or more each. */
static struct result compile(const struct config_claim_set *lines, size_t count,
                             struct identity_rule_set *set)
{
    struct diagnostics diagnostics;
    struct config_claim_set copies[MAX_LINES];
    struct config_ssl_profile profile = {
        .name = "p", .identities = copies, .identity_count = count};
    diagnostics_init(&diagnostics);
    for (size_t i = 0; i < count; i++) {
        copies[i] = lines[i];
        copies[i].source = (struct config_text){"as written", {"edge.ini", 7}};
    }
    struct result result = identity_rule_set_init(set, &profile, &diagnostics);
    assert_int_equal(result.code == ERROR_BAD_CONFIG, diagnostics.error_count > 0);
    if (diagnostics.count > 0) {
        assert_int_equal(diagnostics.items[0].place.line, 7);
        assert_non_null(strstr(diagnostics.items[0].message, "cannot be read: at "));
    }
    diagnostics_deinit(&diagnostics);
    return result;
}

static struct config_claim claim(enum config_claim_kind kind, struct bytes value)
{
    return (struct config_claim){kind, value};
}

static bool allows(const struct config_claim_set *lines, size_t count, struct plan leaf_plan,
                   const struct certificate *issuer)
{
    struct identity_rule_set set;
    struct built der = build(leaf_plan);
    struct certificate leaf = certificate_of(&der);
    assert_true(result_is_ok(compile(lines, count, &set)));
    bool is_allowed = identity_rule_set_allows(&set, &leaf, issuer);
    identity_rule_set_deinit(&set);
    return is_allowed;
}

static bool makes(struct plan leaf_plan, enum config_claim_kind kind, struct bytes value)
{
    struct config_claim_set line = {.claims = {claim(kind, value)}, .claim_count = 1};
    return allows(&line, 1, leaf_plan, NULL);
}

#define MAKES(leaf, kind, literal) makes((leaf), CONFIG_CLAIM_##kind, BYTES_OF(literal))

static void without_rules_everybody_is_allowed(void **state)
{
    (void)state;
    assert_true(allows(NULL, 0, plan(), NULL));
    struct identity_rule_set none = {0};
    struct built der = build(plan());
    struct certificate leaf = certificate_of(&der);
    assert_true(identity_rule_set_allows(&none, &leaf, NULL));
    identity_rule_set_deinit(&none);
}

static void claims_of_a_line_must_all_hold_and_lines_are_alternatives(void **state)
{
    (void)state;
    struct config_claim good = claim(CONFIG_CLAIM_COMMON_NAME, BYTES_OF("pump-7"));
    struct config_claim bad = claim(CONFIG_CLAIM_ISSUER_SUBJECT, BYTES_OF("CN=Other CA"));
    struct config_claim_set both = {.claims = {good, bad}, .claim_count = 2};
    struct config_claim_set only_bad = {.claims = {bad}, .claim_count = 1};
    struct config_claim_set only_good = {.claims = {good}, .claim_count = 1};
    assert_false(allows(&both, 1, plan(), NULL));
    assert_false(allows((struct config_claim_set[]){both, only_bad}, 2, plan(), NULL));
    assert_true(allows((struct config_claim_set[]){both, only_bad, only_good}, 3, plan(), NULL));
}

static void thumbprints_are_of_the_certificate(void **state)
{
    (void)state;
    struct built der = build(plan());
    struct built other_der = build(plan());
    struct certificate leaf = certificate_of(&der);
    struct certificate issuer = certificate_of(&other_der);
    uint8_t digests[2][X509_DIGEST_SIZE_MAX];
    assert_true(x509_digest_of(DIGEST_SHA1, built_bytes(&der), digests[0]));
    assert_true(x509_digest_of(DIGEST_SHA256, built_bytes(&der), digests[1]));
    for (unsigned i = 0; i < 2; i++) {
        struct bytes print = bytes_from(digests[i], i == 0 ? 20 : 32);
        struct config_claim_set lines[] = {
            {.claims = {claim(CONFIG_CLAIM_THUMBPRINT, print)}, .claim_count = 1},
            {.claims = {claim(CONFIG_CLAIM_ISSUER_THUMBPRINT, print)}, .claim_count = 1},
        };
        struct identity_rule_set sets[2];
        assert_true(result_is_ok(compile(&lines[0], 1, &sets[0])));
        assert_true(result_is_ok(compile(&lines[1], 1, &sets[1])));
        assert_true(identity_rule_set_allows(&sets[0], &leaf, NULL));
        assert_false(identity_rule_set_allows(&sets[0], &issuer, &leaf));
        assert_true(identity_rule_set_allows(&sets[1], &issuer, &leaf));
        assert_false(identity_rule_set_allows(&sets[1], &leaf, &issuer));
        assert_false(identity_rule_set_allows(&sets[1], &leaf, NULL));
        identity_rule_set_deinit(&sets[0]);
        identity_rule_set_deinit(&sets[1]);
    }
}

static void serial_numbers_are_numbers(void **state)
{
    (void)state;
    struct plan high = plan();
    high.serial = BYTES_OF("\x00\xFB");
    assert_true(MAKES(high, SERIAL_NUMBER, "\xFB"));
    struct plan negative = plan();
    negative.serial = BYTES_OF("\xFB");
    assert_false(MAKES(negative, SERIAL_NUMBER, "\xFB"));
    assert_false(MAKES(negative, SERIAL_NUMBER, "\x05"));
    assert_true(MAKES(plan(), SERIAL_NUMBER, "\x01\x23"));
    assert_false(MAKES(plan(), SERIAL_NUMBER, "\x23"));
    assert_false(MAKES(plan(), SERIAL_NUMBER, "\x01\x23\x00"));
    struct plan zero = plan();
    zero.serial = BYTES_OF("\x00");
    assert_true(MAKES(zero, SERIAL_NUMBER, ""));
    assert_false(MAKES(plan(), SERIAL_NUMBER, ""));
}

/* A subject of these common names; tag of the last. */
static struct plan named(const struct bytes *names, size_t count, unsigned tag, struct built *name)
{
    struct plan leaf = plan();
    name->length = 0;
    for (size_t i = 0; i < count; i++) {
        built_rdn(name, BUILDER_CN, i + 1 == count ? tag : 0x0C, names[i]);
    }
    built_wrap(name, 0, 0x30);
    leaf.raw_subject = built_bytes(name);
    return leaf;
}

static void common_names_are_compared_to_the_letter(void **state)
{
    (void)state;
    assert_true(MAKES(plan(), COMMON_NAME, "pump-7"));
    assert_false(MAKES(plan(), COMMON_NAME, "Pump-7"));
    assert_false(MAKES(plan(), COMMON_NAME, "pump-7 "));
    assert_false(MAKES(plan(), COMMON_NAME, "pump-"));
    assert_false(MAKES(plan(), COMMON_NAME, "pump-77"));
    struct plan nameless = plan();
    nameless.subject = NULL;
    assert_false(MAKES(nameless, COMMON_NAME, "pump-7"));
}

static void common_names_of_any_string_type_are_read(void **state)
{
    (void)state;
    struct built name;
    struct bytes wide = BYTES_OF("\x00\x70\x00\xFC");
    assert_true(MAKES(named(&wide, 1, 0x1E, &name), COMMON_NAME, "p\xC3\xBC"));
    struct bytes latin = BYTES_OF("p\xFC");
    assert_true(MAKES(named(&latin, 1, 0x14, &name), COMMON_NAME, "p\xC3\xBC"));
}

static void of_several_common_names_none_counts(void **state)
{
    (void)state;
    struct built name;
    struct bytes names[] = {BYTES_OF("pump-7"), BYTES_OF("pump-8")};
    assert_false(MAKES(named(names, 2, 0x0C, &name), COMMON_NAME, "pump-7"));
    assert_false(MAKES(named(names, 2, 0x0C, &name), COMMON_NAME, "pump-8"));
    names[1] = names[0];
    assert_false(MAKES(named(names, 2, 0x0C, &name), COMMON_NAME, "pump-7"));
}

static void a_zero_byte_or_an_escape_spoofs_no_common_name(void **state)
{
    (void)state;
    struct built name;
    struct bytes names[] = {BYTES_OF("pump-7\0.evil"), BYTES_OF("pump\\2D7"), BYTES_OF("\\70ump-7"),
                            BYTES_OF("pump-7\xE2\x80\x8B"), BYTES_OF("CN=pump-7")};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_false(MAKES(named(&names[i], 1, 0x0C, &name), COMMON_NAME, "pump-7"));
    }
}

static void subjects_are_compared_as_names(void **state)
{
    (void)state;
    assert_true(MAKES(plan(), SUBJECT, "CN=pump-7"));
    assert_true(MAKES(plan(), SUBJECT, "cn=PUMP-7"));
    assert_false(MAKES(plan(), SUBJECT, "CN=pump-7,O=Contoso"));
    assert_false(MAKES(plan(), SUBJECT, "O=pump-7"));
    assert_true(MAKES(plan(), ISSUER_SUBJECT, "CN=Pumps  CA"));
    assert_false(MAKES(plan(), ISSUER_SUBJECT, "CN=PumpsCA"));
    assert_false(MAKES(plan(), ISSUER_SUBJECT, "CN=pump-7"));
}

/* One attribute that reads like two must not be taken for two, nor two for one. */
static void separators_within_a_value_spoof_no_subject(void **state)
{
    (void)state;
    struct built name;
    struct bytes joined = BYTES_OF("pump-7,O=Contoso");
    struct plan leaf = named(&joined, 1, 0x0C, &name);
    assert_false(MAKES(leaf, SUBJECT, "CN=pump-7,O=Contoso"));
    assert_true(MAKES(leaf, SUBJECT, "CN=pump-7\\,O\\=Contoso"));
    assert_true(MAKES(leaf, SUBJECT, "CN=\"pump-7,O=Contoso\""));
    joined = BYTES_OF("pump-7+OU=x");
    assert_false(MAKES(named(&joined, 1, 0x0C, &name), SUBJECT, "CN=pump-7+OU=x"));
}

static struct plan with_alt_names(void)
{
    struct plan leaf = plan();
    plan_alt_names(&leaf, BYTES_OF("\x82\x05"
                                   "a.com"
                                   "\x86\x05"
                                   "urn:x"
                                   "\x82\x07"
                                   "*.b.com"
                                   "\x81\x05"
                                   "a@c.d"
                                   "\x82\x0A"
                                   "c.com\0.dev"));
    return leaf;
}

static void one_of_several_alternative_names_is_enough(void **state)
{
    (void)state;
    assert_true(MAKES(with_alt_names(), DNS_NAME, "a.com"));
    assert_true(MAKES(with_alt_names(), DNS_NAME, "A.Com"));
    assert_true(MAKES(with_alt_names(), DNS_NAME, "*.b.com"));
    assert_true(MAKES(with_alt_names(), URI, "urn:x"));
}

static void alternative_names_are_not_stretched(void **state)
{
    (void)state;
    assert_false(MAKES(with_alt_names(), DNS_NAME, "x.b.com"));
    assert_false(MAKES(with_alt_names(), DNS_NAME, "a.com."));
    assert_false(MAKES(with_alt_names(), DNS_NAME, "c.com"));
    assert_false(MAKES(with_alt_names(), DNS_NAME, "urn:x"));
    assert_false(MAKES(with_alt_names(), DNS_NAME, "a@c.d"));
    assert_false(MAKES(with_alt_names(), URI, "urn:X"));
    assert_false(MAKES(with_alt_names(), URI, "a.com"));
    assert_false(MAKES(plan(), DNS_NAME, "pump-7")); /* a common name is no DNS name */
}

static void names_that_cannot_be_read_fail_at_their_line(void **state)
{
    (void)state;
    static const struct bytes names[] = {BYTES_OF("pump-7"), BYTES_OF("CN=a;O=b"), BYTES_OF("CN=")};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct identity_rule_set set;
        struct config_claim_set line = {
            .claims = {claim(CONFIG_CLAIM_URI, BYTES_OF("urn:x")),
                       claim(CONFIG_CLAIM_SUBJECT, names[i])},
            .claim_count = 2,
        };
        assert_int_equal(compile(&line, 1, &set).code, ERROR_BAD_CONFIG);
        identity_rule_set_deinit(&set);
    }
}

static void assert_digests_differ(const struct config_claim_set *a, size_t count_a,
                                  const struct config_claim_set *b, size_t count_b)
{
    struct identity_rule_set sets[2];
    uint8_t digests[3][32];
    assert_true(result_is_ok(compile(a, count_a, &sets[0])));
    assert_true(result_is_ok(compile(b, count_b, &sets[1])));
    assert_true(identity_rule_set_digest(&sets[0], digests[0]));
    assert_true(identity_rule_set_digest(&sets[0], digests[1]));
    assert_true(identity_rule_set_digest(&sets[1], digests[2]));
    assert_memory_equal(digests[0], digests[1], 32);
    assert_memory_not_equal(digests[0], digests[2], 32);
    identity_rule_set_deinit(&sets[0]);
    identity_rule_set_deinit(&sets[1]);
}

static void the_digest_tells_rules_apart(void **state)
{
    (void)state;
    struct config_claim a = claim(CONFIG_CLAIM_COMMON_NAME, BYTES_OF("a"));
    struct config_claim b = claim(CONFIG_CLAIM_URI, BYTES_OF("b"));
    struct config_claim_set of_a = {.claims = {a}, .claim_count = 1};
    struct config_claim_set of_b = {.claims = {b}, .claim_count = 1};
    struct config_claim_set of_both = {.claims = {a, b}, .claim_count = 2};
    struct config_claim_set other_kind = {.claims = {claim(CONFIG_CLAIM_DNS_NAME, BYTES_OF("a"))},
                                          .claim_count = 1};
    assert_digests_differ(&of_a, 0, &of_a, 1);
    assert_digests_differ(&of_a, 1, &other_kind, 1);
    assert_digests_differ(&of_both, 1, (struct config_claim_set[]){of_a, of_b}, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_everybody_is_allowed),
        cmocka_unit_test(claims_of_a_line_must_all_hold_and_lines_are_alternatives),
        cmocka_unit_test(thumbprints_are_of_the_certificate),
        cmocka_unit_test(serial_numbers_are_numbers),
        cmocka_unit_test(common_names_are_compared_to_the_letter),
        cmocka_unit_test(common_names_of_any_string_type_are_read),
        cmocka_unit_test(of_several_common_names_none_counts),
        cmocka_unit_test(a_zero_byte_or_an_escape_spoofs_no_common_name),
        cmocka_unit_test(subjects_are_compared_as_names),
        cmocka_unit_test(separators_within_a_value_spoof_no_subject),
        cmocka_unit_test(one_of_several_alternative_names_is_enough),
        cmocka_unit_test(alternative_names_are_not_stretched),
        cmocka_unit_test(names_that_cannot_be_read_fail_at_their_line),
        cmocka_unit_test(the_digest_tells_rules_apart),
    };
    return cmocka_run_group_tests(tests, make_key, drop_key);
}
