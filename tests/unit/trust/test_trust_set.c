/* The set of trusted CAs: found by name, roots first, with proved edges between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../../src/trust/name.h"
#include "../../../src/trust/trust_set.h"
#include "certificate_builder.h"

#define CA_COUNT 40

static struct builder_key *keys[2];
static struct built ders[CA_COUNT + 1];
static struct trust_set set;

static int make(void **state)
{
    (void)state;
    keys[0] = builder_key_create();
    keys[1] = builder_key_create();
    return 0;
}

static int drop(void **state)
{
    (void)state;
    builder_key_destroy(keys[0]);
    builder_key_destroy(keys[1]);
    return 0;
}

static void add(struct built *der, struct plan plan, bool is_root)
{
    struct certificate certificate;
    plan_ca(&plan, -1);
    *der = build(plan);
    assert_true(certificate_read(built_bytes(der), &certificate));
    trust_set_add(&set, &certificate, is_root);
}

static struct plan ca(const char *subject, const char *issuer, unsigned signer)
{
    return (struct plan){
        .subject = subject, .issuer = issuer, .key = keys[1], .signer = keys[signer]};
}

static void add_root(const char *subject)
{
    add(&ders[CA_COUNT], (struct plan){.subject = subject, .key = keys[0]}, true);
}

static void finish(void)
{
    struct signature_register signatures;
    assert_true(result_is_ok(signature_register_init(&signatures, 1)));
    assert_true(result_is_ok(trust_set_finish(&set, &signatures)));
    signature_register_deinit(&signatures);
}

static void many_cas_below_one_root_each_have_their_edge(void **state)
{
    (void)state;
    assert_true(result_is_ok(trust_set_init(&set, CA_COUNT + 1)));
    for (unsigned i = 0; i < CA_COUNT; i++) {
        char name[16];
        snprintf(name, sizeof(name), "CA %u", i);
        add(&ders[i], ca(name, "Root", 0), false);
    }
    add_root("Root");
    finish();
    assert_int_equal(set.count, CA_COUNT + 1);
    assert_int_equal(set.edge_count, CA_COUNT);
    for (size_t i = 0; i < set.count; i++) {
        assert_int_equal(set.cas[i].edge_count, set.cas[i].is_root ? 0 : 1);
        assert_true(set.cas[i].is_root || set.cas[set.edges[set.cas[i].first_edge]].is_root);
    }
    trust_set_deinit(&set);
}

static void an_edge_without_its_signature_is_none(void **state)
{
    (void)state;
    assert_true(result_is_ok(trust_set_init(&set, 2)));
    add(&ders[0], ca("CA", "Root", 1), false);
    add_root("Root");
    finish();
    assert_int_equal(set.edge_count, 0);
    trust_set_deinit(&set);
}

static void a_set_without_all_its_edges_is_none(void **state)
{
    (void)state;
    struct signature_register signatures;
    assert_true(result_is_ok(signature_register_init(&signatures, 0)));
    assert_true(result_is_ok(trust_set_init(&set, 2)));
    add(&ders[0], ca("CA", "Root", 0), false);
    add_root("Root");
    signatures.check_count = signatures.check_count_max;
    assert_int_equal(trust_set_finish(&set, &signatures).code, ERROR_LIMIT_REACHED);
    signature_register_deinit(&signatures);
    trust_set_deinit(&set);
}

static void of_one_name_the_roots_are_found_first(void **state)
{
    (void)state;
    size_t count;
    assert_true(result_is_ok(trust_set_init(&set, 4)));
    add(&ders[0], ca("Same", "Root", 0), false);
    add(&ders[1], ca("Other", "Root", 0), false);
    add_root("Same");
    finish();
    struct built name = {.length = 0};
    built_name(&name, "SAME", (struct bytes){0});
    size_t first = trust_set_find(&set, name_hash(built_bytes(&name)), &count);
    assert_int_equal(count, 2);
    assert_true(set.cas[first].is_root);
    assert_false(set.cas[first + 1].is_root);
    (void)trust_set_find(&set, 1, &count);
    assert_int_equal(count, 0);
    trust_set_deinit(&set);
}

static void the_same_ca_twice_is_one(void **state)
{
    (void)state;
    struct certificate certificate;
    assert_true(result_is_ok(trust_set_init(&set, 2)));
    add_root("Root");
    assert_true(certificate_read(built_bytes(&ders[CA_COUNT]), &certificate));
    trust_set_add(&set, &certificate, true);
    assert_int_equal(set.count, 1);
    trust_set_deinit(&set);
    trust_set_deinit(&set);
}

static void an_empty_set_finds_nothing(void **state)
{
    (void)state;
    size_t count = 1;
    assert_true(result_is_ok(trust_set_init(&set, 0)));
    finish();
    (void)trust_set_find(&set, 0, &count);
    assert_int_equal(count, 0);
    trust_set_deinit(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_cas_below_one_root_each_have_their_edge),
        cmocka_unit_test(an_edge_without_its_signature_is_none),
        cmocka_unit_test(a_set_without_all_its_edges_is_none),
        cmocka_unit_test(of_one_name_the_roots_are_found_first),
        cmocka_unit_test(the_same_ca_twice_is_one),
        cmocka_unit_test(an_empty_set_finds_nothing),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
