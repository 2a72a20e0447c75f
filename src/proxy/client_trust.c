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
#include "client_lease.h"
#include "proxy_generation.h"
#include "revocation_wait.h"
#include "trust/revocation.h"

/* The engine keeps the time limit itself; this is for the case that it does not come to it. */
#define PATIENCE_MARGIN_MS 500

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
    client_lease_watch(connection);
}

static void end_wait(struct connection *connection)
{
    revocation_wait_end(connection->revocation);
    connection->revocation = NULL;
}

void client_trust_release(struct connection *connection)
{
    end_wait(connection);
    hold(connection, NULL);
}

static bool look_into_cache(const struct connection *connection, const struct ocsp_id *id,
                            struct ocsp_state *ret_state)
{
    const struct ocsp_cache *cache = connection->proxy->around.ocsp_cache;
    const struct ocsp_record *record =
        cache == NULL ? NULL : ocsp_cache_find(cache, id, clock_wall_seconds());
    counters_count(connection->proxy->around.counters,
                   record == NULL ? COUNTER_REVOCATION_NOT_KNOWN : COUNTER_REVOCATION_KNOWN);
    if (record == NULL) {
        return false;
    }
    *ret_state = record->state;
    if (!ocsp_record_failure_counts(record, revocation_manner(connection->site->trust_policy))) {
        ret_state->failure = OCSP_FAULT_NONE;
    }
    return true;
}

/* An answer that was waited for may be seconds old when the last one comes: who was revoked
 * meanwhile is not let in by it. */
static bool is_outdone(const struct ocsp_state *waited, const struct ocsp_state *cached)
{
    return cached->has_answer && cached->answer.status != OCSP_GOOD &&
           cached->received_at_seconds >= waited->received_at_seconds;
}

/* What is known of a certificate: the answer that was waited for, which the cache need not have had
 * room for, else what the cache has; a failure to answer takes nothing from that. */
static bool look_up(void *owner, const struct ocsp_id *id, struct ocsp_state *ret_state)
{
    const struct connection *connection = owner;
    struct ocsp_state waited;
    bool is_cached = look_into_cache(connection, id, ret_state);
    if (connection->revocation == NULL ||
        !revocation_wait_look_up(connection->revocation, id, &waited)) {
        return is_cached;
    }
    if (!is_cached || (waited.has_answer && !is_outdone(&waited, ret_state))) {
        *ret_state = waited;
    } else if (!waited.has_answer) {
        ret_state->failure = waited.failure;
        ret_state->failed_at_seconds = waited.failed_at_seconds;
        ret_state->retry_at_seconds = waited.retry_at_seconds;
    }
    return true;
}

struct opinion {
    struct verdict verdict;
    struct revocation_outcome revocation;
    bool is_remembered;
};

/* What must be asked is asked; false: it cannot be. */
static bool ask(struct connection *connection, const struct judge_path *path,
                const struct revocation_outcome *outcome)
{
    bool is_awaited = outcome->must_wait;
    if (is_awaited) {
        end_wait(connection);
    }
    return revocation_wait_start(is_awaited ? connection : NULL, connection->proxy,
                                 connection->site->trust_policy, path, outcome) ||
           !is_awaited;
}

/* By the policy that is judged by; one that a reload has replaced may have left out a question. */
static bool has_asked(const struct connection *connection)
{
    return connection->revocation != NULL &&
           revocation_wait_is_of(connection->revocation, connection->site->trust_policy);
}

static enum client_trust_status judge_revocation(struct connection *connection,
                                                 const struct judge_path *path,
                                                 struct opinion *opinion)
{
    struct revocation_input input = {
        .path = path,
        .now_seconds = clock_wall_seconds(),
        .look_up = look_up,
        .owner = connection,
        .is_last_word = has_asked(connection),
    };
    revocation_judge(connection->site->trust_policy, &input, &opinion->verdict,
                     &opinion->revocation);
    if (opinion->revocation.asked_count > 0 && !ask(connection, path, &opinion->revocation)) {
        return CLIENT_TRUST_FAILED;
    }
    return opinion->revocation.must_wait ? CLIENT_TRUST_WAITS : CLIENT_TRUST_DECIDED;
}

