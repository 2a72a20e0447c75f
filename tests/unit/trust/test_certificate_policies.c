/* Certificate policies along a path: demanded ones must run through it, whatever maps or inhibits
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate_policies.h"

/* PolicyInformation of 1.2.3, 1.2.4 and anyPolicy. */
#define POLICY_3   "\x30\x04\x06\x02\x2A\x03"
#define POLICY_4   "\x30\x04\x06\x02\x2A\x04"
#define POLICY_ANY "\x30\x06\x06\x04\x55\x1D\x20\x00"
#define MAP_3_TO_4 "\x30\x08\x06\x02\x2A\x03\x06\x02\x2A\x04"
#define MAP_ANY    "\x30\x0A\x06\x04\x55\x1D\x20\x00\x06\x02\x2A\x04"

static struct certificate bare(void)
{
    return (struct certificate){
        .require_explicit_policy = CERTIFICATE_NO_NUMBER,
        .inhibit_policy_mapping = CERTIFICATE_NO_NUMBER,
        .inhibit_any_policy = CERTIFICATE_NO_NUMBER,
    };
}

static struct certificate with(struct bytes policies)
{
    struct certificate certificate = bare();
    certificate.policies = policies;
    return certificate;
}

static struct certificate demanding(struct bytes policies, uint32_t after)
{
    struct certificate certificate = with(policies);
    certificate.require_explicit_policy = after;
    return certificate;
}

static void add_mappings(struct certificate *certificate, struct bytes mappings)
{
    certificate->policy_mappings = mappings;
    certificate->extensions |= 1u << EXTENSION_POLICY_MAPPINGS;
}

/* leaf, then the CAs above it; a root without any policy is put on top. */
static bool allows(const struct certificate *leaf, const struct certificate *lower,
                   const struct certificate *upper)
{
    struct certificate root = bare();
    const struct certificate *path[] = {leaf, lower, upper, &root};
    return certificate_policies_allow(path, 4);
}

static void nobody_demands_anything(void **state)
{
    (void)state;
    struct certificate none = bare();
    struct certificate three = with(BYTES_OF(POLICY_3));
    assert_true(allows(&none, &none, &none));
    assert_true(allows(&none, &three, &none));
}

static void a_demand_is_met_by_one_policy_along_the_path(void **state)
{
    (void)state;
    struct certificate none = bare();
    struct certificate three = with(BYTES_OF(POLICY_3));
    struct certificate four = with(BYTES_OF(POLICY_4));
    struct certificate both = with(BYTES_OF(POLICY_4 POLICY_3));
    struct certificate any = with(BYTES_OF(POLICY_ANY));
    struct certificate top = demanding(BYTES_OF(POLICY_3), 0);
    assert_true(allows(&three, &three, &top));
    assert_true(allows(&both, &both, &top));
    assert_true(allows(&three, &any, &top));
    assert_true(allows(&any, &three, &top));
    assert_false(allows(&none, &three, &top));
    assert_false(allows(&three, &none, &top));
    assert_false(allows(&four, &three, &top));
    assert_false(allows(&three, &four, &top));
}

static void a_demand_takes_effect_after_its_certificates(void **state)
{
    (void)state;
    struct certificate none = bare();
    struct certificate later = demanding((struct bytes){0}, 3);
    struct certificate soon = demanding((struct bytes){0}, 2);
    assert_true(allows(&none, &none, &later));
    assert_false(allows(&none, &none, &soon));
    struct certificate self_issued = none;
    self_issued.is_self_issued = true;
    /* Neither leaf nor self-issued CA counts down, but 6.1.5 a does, once. */
    assert_true(allows(&none, &self_issued, &soon));
}

static void the_leaf_may_demand_for_itself(void **state)
{
    (void)state;
    struct certificate none = bare();
    struct certificate leaf = demanding((struct bytes){0}, 0);
    assert_false(allows(&leaf, &none, &none));
    leaf = demanding(BYTES_OF(POLICY_3), 0);
    struct certificate any = with(BYTES_OF(POLICY_ANY));
    assert_true(allows(&leaf, &any, &any));
}

static void any_policy_can_be_inhibited(void **state)
{
    (void)state;
    struct certificate three = with(BYTES_OF(POLICY_3));
    struct certificate any = with(BYTES_OF(POLICY_ANY));
    struct certificate top = demanding(BYTES_OF(POLICY_3), 0);
    top.inhibit_any_policy = 0;
    assert_false(allows(&three, &any, &top));
    assert_true(allows(&three, &three, &top));
    struct certificate self_issued = any;
    self_issued.is_self_issued = true;
    assert_true(allows(&three, &self_issued, &top));
    top.inhibit_any_policy = 1;
    assert_true(allows(&three, &any, &top));
    assert_false(allows(&any, &any, &top));
}

static void mappings_translate(void **state)
{
    (void)state;
    struct certificate three = with(BYTES_OF(POLICY_3));
    struct certificate four = with(BYTES_OF(POLICY_4));
    struct certificate top = demanding(BYTES_OF(POLICY_3), 0);
    add_mappings(&top, BYTES_OF(MAP_3_TO_4));
    assert_true(allows(&four, &four, &top));
    assert_false(allows(&three, &three, &top));
    struct certificate any_top = demanding(BYTES_OF(POLICY_ANY), 0);
    add_mappings(&any_top, BYTES_OF(MAP_3_TO_4));
    assert_true(allows(&four, &four, &any_top));
}

static void inhibited_mappings_take_the_policy_away(void **state)
{
    (void)state;
    struct certificate four = with(BYTES_OF(POLICY_4));
    struct certificate three = with(BYTES_OF(POLICY_3));
    struct certificate lower = with(BYTES_OF(POLICY_3));
    struct certificate top = demanding(BYTES_OF(POLICY_3), 0);
    top.inhibit_policy_mapping = 0;
    add_mappings(&lower, BYTES_OF(MAP_3_TO_4));
    assert_false(allows(&four, &lower, &top));
    assert_false(allows(&three, &lower, &top));
}

static void nobody_maps_any_policy(void **state)
{
    (void)state;
    struct certificate none = bare();
    struct certificate top = with(BYTES_OF(POLICY_ANY));
    add_mappings(&top, BYTES_OF(MAP_ANY));
    assert_false(allows(&none, &none, &top));
}

static void the_anchors_own_demands_do_not_count(void **state)
{
    (void)state;
    struct certificate leaf = bare();
    struct certificate root = demanding((struct bytes){0}, 0);
    const struct certificate *path[] = {&leaf, &root};
    assert_true(certificate_policies_allow(path, 2));
    assert_true(certificate_policies_allow(path + 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_demands_anything),
        cmocka_unit_test(a_demand_is_met_by_one_policy_along_the_path),
        cmocka_unit_test(a_demand_takes_effect_after_its_certificates),
        cmocka_unit_test(the_leaf_may_demand_for_itself),
        cmocka_unit_test(any_policy_can_be_inhibited),
        cmocka_unit_test(mappings_translate),
        cmocka_unit_test(inhibited_mappings_take_the_policy_away),
        cmocka_unit_test(nobody_maps_any_policy),
        cmocka_unit_test(the_anchors_own_demands_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
