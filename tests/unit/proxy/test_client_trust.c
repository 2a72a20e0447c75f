/*
 * Verdicts as leases, by a clock that the test moves: what a client that is being served meets at
 * its next request when time, a removal from the cache or a new generation has ended its verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "../../../src/proxy/client_trust.h"
#include "../../../src/proxy/proxy_generation.h"
#include "../../fake/trust_world.h"
#include "../trust/trust_fixture.h"
#include "plain_tls.h"
#include "stand_ins.h"

#define AGE_SECONDS     600
#define FAILURE_SECONDS TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX
#define TIME_SIZE       14 /* of a UTCTime, with a terminator */

enum { LEAF, CA, ROOT, CHAIN_COUNT };

/* One listener, with the policy of the latest generation. */
struct world {
    struct trust_world trust;
    struct counters counters;
    struct config config;
    struct generation generation;
    struct config_ssl_profile profile;
    struct config_listener listener;
    struct site site;
    struct proxy_generation served;
    struct proxy *proxy;
    struct built chain[CHAIN_COUNT];
    struct trust_policy *policies[4]; /* of all generations */
    size_t policy_count;
};

struct client {
    struct connection connection;
    struct bytes chain[CHAIN_COUNT];
    struct tls_session tls;
};

static struct builder_key *keys[CHAIN_COUNT];

static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        keys[i] = builder_key_create();
    }
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        builder_key_destroy(keys[i]);
    }
    return 0;
}

/* Makes a certificate of the chain; not_after: NULL, or its own. */
static struct built make_certificate(size_t index, const char *root_name, const char *not_after)
{
    const char *names[] = {"client", "Intermediate", root_name};
    size_t above = index == ROOT ? ROOT : index + 1;
    struct plan plan = {.subject = names[index],
                        .issuer = names[above],
                        .key = keys[index],
                        .signer = keys[above],
                        .not_after = not_after};
    if (index != LEAF) {
        plan_ca(&plan, -1);
    }
    return build(plan);
}

/* A new generation: the CAs that the listener trusts from now on. */
static void publish(struct world *world, const struct built *const *cas, size_t count)
{
    CHECK(world->policy_count < sizeof(world->policies) / sizeof(world->policies[0]));
    struct trust_policy *policy = fixture_policy(cas, count, false);
    world->policies[world->policy_count++] = policy;
    world->site.trust_policy = policy;
}

static void publish_root(struct world *world)
{
    publish(world, (const struct built *[]){&world->chain[ROOT]}, 1);
}

static void publish_root_and_ca(struct world *world)
{
    publish(world, (const struct built *[]){&world->chain[CA], &world->chain[ROOT]}, 2);
}

/* short_lived: which of the chain has its notAfter lifetime_seconds from now. */
static struct world *make_world_with(size_t short_lived, int64_t lifetime_seconds)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    fake_clock_reset();
    char not_after[TIME_SIZE];
    time_t end_seconds = (time_t)(clock_wall_seconds() + lifetime_seconds);
    struct tm parts;
    assert_int_equal(
        strftime(not_after, TIME_SIZE, "%y%m%d%H%M%SZ", gmtime_r(&end_seconds, &parts)),
        TIME_SIZE - 1);
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        world->chain[i] = make_certificate(i, "Root", i == short_lived ? not_after : NULL);
    }
    trust_world_open(&world->trust);
    world->config.gateway.verdict_max_age_ms = AGE_SECONDS * 1000;
    world->generation.config = &world->config;
    world->profile.verify_mode = CONFIG_VERIFY_STRICT;
    world->listener.ssl_profile = &world->profile;
    world->site.listener = &world->listener;
    world->proxy = calloc(1, sizeof(*world->proxy));
    assert_non_null(world->proxy);
    world->proxy->around.counters = &world->counters;
    world->served.content = &world->generation;
    world->proxy->current = &world->served;
    world->proxy->around.trust = &world->trust.user;
    publish_root(world);
    return world;
}

static struct world *make_world(void)
{
    return make_world_with(CHAIN_COUNT, 0);
}

static void free_world(struct world *world)
{
    for (size_t i = 0; i < world->policy_count; i++) {
        trust_policy_destroy(world->policies[i]);
    }
    trust_world_close(&world->trust);
    free(world->proxy);
    free(world);
}

