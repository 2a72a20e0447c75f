/* Trusted CA files: the five codes, the notes and warnings, and the issuer name of each scenario.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/name.h"
#include "../../../src/trust/trusted_chain.h"
#include "trust_fixture.h"

#define KEY_COUNT 8
#define CODE      "ApplicationGatewayTrustedClientCertificate"

static struct builder_key *keys[KEY_COUNT];
static struct diagnostics diagnostics;
static struct trusted_chain chain;
static struct signature_register signatures;
static struct trusted_chain_options options = {.now_seconds = BUILDER_NOW,
                                               .verifies_issuer_name = true};

static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        keys[i] = builder_key_create();
    }
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        builder_key_destroy(keys[i]);
    }
    return 0;
}

static int begin(void **state)
{
    (void)state;
    diagnostics_init(&diagnostics);
    assert_true(result_is_ok(signature_register_init(&signatures, 1)));
    return 0;
}

static int end(void **state)
{
    (void)state;
    diagnostics_deinit(&diagnostics);
    trusted_chain_deinit(&chain);
    signature_register_deinit(&signatures);
    return 0;
}

enum { ROOT, INT1, INT2, INT3, LEAF, ROOT2 };
static const char *const names[] = {"root", "int1", "int2", "int3", "leaf", "root2"};

static struct plan plan_of(unsigned who, unsigned issuer)
{
    return (struct plan){
        .subject = names[who], .issuer = names[issuer], .key = keys[who], .signer = keys[issuer]};
}

static struct built ca(unsigned who, unsigned issuer)
{
    struct plan plan = plan_of(who, issuer);
    plan_ca(&plan, -1);
    return build(plan);
}

static struct built leaf(unsigned issuer)
{
    return build(plan_of(LEAF, issuer));
}

static struct result load_file(struct fixture_file *file)
{
    struct config_text setting = {.text = file->path, .place = {"edge.ini", 7}};
    fixture_file_finish(file);
    struct result result =
        trusted_chain_load(&setting, &options, &signatures, &diagnostics, &chain);
    fixture_file_remove(file);
    return result;
}

/* The line on which the n-th certificate of the file begins; they differ, as signatures do in
 * length. */
static int starts[16];

static struct result load(const struct built *certificates, size_t count)
{
    struct fixture_file file = fixture_file_create();
    for (size_t i = 0; i < count; i++) {
        fixture_file_add(&file, &certificates[i]);
    }
    memcpy(starts, file.starts, sizeof(starts));
    return load_file(&file);
}

static struct result load_text(const char *text)
{
    struct fixture_file file = fixture_file_create();
    fputs(text, file.stream);
    return load_file(&file);
}

#define LOAD(...)                       \
    load((struct built[]){__VA_ARGS__}, \
         sizeof((struct built[]){__VA_ARGS__}) / sizeof(struct built))

/* One message of this severity begins with start, at this line. */
static void assert_message(enum diagnostic_severity severity, const char *part, int line)
{
    for (size_t i = 0; i < diagnostics.count; i++) {
        const struct diagnostic *item = &diagnostics.items[i];
        if (item->severity == severity && strstr(item->message, part) != NULL &&
            item->place.line == line) {
            return;
        }
    }
    diagnostics_print(&diagnostics, stderr);
    fail_msg("no message with %s at line %d", part, line);
}

static void assert_issuer(unsigned who)
{
    struct built name = {.length = 0};
    built_name(&name, names[who], (struct bytes){0});
    assert_true(name_equal(chain.issuer_name, built_bytes(&name)));
}

static void assert_refused(struct result result, const char *code, int line)
{
    assert_int_equal(result.code, ERROR_BAD_CONFIG);
    assert_message(DIAGNOSTIC_ERROR, code, line);
}

static void scenario_1_root_intermediate_leaf(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), ca(INT1, ROOT), leaf(INT1))));
    assert_issuer(INT1);
    assert_int_equal(chain.file.count, 2);
    assert_int_equal(diagnostics.warning_count, 0);
}

