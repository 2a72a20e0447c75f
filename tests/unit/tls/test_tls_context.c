/* What a context tells of its policy: tickets are bound to it. */
#include "tls_pki.h"

#include "../../../src/tls/tls_context_choice.h"

#define SUITE_128  "TLS_AES_128_GCM_SHA256"
#define SUITE_256  "TLS_AES_256_GCM_SHA384"
#define SUITE_12   "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
#define BOTH       (CONFIG_TLS_1_2 | CONFIG_TLS_1_3)
#define LIST(name) static const char *const name[]

LIST(suites) = {SUITE_128, SUITE_256, SUITE_12, NULL};
LIST(other_order) = {SUITE_256, SUITE_128, SUITE_12, NULL};
LIST(without_128) = {SUITE_256, SUITE_12, NULL};
LIST(groups) = {"X25519", "P-256", NULL};
LIST(without_x25519) = {"P-256", NULL};

static struct tls_credential *p256;

static int set_up(void **state)
{
    if (make_pki(state) != 0) {
        return -1;
    }
    p256 = credential_named("p256");
    return 0;
}

static int tear_down(void **state)
{
    tls_credential_destroy(p256);
    return remove_pki(state);
}

struct binding {
    uint8_t bytes[TLS_TICKETS_BINDING_SIZE];
};

static struct binding binding_of(uint8_t place, unsigned versions, const char *const *suite_names,
                                 const char *const *group_names)
{
    static struct test_policy memory;
    const struct tls_credential *credentials[] = {p256};
    struct tls_site site = {.binding = {place}};
    struct tls_context *context;
    struct binding binding;
    assert_true(result_is_ok(tls_context_create(
        credentials, 1,
        make_profile(&memory, versions, suite_names, group_names, CONFIG_VERIFY_STRICT), &site,
        &context)));
    memcpy(binding.bytes, tls_context_site(context)->binding, sizeof(binding.bytes));
    tls_context_destroy(context);
    return binding;
}

static void tickets_are_good_under_the_same_policy(void **state)
{
    (void)state;
    struct binding one = binding_of(1, BOTH, suites, groups);
    struct binding same = binding_of(1, BOTH, suites, groups);
    assert_memory_equal(&one, &same, sizeof(one));
}

static void tickets_are_of_no_use_at_another_place_or_under_another_policy(void **state)
{
    (void)state;
    const struct binding all[] = {
        binding_of(1, BOTH, suites, groups),
        binding_of(2, BOTH, suites, groups),
        binding_of(1, CONFIG_TLS_1_2, suites, groups),
        binding_of(1, CONFIG_TLS_1_3, suites, groups),
        binding_of(1, BOTH, other_order, groups),
        binding_of(1, BOTH, without_128, groups),
        binding_of(1, BOTH, suites, without_x25519),
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(&all[i], &all[j], sizeof(all[i]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tickets_are_good_under_the_same_policy),
        cmocka_unit_test(tickets_are_of_no_use_at_another_place_or_under_another_policy),
    };
    return cmocka_run_group_tests_name("tls context", tests, set_up, tear_down);
}
