/* A chain that there was no memory to judge: it is not let in, and nothing is said against it. Its
 * root has an RSA key, for which the library allocates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "../../fake/fake_memory.c"
#include "trust_fixture.h"
#include "trust_pki.h"

struct world {
    struct built leaf;
    struct built root;
    struct trust_policy *policy;
    struct bytes chain[1];
    int64_t now_seconds;
};

static struct built read_file(const char *name)
{
    struct built file = {.length = 0};
    built_add(&file, trust_pki_read(name));
    return file;
}

static int set_up(void **state)
{
    static struct world world;
    world = (struct world){.leaf = read_file("leaf_rsa2048.der"),
                           .root = read_file("root_rsa2048.der"),
                           .now_seconds = time(NULL)};
    world.policy = fixture_policy((const struct built *[]){&world.root}, 1, false);
    world.chain[0] = built_bytes(&world.leaf);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    trust_policy_destroy(((struct world *)*state)->policy);
    return 0;
}

static struct verdict judge_short(const struct world *world, uint64_t seed, uint32_t one_in)
{
    fake_memory_let_fail(seed, one_in);
    (void)fake_memory_set_fallible(true);
    struct verdict verdict = judge_chain(world->policy, world->chain, 1, world->now_seconds);
    (void)fake_memory_set_fallible(false);
    return verdict;
}

static void without_memory_there_is_no_verdict(void **state)
{
    const struct world *world = *state;
    struct verdict verdict = judge_short(world, 1, 1);
    assert_true(fake_memory_failure_count() > 0);
    assert_int_equal(verdict.reason, VERDICT_OUT_OF_MEMORY);
    assert_string_equal(verdict.text, "out of memory");
    assert_int_equal(verdict.valid_until_seconds, 0);
    assert_int_equal(judge_short(world, 1, 0).reason, VERDICT_SUCCESS);
}

static void a_lack_of_memory_is_never_a_bad_signature(void **state)
{
    const struct world *world = *state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        enum verdict_reason reason = judge_short(world, seed, 1 + (uint32_t)seed % 4).reason;
        bool has_failed = fake_memory_failure_count() > 0;
        assert_int_equal(reason, has_failed ? VERDICT_OUT_OF_MEMORY : VERDICT_SUCCESS);
    }
}

static void a_bad_signature_is_none_with_memory(void **state)
{
    struct world *world = *state;
    world->leaf.at[world->leaf.length - 1] ^= 1;
    assert_int_equal(judge_short(world, 1, 0).reason, VERDICT_SIGNATURE_FAILURE);
    assert_int_equal(judge_short(world, 1, 1).reason, VERDICT_OUT_OF_MEMORY);
}

/* What is cheaper than a signature, and looked at before it, is certain all the same. */
static void what_is_wrong_without_a_signature_is_said(void **state)
{
    struct world *world = *state;
    world->chain[0].length--;
    assert_int_equal(judge_short(world, 1, 1).reason, VERDICT_MALFORMED);
}

static void who_asks_why_is_told_at_which_check_memory_ended(void **state)
{
    static struct judge_trace trace;
    const struct world *world = *state;
    fake_memory_let_fail(1, 1);
    (void)fake_memory_set_fallible(true);
    struct verdict verdict =
        judge_chain_traced(world->policy, world->chain, 1, world->now_seconds, &trace);
    (void)fake_memory_set_fallible(false);
    assert_int_equal(verdict.reason, VERDICT_OUT_OF_MEMORY);
    assert_int_equal(trace.decisive, JUDGE_CHECK_SIGNATURES);
    assert_string_equal(trace.checks[JUDGE_CHECK_SIGNATURES].text, "out of memory");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(without_memory_there_is_no_verdict),
        TEST(a_lack_of_memory_is_never_a_bad_signature),
        TEST(a_bad_signature_is_none_with_memory),
        TEST(what_is_wrong_without_a_signature_is_said),
        TEST(who_asks_why_is_told_at_which_check_memory_ended),
    };
    return cmocka_run_group_tests(tests, trust_pki_make, trust_pki_remove);
}