static uint64_t figure(const struct world *world, enum counter counter)
{
    return atomic_load(&world->counters.values[counter]);
}

/* A client that has presented the first count certificates of the chain in a full handshake. */
static struct client *meet(struct world *world, size_t count)
{
    struct client *client = calloc(1, sizeof(*client));
    assert_non_null(client);
    for (size_t i = 0; i < count; i++) {
        client->chain[i] = built_bytes(&world->chain[i]);
    }
    client->tls = (struct tls_session){.peer_chain = client->chain, .peer_count = count};
    client->connection =
        (struct connection){.proxy = world->proxy, .site = &world->site, .tls = &client->tls};
    assert_int_equal(client_trust_decide(&client->connection), CLIENT_TRUST_DECIDED);
    return client;
}

static void part(struct client *client)
{
    client_trust_release(&client->connection);
    free(client);
}

/* The next request. */
static enum verdict_reason ask(struct client *client)
{
    assert_int_equal(client_trust_renew(&client->connection), CLIENT_TRUST_DECIDED);
    return client->connection.verdict.reason;
}

static void pass_seconds(uint64_t seconds)
{
    fake_clock_advance_ms(seconds * 1000);
}

/* The key of what the client has presented, under the present policy. */
static struct trust_key key_of(const struct client *client)
{
    return trust_key_from_digests(client->connection.identity->chain_digest,
                                  trust_policy_id(client->connection.site->trust_policy));
}

static void a_verdict_is_used_again_as_long_as_its_lease_holds(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    const struct trust_entry *entry = client->connection.entry;
    uint64_t check_count = figure(world, COUNTER_CHAIN_SIGNATURE_CHECKS);
    assert_int_equal(check_count, 2);
    for (size_t i = 0; i < AGE_SECONDS; i++) {
        assert_int_equal(ask(client), VERDICT_SUCCESS);
        pass_seconds(i + 1 < AGE_SECONDS);
    }
    assert_ptr_equal(client->connection.entry, entry);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 0);
    assert_int_equal(figure(world, COUNTER_CHAIN_SIGNATURE_CHECKS), check_count);
    part(client);
    free_world(world);
}

static void a_verdict_ends_at_its_maximum_age_and_is_judged_again(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    for (uint64_t turn = 1; turn <= 3; turn++) {
        pass_seconds(AGE_SECONDS);
        assert_int_equal(ask(client), VERDICT_SUCCESS);
        assert_int_equal(ask(client), VERDICT_SUCCESS);
        assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), turn);
        assert_int_equal(figure(world, COUNTER_CHAIN_SIGNATURE_CHECKS), 2 * (turn + 1));
    }
    part(client);
    free_world(world);
}

/* Of a thousand connections of one client one judges, the others find what it has left. */
static void a_verdict_that_one_connection_renews_is_renewed_for_all(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *first = meet(world, ROOT);
    struct client *second = meet(world, ROOT);
    assert_ptr_equal(first->connection.entry, second->connection.entry);
    pass_seconds(AGE_SECONDS);
    assert_int_equal(ask(first), VERDICT_SUCCESS);
    assert_int_equal(ask(second), VERDICT_SUCCESS);
    assert_ptr_equal(first->connection.entry, second->connection.entry);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 2);
    assert_int_equal(figure(world, COUNTER_CHAIN_SIGNATURE_CHECKS), 4);
    part(first);
    part(second);
    free_world(world);
}

/* Long before the maximum age, and whichever certificate of the path it is. The second of notAfter
 * is no longer within: the stricter reading of RFC 5280 4.1.2.5, which others have too. */
static void a_client_is_refused_from_the_second_of_not_after_on(void **state)
{
    (void)state;
    for (size_t short_lived = LEAF; short_lived < CHAIN_COUNT; short_lived++) {
        struct world *world = make_world_with(short_lived, 60);
        struct client *client = meet(world, ROOT);
        pass_seconds(59);
        assert_int_equal(ask(client), VERDICT_SUCCESS);
        assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 0);
        pass_seconds(1);
        assert_int_equal(ask(client), VERDICT_EXPIRED);
        assert_int_equal(client->connection.verdict.depth, short_lived);
        assert_non_null(client->connection.identity); /* the log names who was refused */
        pass_seconds(AGE_SECONDS);
        assert_int_equal(ask(client), VERDICT_EXPIRED);
        part(client);
        free_world(world);
    }
}