/* A refusal of moments ago is taken as it is: a flood of bad chains costs no signature checks. */
static enum client_trust_status judge(struct connection *connection, const struct bytes *chain,
                                      size_t count, const struct trust_key *key,
                                      struct opinion *opinion)
{
    struct judge_path path;
    int64_t now_seconds = clock_wall_seconds();
    opinion->revocation.id_count = 0;
    opinion->revocation.until_seconds = INT64_MAX;
    opinion->is_remembered =
        trust_cache_find_failure(user_of(connection), key, now_seconds, &opinion->verdict,
                                 &opinion->revocation.until_seconds);
    if (opinion->is_remembered) {
        return CLIENT_TRUST_DECIDED;
    }
    opinion->verdict =
        judge_chain_path(connection->site->trust_policy, chain, count, now_seconds, &path);
    counters_add(connection->proxy->around.counters, COUNTER_CHAIN_SIGNATURE_CHECKS,
                 opinion->verdict.signature_check_count);
    return verdict_is_success(&opinion->verdict) ? judge_revocation(connection, &path, opinion)
                                                 : CLIENT_TRUST_DECIDED;
}

/* A moment without memory must not be remembered as a bad chain; nor is a bad signature, in case
 * the library has called it so. */
static bool is_worth_keeping(const struct opinion *opinion)
{
    return !opinion->is_remembered && opinion->verdict.reason != VERDICT_SIGNATURE_FAILURE &&
           opinion->verdict.reason != VERDICT_OUT_OF_MEMORY;
}

/* Of the profile's age and what revocation allows. */
static int64_t age_seconds_max(const struct connection *connection, const struct opinion *opinion,
                               int64_t now_seconds)
{
    int64_t age_seconds = proxy_gateway(connection->proxy)->verdict_max_age_ms / 1000;
    int64_t until_seconds = opinion->revocation.until_seconds;
    if (until_seconds < now_seconds || opinion->verdict.reason == VERDICT_OUT_OF_MEMORY) {
        return 0; /* in the latter case the next request has another try */
    }
    return until_seconds - now_seconds < age_seconds ? until_seconds - now_seconds : age_seconds;
}

static struct result keep(struct connection *connection, const struct opinion *opinion,
                          struct trust_judgement *judgement)
{
    struct trust_entry *entry;
    judgement->verdict = opinion->verdict;
    judgement->certificates = opinion->revocation.ids;
    judgement->certificate_count = opinion->revocation.id_count;
    judgement->age_seconds_max = age_seconds_max(connection, opinion, judgement->judged_at_seconds);
    struct result result = is_worth_keeping(opinion)
                               ? trust_cache_insert(user_of(connection), judgement, &entry)
                               : trust_entry_create(judgement, &entry);
    if (result_is_ok(result)) {
        hold(connection, entry);
    }
    return result;
}

/* chain may lie in the identity that the connection holds: it is given up last. */
static enum client_trust_status judge_anew(struct connection *connection, const struct bytes *chain,
                                           size_t count, const struct trust_key *key)
{
    struct opinion opinion;
    struct trust_judgement judgement = {
        .key = *key,
        /* Before the judgement: what is removed meanwhile ends it. */
        .revision = trust_cache_revision(user_of(connection)->cache),
        .judged_at_seconds = clock_wall_seconds(),
    };
    enum client_trust_status status = judge(connection, chain, count, key, &opinion);
    if (status != CLIENT_TRUST_DECIDED) {
        return status;
    }
    end_wait(connection);
    if (!result_is_ok(identity_create(chain, count, &judgement.identity))) {
        return CLIENT_TRUST_FAILED;
    }
    if (!result_is_ok(keep(connection, &opinion, &judgement))) {
        identity_destroy(judgement.identity);
        return CLIENT_TRUST_FAILED;
    }
    return CLIENT_TRUST_DECIDED;
}

/* The entry that this or another connection has left, else a judgement of our own. */
static enum client_trust_status find_or_judge(struct connection *connection,
                                              const struct bytes *chain, size_t count,
                                              const struct trust_key *key)
{
    struct trust_entry *entry = trust_cache_find(user_of(connection), key, clock_wall_seconds());
    if (entry == NULL) {
        return judge_anew(connection, chain, count, key);
    }
    trust_entry_acquire(entry);
    hold(connection, entry);
    end_wait(connection);
    return CLIENT_TRUST_DECIDED;
}

