/*
 * Two tables, one for identities and one for refusals, and the revision that tells a late insertion
 * that something was removed meanwhile. Called by workers, and by other threads for removals and
 * figures. The tables do the work (trust_table.c); here is what the outcomes mean.
 */
#include "trust/trust_cache.h"

#include <stdlib.h>

#include "base/check.h"
#include "trust_table.h"

struct trust_cache {
    struct trust_table identities;
    struct trust_table failures;
    /* Read at each judging and at requests of entries that are out; written by removals. */
    _Alignas(64) _Atomic uint64_t revision;
};

#define TRUST_CACHE_WORD_ROW(name, word, help) [name] = word,
static const char *const words[TRUST_CACHE_COUNTER_COUNT] = {
    TRUST_CACHE_COUNTER_LIST(TRUST_CACHE_WORD_ROW)};

#define TRUST_CACHE_HELP_ROW(name, word, help) [name] = help,
static const char *const helps[TRUST_CACHE_COUNTER_COUNT] = {
    TRUST_CACHE_COUNTER_LIST(TRUST_CACHE_HELP_ROW)};

/* What is counted for each outcome of an insertion, of an identity and of a refusal. */
/* clang-format off */
static const struct {
    enum trust_cache_counter identity;
    enum trust_cache_counter failure;
} outcome_counters[] = {
    [TRUST_TABLE_INSERTED]  = {TRUST_CACHE_INSERTS,            TRUST_CACHE_FAILURE_INSERTS},
    [TRUST_TABLE_REPLACED]  = {TRUST_CACHE_REPLACED,           TRUST_CACHE_FAILURE_INSERTS},
    [TRUST_TABLE_KNOWN]     = {TRUST_CACHE_SHARED,             TRUST_CACHE_SHARED},
    [TRUST_TABLE_LARGE]     = {TRUST_CACHE_REJECTED_LARGE,     TRUST_CACHE_REJECTED_LARGE},
    [TRUST_TABLE_FULL]      = {TRUST_CACHE_REJECTED_FULL,      TRUST_CACHE_REJECTED_FULL},
    [TRUST_TABLE_CONTENDED] = {TRUST_CACHE_REJECTED_CONTENDED, TRUST_CACHE_REJECTED_CONTENDED},
};
/* clang-format on */

static void count_many(struct trust_cache_user *user, enum trust_cache_counter counter,
                       uint64_t amount)
{
    _Atomic uint64_t *value = &user->counters->values[counter];
    /* One writer, so no read-modify-write; relaxed: readers need no order between figures. */
    uint64_t before = atomic_load_explicit(value, memory_order_relaxed);
    atomic_store_explicit(value, before + amount, memory_order_relaxed);
}

static void count(struct trust_cache_user *user, enum trust_cache_counter counter)
{
    count_many(user, counter, 1);
}