static void a_removal_ends_the_lease_of_those_who_are_being_served(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    const struct trust_key key = key_of(client);
    trust_cache_remove(&world->trust.user, &key);
    assert_int_equal(ask(client), VERDICT_SUCCESS); /* nothing is wrong with the chain itself */
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 1);
    assert_int_equal(figure(world, COUNTER_CHAIN_SIGNATURE_CHECKS), 4);
    trust_cache_remove_policy(&world->trust.user, key.policy_id);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 2);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 2);
    part(client);
    free_world(world);
}

static void a_removal_of_somebody_else_ends_nothing(void **state)
{
    struct world *world = make_world();
    (void)state;
    publish_root_and_ca(world);
    struct client *client = meet(world, ROOT);
    struct client *other = meet(world, CA); /* another chain: it sends its leaf alone */
    const struct trust_key key = key_of(other);
    trust_cache_remove(&world->trust.user, &key);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 0);
    assert_int_equal(ask(other), VERDICT_SUCCESS);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 1);
    part(client);
    part(other);
    free_world(world);
}

static void a_generation_without_its_intermediate_refuses_a_client_at_its_next_request(void **state)
{
    struct world *world = make_world();
    (void)state;
    publish_root_and_ca(world);
    struct client *client = meet(world, CA);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    publish_root(world);
    assert_int_equal(ask(client), VERDICT_UNABLE_TO_VERIFY_FIRST);
    assert_int_equal(ask(client), VERDICT_UNABLE_TO_VERIFY_FIRST);
    publish_root_and_ca(world); /* and takes it again as soon as it is back */
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    part(client);
    free_world(world);
}

static void a_generation_with_another_root_refuses_a_client_at_its_next_request(void **state)
{
    struct world *world = make_world();
    (void)state;
    const struct built other_name = make_certificate(ROOT, "Other", NULL);
    struct client *client = meet(world, ROOT);
    publish(world, (const struct built *[]){&other_name}, 1);
    assert_int_equal(ask(client), VERDICT_UNABLE_TO_GET_LOCAL_ISSUER);
    part(client);
    free_world(world);
}

/* The same name: a root whose key was replaced. */
static void a_generation_with_another_key_of_its_root_refuses_a_client(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    struct plan plan = {.subject = "Root", .key = keys[LEAF]};
    plan_ca(&plan, -1);
    const struct built renewed = build(plan);
    publish(world, (const struct built *[]){&renewed}, 1);
    assert_int_equal(ask(client), VERDICT_SIGNATURE_FAILURE);
    part(client);
    free_world(world);
}

static void a_generation_that_trusts_the_same_judges_nobody_again(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    publish_root(world);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 0);
    part(client);
    free_world(world);
}

/* For lack of an intermediate: what is mended in the configuration reaches a refused client, too.
 */
static void a_refusal_is_a_lease_as_well(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, CA);
    assert_int_equal(client->connection.verdict.reason, VERDICT_UNABLE_TO_VERIFY_FIRST);
    pass_seconds(FAILURE_SECONDS - 1);
    assert_int_equal(ask(client), VERDICT_UNABLE_TO_VERIFY_FIRST);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 0);
    pass_seconds(1);
    assert_int_equal(ask(client), VERDICT_UNABLE_TO_VERIFY_FIRST);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 1);
    publish_root_and_ca(world);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    part(client);
    free_world(world);
}

static void a_client_without_a_certificate_stays_without_one(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, 0);
    assert_int_equal(client->connection.verdict.reason, VERDICT_NO_CERTIFICATE);
    pass_seconds(AGE_SECONDS);
    publish_root_and_ca(world);
    assert_int_equal(ask(client), VERDICT_NO_CERTIFICATE);
    assert_null(client->connection.entry);
    assert_int_equal(figure(world, COUNTER_VERDICTS_RENEWED), 0);
    part(client);
    free_world(world);
}