static enum client_trust_status decide_on_chain(struct connection *connection)
{
    struct bytes chain[IDENTITY_CHAIN_COUNT_MAX];
    struct trust_key key;
    size_t count = tls_session_peer_certificate_count(connection->tls);
    if (count > IDENTITY_CHAIN_COUNT_MAX) {
        return CLIENT_TRUST_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        chain[i] = tls_session_peer_certificate(connection->tls, i);
    }
    if (count == 0) {
        return CLIENT_TRUST_DECIDED;
    }
    return result_is_ok(trust_key_from_chain(chain, count, policy_id_of(connection), &key))
               ? find_or_judge(connection, chain, count, &key)
               : CLIENT_TRUST_FAILED;
}

static bool is_waiting(const struct connection *connection)
{
    return connection->revocation != NULL && revocation_wait_is_pending(connection->revocation);
}

static void finish_decision(struct connection *connection)
{
    struct counters *counters = connection->proxy->around.counters;
    if (connection->is_resumed) {
        counters_count(counters, COUNTER_HANDSHAKES_RESUMED);
    }
    if (connection->entry == NULL) {
        connection->verdict = verdict_for(VERDICT_NO_CERTIFICATE);
    }
    if (mode_of(connection) != CONFIG_VERIFY_OFF) {
        enum verdict_reason reason = connection->verdict.reason;
        counters_add_to(&counters->verdicts[reason], 1);
        counters_add_to(&counters->profile_verdicts[connection->site->profile_label][reason], 1);
    }
}

enum client_trust_status client_trust_decide(struct connection *connection)
{
    enum client_trust_status status = CLIENT_TRUST_DECIDED;
    if (is_waiting(connection)) {
        return CLIENT_TRUST_WAITS;
    }
    connection->is_resumed = tls_session_resumed_identity(connection->tls) != NULL;
    if (!connection->is_resumed) {
        hold(connection, NULL); /* a ticket was admitted, but TLS did not resume from it */
        status = decide_on_chain(connection);
    }
    if (status == CLIENT_TRUST_WAITS) {
        return status;
    }
    tls_session_drop_peer_chain(connection->tls);
    if (status == CLIENT_TRUST_DECIDED) {
        finish_decision(connection);
    }
    return status;
}

void client_trust_wait(struct connection *connection)
{
    const struct ocsp_manner *manner = revocation_manner(connection->site->trust_policy);
    connection_wait(connection, WAIT_REVOCATION, manner->timeout_ms + PATIENCE_MARGIN_MS, false);
}

void client_trust_give_up(struct connection *connection)
{
    if (connection->revocation != NULL) {
        revocation_wait_give_up(connection->revocation, clock_wall_seconds());
    }
}

bool client_trust_lease_holds(const struct connection *connection)
{
    const struct trust_entry *entry = connection->entry;
    return trust_cache_lease_holds(user_of(connection)->cache, entry, clock_wall_seconds()) &&
           memcmp(entry->key.policy_id, policy_id_of(connection), TRUST_POLICY_ID_SIZE) == 0;
}

enum client_trust_status client_trust_renew(struct connection *connection)
{
    if (connection->entry == NULL || client_trust_lease_holds(connection)) {
        return CLIENT_TRUST_DECIDED;
    }
    if (is_waiting(connection)) {
        return CLIENT_TRUST_WAITS;
    }
    const struct identity *identity = connection->entry->identity;
    struct trust_key key = trust_key_from_digests(identity->chain_digest, policy_id_of(connection));
    if (connection->revocation == NULL) {
        counters_count(connection->proxy->around.counters, COUNTER_VERDICTS_RENEWED);
    }
    return find_or_judge(connection, identity->chain, identity->chain_count, &key);
}

bool client_trust_lets_in(const struct connection *connection)
{
    return mode_of(connection) != CONFIG_VERIFY_STRICT || verdict_is_success(&connection->verdict);
}

bool client_trust_is_undecided(const struct connection *connection)
{
    return connection->verdict.reason == VERDICT_OUT_OF_MEMORY;
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
