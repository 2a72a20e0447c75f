/* Finding paths: several ways up, dead ends, loops, needless certificates, and work that stays
 * bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "../../../src/trust/path.h"
#include "trust_fixture.h"

#define KEY_COUNT 18

static struct builder_key *keys[KEY_COUNT];

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

/* The keys have fixed roles in most tests. */
enum { ROOT, CA, LEAF, OTHER, OTHER_CA };

static struct built ca(const char *subject, unsigned key, const char *issuer, unsigned signer)
{
    struct plan plan = {
        .subject = subject, .issuer = issuer, .key = keys[key], .signer = keys[signer]};
    plan_ca(&plan, -1);
    return build(plan);
}

static struct built leaf(const char *issuer, unsigned signer)
{
    struct plan plan = {
        .subject = "client", .issuer = issuer, .key = keys[LEAF], .signer = keys[signer]};
    return build(plan);
}

static struct verdict judge(const struct built *const *trusted, size_t trusted_count,
                            const struct built *const *chain, size_t chain_count)
{
    struct bytes bytes[32];
    struct trust_policy *policy = fixture_policy(trusted, trusted_count, false);
    for (size_t i = 0; i < chain_count; i++) {
        bytes[i] = built_bytes(chain[i]);
    }
    struct verdict verdict = judge_chain(policy, bytes, chain_count, BUILDER_NOW);
    trust_policy_destroy(policy);
    assert_true(verdict.signature_check_count <= PATH_SIGNATURE_CHECKS_MAX);
    return verdict;
}

#define JUDGE(trusted, chain)                                         \
    judge((trusted), sizeof(trusted) / sizeof((trusted)[0]), (chain), \
          sizeof(chain) / sizeof((chain)[0]))

static void order_duplicates_and_needless_certificates_do_not_matter(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built upper = ca("Upper", CA, "Root", ROOT);
    struct built lower = ca("Lower", OTHER_CA, "Upper", CA);
    struct built stranger = ca("Stranger", OTHER, NULL, OTHER);
    struct built client = leaf("Lower", OTHER_CA);
    const struct built *trusted[] = {&root};
    const struct built *straight[] = {&client, &lower, &upper};
    const struct built *mixed[] = {&client, &stranger, &root, &upper, &lower, &lower, &client};
    assert_int_equal(JUDGE(trusted, straight).reason, VERDICT_SUCCESS);
    assert_int_equal(JUDGE(trusted, mixed).reason, VERDICT_SUCCESS);
}

static void intermediates_of_the_file_need_not_be_sent(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built upper = ca("Upper", CA, "Root", ROOT);
    struct built client = leaf("Upper", CA);
    const struct built *trusted[] = {&upper, &root};
    const struct built *chain[] = {&client};
    struct verdict verdict = JUDGE(trusted, chain);
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    assert_int_equal(verdict.signature_check_count, 1);
}

static void what_is_missing_has_its_own_word(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built lower = ca("Lower", OTHER_CA, "Upper", CA);
    struct built client = leaf("Lower", OTHER_CA);
    const struct built *trusted[] = {&root};
    const struct built *trusted_with_gap[] = {&root, &lower};
    const struct built *alone[] = {&client};
    const struct built *with_lower[] = {&client, &lower};
    assert_int_equal(JUDGE(trusted, alone).reason, VERDICT_UNABLE_TO_VERIFY_FIRST);
    struct verdict verdict = JUDGE(trusted, with_lower);
    assert_int_equal(verdict.reason, VERDICT_UNABLE_TO_GET_LOCAL_ISSUER);
    assert_int_equal(verdict.depth, 1);
    assert_int_equal(JUDGE(trusted_with_gap, alone).reason, VERDICT_UNABLE_TO_GET_ISSUER);
}

static void self_signed_is_told_at_both_places(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built stranger = ca("Stranger", OTHER, NULL, OTHER);
    struct built client = leaf("Stranger", OTHER);
    const struct built *trusted[] = {&root};
    const struct built *alone[] = {&stranger};
    const struct built *below[] = {&client, &stranger};
    struct verdict verdict = JUDGE(trusted, alone);
    assert_int_equal(verdict.reason, VERDICT_SELF_SIGNED);
    assert_string_equal(verdict.text, "self-signed certificate");
    verdict = JUDGE(trusted, below);
    assert_int_equal(verdict.reason, VERDICT_SELF_SIGNED);
    assert_string_equal(verdict.text, "self-signed certificate in certificate chain");
    assert_int_equal(verdict.presented_index, 1);
}

static void a_stranger_of_the_same_name_is_not_the_root(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built stranger = ca("Root", OTHER, NULL, OTHER);
    struct built client = leaf("Root", OTHER);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&client, &stranger};
    assert_int_equal(JUDGE(trusted, chain).reason, VERDICT_SIGNATURE_FAILURE);
}