static void scenario_2_root_two_intermediates_leaf(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(leaf(INT2), ca(INT2, INT1), ca(INT1, ROOT), ca(ROOT, ROOT))));
    assert_issuer(INT2);
    assert_int_equal(diagnostics.warning_count, 0);
}

static void scenario_3_root_leaf(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), leaf(ROOT))));
    assert_issuer(ROOT);
    assert_int_equal(diagnostics.warning_count, 0);
}

static void scenario_4_two_chains_of_one_length(void **state)
{
    (void)state;
    assert_true(
        result_is_ok(LOAD(ca(ROOT, ROOT), ca(INT1, ROOT), leaf(INT1), ca(INT2, ROOT), leaf(INT2))));
    assert_issuer(INT1);
    assert_message(DIAGNOSTIC_WARNING, "several chains", starts[3]);
}

static void scenario_5_the_longest_chain_counts(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), ca(INT1, ROOT), leaf(INT1), ca(INT2, ROOT),
                                  ca(INT3, INT2), leaf(INT3))));
    assert_issuer(INT3);
    assert_int_equal(diagnostics.warning_count, 1);
}

/* Somebody may turn it on one day. */
static void several_chains_are_warned_of_when_the_name_does_not_matter(void **state)
{
    (void)state;
    options.verifies_issuer_name = false;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), ca(INT1, ROOT), ca(INT2, ROOT))));
    options.verifies_issuer_name = true;
    assert_message(DIAGNOSTIC_WARNING, "issuer_dn = on would take", starts[2]);
    assert_int_equal(diagnostics.count, 1);
}

static void a_leaf_is_ignored_with_a_note(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), leaf(ROOT))));
    assert_message(DIAGNOSTIC_NOTE, "is no CA certificate and is ignored", starts[1]);
    assert_int_equal(diagnostics.error_count, 0);
}

static void no_data(void **state)
{
    (void)state;
    assert_refused(load_text(""), CODE "MustSpecifyData", 0);
    assert_refused(load_text("\n\n"), CODE "MustSpecifyData", 1);
    assert_refused(load_text("put the certificate here\n"), CODE "MustSpecifyData", 1);
}

static void a_private_key(void **state)
{
    (void)state;
    struct fixture_file file = fixture_file_create();
    struct built root = ca(ROOT, ROOT);
    fixture_file_add(&file, &root);
    fputs("-----BEGIN EC PRIVATE KEY-----\nAQID\n-----END EC PRIVATE KEY-----\n", file.stream);
    assert_refused(load_file(&file), CODE "MustNotHavePrivateKey", file.line_count + 1);
}

static void invalid_data(void **state)
{
    (void)state;
    assert_refused(load_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
                   CODE "InvalidData", 1);
    assert_refused(load_text("\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"),
                   CODE "InvalidData", 2);
    assert_refused(load_text("-----BEGIN CERTIFICATE-----\nAQID\n"), CODE "InvalidData", 1);
    assert_refused(load_text("-----BEGIN X509 CRL-----\nAQID\n-----END X509 CRL-----\n"),
                   CODE "InvalidData", 1);
    assert_refused(load_text("0\x82\x01\x01"), CODE "InvalidData", 1);
}

static void a_file_too_large(void **state)
{
    (void)state;
    static char text[CA_FILE_SIZE_MAX + 2];
    memset(text, '\n', sizeof(text) - 1);
    assert_refused(load_text(text), CODE "InvalidData", 0);
}

static void no_ca(void **state)
{
    (void)state;
    assert_refused(LOAD(leaf(INT1)), CODE "DoesNotContainAnyCACertificate", 1);
    assert_refused(LOAD(leaf(LEAF)), CODE "DoesNotContainAnyCACertificate", 1);
}

