/*
 * The way from a captured chain, or a ticket, to a verdict. Called at the end of a handshake, from
 * within one (tickets) and at each request.
 *
 * With a warm cache a full handshake costs no signature check and makes no identity: the entry that
 * another connection of the same client has left is shared.
 */
#include "client_trust.h"

#include <string.h>

#include "base/clock.h"
#include "trust/judge.h"

static struct trust_cache_user *user_of(const struct connection *connection)
{
    return connection->proxy->around.trust;
}

static const uint8_t *policy_id_of(const struct connection *connection)
{
    return trust_policy_id(connection->site->trust_policy);
}

static enum config_verify_mode mode_of(const struct connection *connection)
{
    return connection->site->listener->ssl_profile->verify_mode;
}

/* The count on entry becomes the connection's. */
static void hold(struct connection *connection, struct trust_entry *entry)
{
    trust_entry_release(connection->entry);
    connection->entry = entry;
    connection->identity = entry == NULL ? NULL : entry->identity;
    if (entry != NULL) {
        connection->verdict = entry->verdict;
    }
}

void client_trust_release(struct connection *connection)
{
    hold(connection, NULL);
}

/* A refusal of moments ago is taken as it is: a flood of bad chains costs no signature checks. */
static struct verdict judge(struct connection *connection, const struct bytes *chain, size_t count,
                            const struct trust_key *key, bool *ret_is_remembered)
{
    struct verdict verdict;
    int64_t now_seconds = clock_wall_seconds();
    *ret_is_remembered = trust_cache_find_failure(user_of(connection), key, now_seconds, &verdict);
    if (!*ret_is_remembered) {
        verdict = judge_chain(connection->site->trust_policy, chain, count, now_seconds);
        counters_add(connection->proxy->around.counters, COUNTER_CHAIN_SIGNATURE_CHECKS,
                     verdict.signature_check_count);
    }
    return verdict;
}

/* chain may lie in the identity that the connection holds: it is given up last. */
static struct result judge_anew(struct connection *connection, const struct bytes *chain,
                                size_t count, const struct trust_key *key)
{
    struct trust_cache_user *user = user_of(connection);
    bool is_remembered;
    struct trust_entry *entry;
    struct trust_judgement judgement = {
        .key = *key,
        /* Before the judgement: what is removed meanwhile ends it. */
        .revision = trust_cache_revision(user->cache),
        .judged_at_seconds = clock_wall_seconds(),
        .age_seconds_max = proxy_gateway(connection->proxy)->verdict_max_age_ms / 1000,
    };
    judgement.verdict = judge(connection, chain, count, key, &is_remembered);
    TRY(identity_create(chain, count, &judgement.identity));
    /* The library says the same of a bad signature and of a lack of memory: a moment without must
     * not be remembered as a bad chain. */
    bool is_kept = !is_remembered && judgement.verdict.reason != VERDICT_SIGNATURE_FAILURE;
    struct result result = is_kept ? trust_cache_insert(user, &judgement, &entry)
                                   : trust_entry_create(&judgement, &entry);
    if (!result_is_ok(result)) {
        identity_destroy(judgement.identity);
        return result;
    }
    hold(connection, entry);
    return RESULT_OK;
}

static struct result decide_on_chain(struct connection *connection)
{
    struct bytes chain[IDENTITY_CHAIN_COUNT_MAX];
    struct trust_key key;
    size_t count = tls_session_peer_certificate_count(connection->tls);
    if (count > IDENTITY_CHAIN_COUNT_MAX) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    if (count == 0) {
        connection->verdict = verdict_for(VERDICT_NO_CERTIFICATE);
        return RESULT_OK;
    }
    for (size_t i = 0; i < count; i++) {
        chain[i] = tls_session_peer_certificate(connection->tls, i);
    }
    TRY(trust_key_from_chain(chain, count, policy_id_of(connection), &key));
    struct trust_entry *entry = trust_cache_find(user_of(connection), &key, clock_wall_seconds());
    if (entry == NULL) {
        return judge_anew(connection, chain, count, &key);
    }
    trust_entry_acquire(entry);
    hold(connection, entry);
    return RESULT_OK;
}

struct result client_trust_decide(struct connection *connection)
{
    struct counters *counters = connection->proxy->around.counters;
    struct result result = RESULT_OK;
    connection->is_resumed = tls_session_resumed_identity(connection->tls) != NULL;
    if (connection->is_resumed) {
        counters_count(counters, COUNTER_HANDSHAKES_RESUMED);
    } else {
        client_trust_release(
            connection); /* a ticket was admitted, but TLS did not resume from it */
        result = decide_on_chain(connection);
    }
    if (connection->entry == NULL) {
        connection->verdict = verdict_for(VERDICT_NO_CERTIFICATE);
    }
    tls_session_drop_peer_chain(connection->tls);
    if (result_is_ok(result) && mode_of(connection) != CONFIG_VERIFY_OFF) {
        counters_add_to(&counters->verdicts[connection->verdict.reason], 1);
    }
    return result;
}

/* Both in time and by the trust of today. */
static bool lease_holds(const struct connection *connection)
{
    const struct trust_entry *entry = connection->entry;
    return trust_cache_lease_holds(user_of(connection)->cache, entry, clock_wall_seconds()) &&
           memcmp(entry->key.policy_id, policy_id_of(connection), TRUST_POLICY_ID_SIZE) == 0;
}

struct result client_trust_renew(struct connection *connection)
{
    if (connection->entry == NULL || lease_holds(connection)) {
        return RESULT_OK;
    }
    const struct identity *identity = connection->entry->identity;
    struct trust_key key = trust_key_from_digests(identity->chain_digest, policy_id_of(connection));
    counters_count(connection->proxy->around.counters, COUNTER_VERDICTS_RENEWED);
    struct trust_entry *entry = trust_cache_find(user_of(connection), &key, clock_wall_seconds());
    if (entry != NULL) {
        trust_entry_acquire(entry);
        hold(connection, entry);
        return RESULT_OK;
    }
    return judge_anew(connection, identity->chain, identity->chain_count, &key);
}

bool client_trust_describe(void *owner, uint8_t *ret_identity)
{
    struct connection *connection = owner;
    struct bytes chain[IDENTITY_CHAIN_COUNT_MAX];
    struct trust_key key = {0};
    size_t count = tls_session_peer_certificate_count(connection->tls);
    if (count > IDENTITY_CHAIN_COUNT_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        chain[i] = tls_session_peer_certificate(connection->tls, i);
    }
    if (count > 0 &&
        !result_is_ok(trust_key_from_chain(chain, count, policy_id_of(connection), &key))) {
        return false;
    }
    memcpy(ret_identity, key.chain_digest, sizeof(key.chain_digest));
    return true;
}

bool client_trust_admit(void *owner, const uint8_t *identity)
{
    static const uint8_t nobody[TLS_TICKETS_IDENTITY_SIZE];
    struct connection *connection = owner;
    if (memcmp(identity, nobody, sizeof(nobody)) == 0) {
        return mode_of(connection) != CONFIG_VERIFY_STRICT;
    }
    struct trust_key key = trust_key_from_digests(identity, policy_id_of(connection));
    struct trust_entry *entry = trust_cache_find(user_of(connection), &key, clock_wall_seconds());
    if (entry == NULL) {
        return false;
    }
    trust_entry_acquire(entry);
    hold(connection, entry);
    return true;
}