static void a_cross_signed_ca_leads_to_the_root_that_is_trusted(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built old_root = ca("Old", OTHER, NULL, OTHER);
    struct built by_old = ca("Upper", CA, "Old", OTHER);
    struct built by_root = ca("Upper", CA, "Root", ROOT);
    struct built client = leaf("Upper", CA);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&client, &by_old, &old_root, &by_root};
    assert_int_equal(JUDGE(trusted, chain).reason, VERDICT_SUCCESS);
}

static void cas_of_one_name_are_told_apart_by_their_signatures(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built wrong = ca("Upper", OTHER_CA, "Root", ROOT);
    struct built right = ca("Upper", CA, "Root", ROOT);
    struct built client = leaf("Upper", CA);
    const struct built *trusted[] = {&root};
    const struct built *trusted_wrong[] = {&root, &wrong};
    const struct built *chain[] = {&client, &wrong, &right};
    const struct built *short_chain[] = {&client, &right};
    assert_int_equal(JUDGE(trusted, chain).reason, VERDICT_SUCCESS);
    assert_int_equal(JUDGE(trusted_wrong, short_chain).reason, VERDICT_SUCCESS);
}

static void key_identifiers_exclude_candidates(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct plan plan = {
        .subject = "Upper", .issuer = "Root", .key = keys[CA], .signer = keys[ROOT]};
    plan_ca(&plan, -1);
    plan_key_ids(&plan, BYTES_OF("one"), (struct bytes){0});
    struct built upper = build(plan);
    struct plan leaf_plan = {
        .subject = "client", .issuer = "Upper", .key = keys[LEAF], .signer = keys[CA]};
    plan_key_ids(&leaf_plan, (struct bytes){0}, BYTES_OF("two"));
    struct built client = build(leaf_plan);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&client, &upper};
    struct verdict verdict = JUDGE(trusted, chain);
    assert_int_equal(verdict.reason, VERDICT_UNABLE_TO_GET_LOCAL_ISSUER);
    assert_int_equal(verdict.signature_check_count, 0);
}

static void a_renewed_intermediate_replaces_its_expired_self(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct plan plan = {.subject = "Upper",
                        .issuer = "Root",
                        .key = keys[CA],
                        .signer = keys[ROOT],
                        .not_after = "250101000000Z"};
    plan_ca(&plan, -1);
    struct built expired = build(plan);
    struct built renewed = ca("Upper", CA, "Root", ROOT);
    struct built client = leaf("Upper", CA);
    const struct built *trusted[] = {&root};
    const struct built *trusted_expired[] = {&root, &expired};
    const struct built *both[] = {&client, &expired, &renewed};
    const struct built *sent[] = {&client, &renewed};
    const struct built *old[] = {&client, &expired};
    assert_int_equal(JUDGE(trusted, both).reason, VERDICT_SUCCESS);
    assert_int_equal(JUDGE(trusted_expired, sent).reason, VERDICT_SUCCESS);
    assert_int_equal(JUDGE(trusted, old).reason, VERDICT_EXPIRED);
}

static void the_path_that_came_furthest_tells_the_reason(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct plan plan = {.subject = "Upper",
                        .issuer = "Root",
                        .key = keys[CA],
                        .signer = keys[ROOT],
                        .not_after = "250101000000Z"};
    plan_ca(&plan, -1);
    struct built expired = build(plan);
    struct built wrong = ca("Upper", OTHER_CA, "Root", ROOT);
    struct built client = leaf("Upper", CA);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&client, &wrong, &expired};
    assert_int_equal(JUDGE(trusted, chain).reason, VERDICT_EXPIRED);
}

static void an_unreadable_certificate_matters_only_when_needed(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built upper = ca("Upper", CA, "Root", ROOT);
    struct built broken = upper;
    broken.length--;
    struct built client = leaf("Upper", CA);
    const struct built *trusted[] = {&root};
    const struct built *needless[] = {&client, &broken, &upper};
    const struct built *needed[] = {&client, &broken};
    assert_int_equal(JUDGE(trusted, needless).reason, VERDICT_SUCCESS);
    struct verdict verdict = JUDGE(trusted, needed);
    assert_int_equal(verdict.reason, VERDICT_MALFORMED);
    assert_int_equal(verdict.presented_index, 1);
}

static void a_self_issued_ca_does_not_count_for_path_length(void **state)
{
    (void)state;
    struct plan root_plan = {.subject = "Root", .key = keys[ROOT]};
    plan_ca(&root_plan, 0);
    struct built root = build(root_plan);
    struct built rolled = ca("Root", OTHER, "Root", ROOT);
    struct built client = leaf("Root", OTHER);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&client, &rolled};
    assert_int_equal(JUDGE(trusted, chain).reason, VERDICT_SUCCESS);
}

static void a_presented_root_is_its_own_path(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&root};
    struct verdict verdict = JUDGE(trusted, chain);
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    assert_int_equal(verdict.signature_check_count, 0);
}