struct result trust_cache_create(const struct trust_cache_settings *settings,
                                 struct trust_cache **ret_cache)
{
    struct trust_cache *cache = aligned_alloc(_Alignof(struct trust_cache), sizeof(*cache));
    if (cache == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *cache = (struct trust_cache){0};
    struct result result =
        trust_table_init(&cache->identities, settings->entry_count_max, settings->size_bytes_max);
    if (result_is_ok(result)) {
        result = trust_table_init(&cache->failures, settings->failure_count_max,
                                  settings->failure_count_max * sizeof(struct trust_entry));
    }
    if (!result_is_ok(result)) {
        trust_cache_destroy(cache);
        return result;
    }
    *ret_cache = cache;
    return RESULT_OK;
}

void trust_cache_destroy(struct trust_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    trust_table_deinit(&cache->identities);
    trust_table_deinit(&cache->failures);
    free(cache);
}

static void touch(struct trust_entry *entry, int64_t now_seconds)
{
    /* Relaxed, both: it only guides who is pushed out. Written once a second, so that the line
     * stays in every core's cache in between. */
    uint32_t touched = atomic_load_explicit(&entry->touched_seconds, memory_order_relaxed);
    if (touched != (uint32_t)now_seconds) {
        atomic_store_explicit(&entry->touched_seconds, (uint32_t)now_seconds, memory_order_relaxed);
    }
}

struct trust_entry *trust_cache_find(struct trust_cache_user *user, const struct trust_key *key,
                                     int64_t now_seconds)
{
    struct trust_entry *entry = trust_table_find(&user->cache->identities, key);
    if (entry == NULL) {
        count(user, TRUST_CACHE_MISSES);
        return NULL;
    }
    if (!trust_cache_lease_holds(user->cache, entry, now_seconds)) {
        count(user, TRUST_CACHE_MISSES);
        count(user, TRUST_CACHE_LEASES_ENDED);
        return NULL;
    }
    touch(entry, now_seconds);
    count(user, TRUST_CACHE_HITS);
    return entry;
}

bool trust_cache_find_failure(struct trust_cache_user *user, const struct trust_key *key,
                              int64_t now_seconds, struct verdict *ret_verdict,
                              int64_t *ret_until_seconds)
{
    struct trust_entry *entry = trust_table_find(&user->cache->failures, key);
    if (entry == NULL || !trust_cache_lease_holds(user->cache, entry, now_seconds)) {
        return false;
    }
    touch(entry, now_seconds);
    count(user, TRUST_CACHE_FAILURE_HITS);
    *ret_verdict = entry->verdict;
    *ret_until_seconds = entry->lease_end_seconds;
    return true;
}

bool trust_cache_lease_holds(const struct trust_cache *cache, const struct trust_entry *entry,
                             int64_t now_seconds)
{
    if (!trust_entry_is_timely(entry, now_seconds)) {
        return false;
    }
    /* Pairs with the release in swap (trust_table.c): if it was a removal that took the entry out,
     * its raised revision is seen below. */
    return atomic_load_explicit(&entry->is_in_cache, memory_order_acquire) ||
           entry->revision == trust_cache_revision(cache);
}

uint64_t trust_cache_revision(const struct trust_cache *cache)
{
    /* seq_cst: in trust_cache_insert it comes after our own swap, see there. A plain load on
     * x86-64. */
    return atomic_load_explicit(&cache->revision, memory_order_seq_cst);
}

/* Before the slots are looked at: an insertion that we miss will see the new revision. Returns the
 * former one. */
static uint64_t raise_revision(struct trust_cache *cache)
{
    return atomic_fetch_add_explicit(&cache->revision, 1, memory_order_seq_cst);
}

/*
 * A removal may have looked at our slot before we came, when the judge did not know yet what it was
 * for. Then this load, after our swap in the one order of seq_cst operations, sees the revision
 * that it raised before it looked.
 */
static void withdraw_if_late(struct trust_cache_user *user, struct trust_table *table,
                             const struct trust_entry *entry)
{
    if (entry->revision != trust_cache_revision(user->cache)) {
        count_many(user, TRUST_CACHE_REJECTED_WITHDRAWN,
                   trust_table_remove(table, user->member, &entry->key));
    }
}

static struct trust_entry *insert_into(struct trust_cache_user *user, struct trust_table *table,
                                       struct trust_entry *entry)
{
    bool is_failure = table == &user->cache->failures;
    struct trust_table_visit visit = {
        .member = user->member, .now_seconds = entry->judged_at_seconds, .hand = user->hand};
    enum trust_table_outcome outcome = trust_table_insert(table, &visit, entry, &entry);
    user->hand = visit.hand;
    count(user,
          is_failure ? outcome_counters[outcome].failure : outcome_counters[outcome].identity);
    count_many(user, is_failure ? TRUST_CACHE_FAILURES_EVICTED : TRUST_CACHE_EVICTED,
               visit.evicted_count);
    if (outcome == TRUST_TABLE_INSERTED || outcome == TRUST_TABLE_REPLACED) {
        withdraw_if_late(user, table, entry);
    }
    return entry;
}

/* A refusal goes in without the identity, which is large and of no use to anybody else. */
static void insert_failure(struct trust_cache_user *user, const struct trust_judgement *judgement)
{
    struct trust_judgement bare = *judgement;
    struct trust_entry *entry;
    bare.identity = NULL;
    bare.certificate_count = 0;
    /* Without memory it is not remembered, and judged again. */
    if (result_is_ok(trust_entry_create(&bare, &entry))) {
        trust_entry_release(insert_into(user, &user->cache->failures, entry));
    }
}

/*
 * The chain is refused now: if it was let in before, that is over. Returns the revision of the
 * judgement, which knows of the removal that it caused itself.
 */
static uint64_t end_former_lease(struct trust_cache_user *user,
                                 const struct trust_judgement *judgement)
{
    uint64_t revision = judgement->revision;
    int64_t now_seconds = judgement->judged_at_seconds;
    struct trust_entry *former = trust_table_find(&user->cache->identities, &judgement->key);
    if (former == NULL || former->judged_at_seconds > now_seconds) {
        return revision;
    }
    /* A lease that time has ended is nobody's any more; nor need others ask again for its sake. */
    if (trust_entry_is_timely(former, now_seconds)) {
        revision += raise_revision(user->cache) == revision;
    }
    count_many(user, TRUST_CACHE_REMOVED,
               trust_table_remove(&user->cache->identities, user->member, &judgement->key));
    return revision;
}

struct result trust_cache_insert(struct trust_cache_user *user,
                                 const struct trust_judgement *judgement,
                                 struct trust_entry **ret_entry)
{
    struct trust_judgement own = *judgement;
    bool is_failure = !verdict_is_success(&judgement->verdict);
    struct trust_entry *entry;
    if (is_failure) {
        own.revision = end_former_lease(user, judgement);
    }
    TRY(trust_entry_create(&own, &entry));
    if (!trust_entry_is_timely(entry, own.judged_at_seconds)) {
        count(user, TRUST_CACHE_REJECTED_ENDED);
    } else if (is_failure) {
        insert_failure(user, &own);
    } else {
        (void)trust_table_remove(&user->cache->failures, user->member, &own.key);
        entry = insert_into(user, &user->cache->identities, entry);
    }
    *ret_entry = entry;
    return RESULT_OK;
}

void trust_cache_remove(struct trust_cache_user *user, const struct trust_key *key)
{
    struct trust_cache *cache = user->cache;
    (void)raise_revision(cache);
    size_t removed_count = trust_table_remove(&cache->identities, user->member, key);
    removed_count += trust_table_remove(&cache->failures, user->member, key);
    count_many(user, TRUST_CACHE_REMOVED, removed_count);
}

static void remove_all_of(struct trust_cache_user *user, trust_table_match matches,
                          const void *wanted)
{
    struct trust_cache *cache = user->cache;
    (void)raise_revision(cache);
    size_t removed_count =
        trust_table_remove_all_of(&cache->identities, user->member, matches, wanted);
    removed_count += trust_table_remove_all_of(&cache->failures, user->member, matches, wanted);
    count_many(user, TRUST_CACHE_REMOVED, removed_count);
}

static bool has_policy(const struct trust_entry *entry, const void *policy_id)
{
    return memcmp(entry->key.policy_id, policy_id, TRUST_POLICY_ID_SIZE) == 0;
}

void trust_cache_remove_policy(struct trust_cache_user *user, const uint8_t *policy_id)
{
    remove_all_of(user, has_policy, policy_id);
}

struct certificate_set {
    const struct ocsp_id *ids;
    size_t count;
};

static bool holds(const struct certificate_set *set, const struct ocsp_id *id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (ocsp_id_equal(&set->ids[i], id)) {
            return true;
        }
    }
    return false;
}

static bool rests_on(const struct trust_entry *entry, const void *set)
{
    for (uint32_t i = 0; i < entry->certificate_count; i++) {
        if (holds(set, &entry->certificates[i])) {
            return true;
        }
    }
    return false;
}

void trust_cache_remove_certificates(struct trust_cache_user *user, const struct ocsp_id *ids,
                                     size_t count)
{
    struct certificate_set set = {ids, count};
    remove_all_of(user, rests_on, &set);
}

static size_t read_figure(const _Atomic size_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed); /* a mere figure */
}

struct trust_cache_usage trust_cache_usage(const struct trust_cache *cache)
{
    return (struct trust_cache_usage){
        .entry_count = read_figure(&cache->identities.charged.entry_count),
        .size_bytes = read_figure(&cache->identities.charged.size_bytes),
        .failure_count = read_figure(&cache->failures.charged.entry_count),
        .failure_size_bytes = read_figure(&cache->failures.charged.size_bytes),
    };
}

const char *trust_cache_counter_word(enum trust_cache_counter counter)
{
    return words[counter];
}

const char *trust_cache_counter_help(enum trust_cache_counter counter)
{
    return helps[counter];
}