/* An ended lease that nobody can renew is a failure of ours, never a way in. */
static void without_memory_nobody_is_let_in_on_an_ended_lease(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    pass_seconds(AGE_SECONDS);
    (void)fake_memory_set_fallible(true);
    is_memory_short = true;
    enum client_trust_status status = client_trust_renew(&client->connection);
    is_memory_short = false;
    (void)fake_memory_set_fallible(false);
    assert_int_equal(status, CLIENT_TRUST_FAILED);
    assert_int_equal(ask(client), VERDICT_SUCCESS);
    part(client);
    free_world(world);
}

/* A connection that begins with the ticket of an identity; is it let in by it? */
static bool admits(struct world *world, const uint8_t *identity)
{
    struct connection connection = {.proxy = world->proxy, .site = &world->site};
    bool is_admitted = client_trust_admit(&connection, identity);
    assert_int_equal(is_admitted, connection.entry != NULL);
    client_trust_release(&connection);
    return is_admitted;
}

static void a_ticket_is_good_for_the_lease_of_its_identity_only(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct client *client = meet(world, ROOT);
    const uint8_t *identity = client->connection.identity->chain_digest;
    const struct trust_key key = key_of(client);
    pass_seconds(AGE_SECONDS - 1);
    assert_true(admits(world, identity));
    pass_seconds(1);
    assert_false(admits(world, identity));
    part(meet(world, ROOT)); /* somebody was judged in a full handshake */
    assert_true(admits(world, identity));
    trust_cache_remove(&world->trust.user, &key);
    assert_false(admits(world, identity));
    part(meet(world, ROOT));
    publish_root_and_ca(world);
    assert_false(admits(world, identity));
    part(client);
    free_world(world);
}

/* Its first request finds the lease ended that the ticket was admitted on. */
static void a_resumed_client_is_judged_again_like_any_other(void **state)
{
    struct world *world = make_world_with(LEAF, 60);
    (void)state;
    part(meet(world, ROOT));
    struct client *client = meet(world, ROOT);
    const uint8_t *identity = client->connection.identity->chain_digest;
    struct client *resumed = calloc(1, sizeof(*resumed));
    assert_non_null(resumed);
    resumed->tls.resumed_identity = identity;
    resumed->connection =
        (struct connection){.proxy = world->proxy, .site = &world->site, .tls = &resumed->tls};
    assert_true(client_trust_admit(&resumed->connection, identity));
    assert_int_equal(client_trust_decide(&resumed->connection), CLIENT_TRUST_DECIDED);
    assert_true(resumed->connection.is_resumed);
    assert_int_equal(ask(resumed), VERDICT_SUCCESS);
    pass_seconds(60);
    assert_int_equal(ask(resumed), VERDICT_EXPIRED);
    part(client);
    part(resumed);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_is_used_again_as_long_as_its_lease_holds),
        cmocka_unit_test(a_verdict_ends_at_its_maximum_age_and_is_judged_again),
        cmocka_unit_test(a_verdict_that_one_connection_renews_is_renewed_for_all),
        cmocka_unit_test(a_client_is_refused_from_the_second_of_not_after_on),
        cmocka_unit_test(a_removal_ends_the_lease_of_those_who_are_being_served),
        cmocka_unit_test(a_removal_of_somebody_else_ends_nothing),
        cmocka_unit_test(
            a_generation_without_its_intermediate_refuses_a_client_at_its_next_request),
        cmocka_unit_test(a_generation_with_another_root_refuses_a_client_at_its_next_request),
        cmocka_unit_test(a_generation_with_another_key_of_its_root_refuses_a_client),
        cmocka_unit_test(a_generation_that_trusts_the_same_judges_nobody_again),
        cmocka_unit_test(a_refusal_is_a_lease_as_well),
        cmocka_unit_test(a_client_without_a_certificate_stays_without_one),
        cmocka_unit_test(without_memory_nobody_is_let_in_on_an_ended_lease),
        cmocka_unit_test(a_ticket_is_good_for_the_lease_of_its_identity_only),
        cmocka_unit_test(a_resumed_client_is_judged_again_like_any_other),
    };
    return cmocka_run_group_tests_name("client_trust", tests, make_keys, drop_keys);
}