static void cas_that_sign_each_other_do_not_loop(void **state)
{
    (void)state;
    struct built root = ca("Root", ROOT, NULL, ROOT);
    struct built a = ca("A", CA, "B", OTHER);
    struct built b = ca("B", OTHER, "A", CA);
    struct built client = leaf("A", CA);
    const struct built *trusted[] = {&root};
    const struct built *chain[] = {&client, &a, &b, &a, &b};
    assert_int_equal(JUDGE(trusted, chain).reason, VERDICT_UNABLE_TO_GET_LOCAL_ISSUER);
}

/* A chain of this many presented certificates below the root. */
static struct verdict judge_line(size_t count)
{
    static struct built line[32];
    const struct built *chain[32];
    char names[32][8];
    struct built root = ca("Root", 0, NULL, 0);
    const struct built *trusted[] = {&root};
    for (size_t i = 0; i < count; i++) {
        bool is_highest = i + 1 == count;
        snprintf(names[i], sizeof(names[i]), "C%zu", i);
        snprintf(names[i + 1], sizeof(names[i + 1]), "C%zu", i + 1);
        line[i] = ca(names[i], (unsigned)(i + 1), is_highest ? "Root" : names[i + 1],
                     is_highest ? 0 : (unsigned)(i + 2));
        chain[i] = &line[i];
    }
    return judge(trusted, 1, chain, count);
}

static void a_path_has_a_longest_length(void **state)
{
    (void)state;
    struct verdict verdict = judge_line(PATH_LENGTH_MAX - 1);
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    assert_int_equal(verdict.signature_check_count, PATH_LENGTH_MAX - 1);
    assert_int_equal(judge_line(PATH_LENGTH_MAX).reason, VERDICT_CHAIN_TOO_LONG);
    assert_int_equal(judge_line(PATH_PRESENTED_COUNT_MAX + 1).reason, VERDICT_CHAIN_TOO_LONG);
}

static void many_cas_of_one_name_cost_a_bounded_number_of_checks(void **state)
{
    (void)state;
    static struct built fan[PATH_PRESENTED_COUNT_MAX];
    const struct built *chain[PATH_PRESENTED_COUNT_MAX];
    struct built root = ca("Root", 0, NULL, 0);
    const struct built *trusted[] = {&root};
    /* Every one may have issued every other by its name, and none has. */
    for (unsigned i = 0; i < PATH_PRESENTED_COUNT_MAX; i++) {
        fan[i] = ca("Root", i + 1, "Root", 17);
        chain[i] = &fan[i];
    }
    struct verdict verdict = judge(trusted, 1, chain, PATH_PRESENTED_COUNT_MAX);
    assert_int_equal(verdict.reason, VERDICT_SIGNATURE_FAILURE);
}

static void many_ways_that_all_fail_late_are_bounded(void **state)
{
    (void)state;
    static struct built ladder[PATH_PRESENTED_COUNT_MAX];
    const struct built *chain[PATH_PRESENTED_COUNT_MAX];
    struct plan root_plan = {.subject = "R", .key = keys[0], .not_after = "250101000000Z"};
    plan_ca(&root_plan, -1);
    struct built root = build(root_plan);
    const struct built *trusted[] = {&root};
    struct built client = leaf("S0", 2);
    chain[0] = &client;
    /* Five storeys of three CAs each; every CA of a storey is issued by all of the next. */
    for (unsigned i = 0; i < 15; i++) {
        char subject[4] = {'S', (char)('0' + i / 3)};
        char issuer[4] = {'S', (char)('0' + i / 3 + 1)};
        ladder[i] = ca(subject, 2 + i / 3, i >= 12 ? "R" : issuer, i >= 12 ? 0 : 3 + i / 3);
        chain[i + 1] = &ladder[i];
    }
    struct verdict verdict = judge(trusted, 1, chain, PATH_PRESENTED_COUNT_MAX);
    assert_int_equal(verdict.reason, VERDICT_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_duplicates_and_needless_certificates_do_not_matter),
        cmocka_unit_test(intermediates_of_the_file_need_not_be_sent),
        cmocka_unit_test(what_is_missing_has_its_own_word),
        cmocka_unit_test(self_signed_is_told_at_both_places),
        cmocka_unit_test(a_stranger_of_the_same_name_is_not_the_root),
        cmocka_unit_test(a_cross_signed_ca_leads_to_the_root_that_is_trusted),
        cmocka_unit_test(cas_of_one_name_are_told_apart_by_their_signatures),
        cmocka_unit_test(key_identifiers_exclude_candidates),
        cmocka_unit_test(a_renewed_intermediate_replaces_its_expired_self),
        cmocka_unit_test(the_path_that_came_furthest_tells_the_reason),
        cmocka_unit_test(an_unreadable_certificate_matters_only_when_needed),
        cmocka_unit_test(a_self_issued_ca_does_not_count_for_path_length),
        cmocka_unit_test(a_presented_root_is_its_own_path),
        cmocka_unit_test(cas_that_sign_each_other_do_not_loop),
        cmocka_unit_test(a_path_has_a_longest_length),
        cmocka_unit_test(many_cas_of_one_name_cost_a_bounded_number_of_checks),
        cmocka_unit_test(many_ways_that_all_fail_late_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