static void no_root_or_too_many(void **state)
{
    (void)state;
    static const char code[] = "ApplicationGatewayOnlyOneRootCAAllowedInTrustedClientCertificate";
    assert_refused(LOAD(ca(INT1, ROOT)), code, 1);
    struct result result = LOAD(ca(ROOT, ROOT), ca(ROOT2, ROOT2));
    assert_refused(result, code, starts[1]);
    /* Self-issued, but not signed with its own key. */
    struct plan plan = plan_of(ROOT, ROOT);
    plan_ca(&plan, -1);
    plan.has_bad_signature = true;
    assert_refused(LOAD(build(plan)), code, 1);
}

static void the_same_root_twice_is_one_root(void **state)
{
    (void)state;
    struct built root = ca(ROOT, ROOT);
    assert_true(result_is_ok(LOAD(root, root)));
    assert_int_equal(chain.file.count, 1);
    assert_message(DIAGNOSTIC_NOTE, "a second time", starts[1]);
}

static void every_mistake_is_told_in_one_run(void **state)
{
    (void)state;
    assert_refused(load_text("-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"
                             "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n"
                             "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
                   CODE "InvalidData", 1);
    assert_message(DIAGNOSTIC_ERROR, CODE "MustNotHavePrivateKey", 4);
    assert_message(DIAGNOSTIC_ERROR, CODE "InvalidData", 8);
    assert_int_equal(diagnostics.error_count, 3);
}

static void a_missing_file_is_told_at_its_setting(void **state)
{
    (void)state;
    struct config_text setting = {.text = "/nonexistent/ca.pem", .place = {"edge.ini", 7}};
    struct result result =
        trusted_chain_load(&setting, &options, &signatures, &diagnostics, &chain);
    assert_refused(result, "No such file", 7);
    setting.text = "/tmp";
    result = trusted_chain_load(&setting, &options, &signatures, &diagnostics, &chain);
    assert_refused(result, "directory", 7);
}

static void a_ca_outside_the_chain_is_warned_of(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), ca(INT2, INT1))));
    assert_message(DIAGNOSTIC_WARNING, "CN=int2 does not belong to the chain", starts[1]);
    assert_issuer(ROOT);
}

static void dates_are_warned_of(void **state)
{
    (void)state;
    static const struct {
        const char *not_before;
        const char *not_after;
        const char *message;
    } cases[] = {
        {NULL, "250601000000Z", "has expired"},
        {NULL, "250701000000Z", "within 30 days"},
        {"250701000000Z", NULL, "not valid yet"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plan plan = plan_of(ROOT, ROOT);
        plan_ca(&plan, -1);
        plan.not_before = cases[i].not_before;
        plan.not_after = cases[i].not_after;
        assert_true(result_is_ok(LOAD(build(plan))));
        assert_message(DIAGNOSTIC_WARNING, cases[i].message, 1);
        trusted_chain_deinit(&chain);
    }
}

static void cas_that_sign_each_other_end(void **state)
{
    (void)state;
    assert_true(result_is_ok(LOAD(ca(ROOT, ROOT), ca(INT1, ROOT), ca(INT2, INT1), ca(INT1, INT2))));
    assert_int_equal(chain.file.count, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(scenario_1_root_intermediate_leaf),
        TEST(scenario_2_root_two_intermediates_leaf),
        TEST(scenario_3_root_leaf),
        TEST(scenario_4_two_chains_of_one_length),
        TEST(scenario_5_the_longest_chain_counts),
        TEST(several_chains_are_warned_of_when_the_name_does_not_matter),
        TEST(a_leaf_is_ignored_with_a_note),
        TEST(no_data),
        TEST(a_private_key),
        TEST(invalid_data),
        TEST(a_file_too_large),
        TEST(no_ca),
        TEST(no_root_or_too_many),
        TEST(the_same_root_twice_is_one_root),
        TEST(every_mistake_is_told_in_one_run),
        TEST(a_missing_file_is_told_at_its_setting),
        TEST(a_ca_outside_the_chain_is_warned_of),
        TEST(dates_are_warned_of),
        TEST(cas_that_sign_each_other_end),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
