/*
 * Which chains were judged lately, by which policy, with what verdict. Shared by all threads
 * without a lock; lives from start to end of the gateway, across generations: the policy's id is in
 * the key.
 *
 * Verdicts that let in are kept with their identities, the others apart, alone and briefly: a flood
 * of bad chains fills only its own small table. No call waits; finding writes no shared memory but
 * the time of the last finding, once a second. Each thread comes with a struct trust_cache_user of
 * its own and is awake (base/reclaim.h) during every call.
 */
#ifndef TRUST_TRUST_CACHE_H
#define TRUST_TRUST_CACHE_H

#include "trust/trust_entry.h"

/* clang-format off */
#define TRUST_CACHE_COUNTER_LIST(X)                                                                            \
    X(TRUST_CACHE_HITS,                "trust_cache_hits",                "identities found")                  \
    X(TRUST_CACHE_FAILURE_HITS,        "trust_cache_failure_hits",        "refusals found")                    \
    X(TRUST_CACHE_MISSES,              "trust_cache_misses",              "identities not found")              \
    X(TRUST_CACHE_LEASES_ENDED,        "trust_cache_leases_ended",        "identities found whose lease had ended; misses too") \
    X(TRUST_CACHE_INSERTS,             "trust_cache_inserts",             "identities added")                  \
    X(TRUST_CACHE_REPLACED,            "trust_cache_replaced",            "identities replaced by a newer verdict on the same chain") \
    X(TRUST_CACHE_FAILURE_INSERTS,     "trust_cache_failure_inserts",     "refusals added or replaced")        \
    X(TRUST_CACHE_SHARED,              "trust_cache_shared",              "identities not added: another worker had just added the same") \
    X(TRUST_CACHE_EVICTED,             "trust_cache_evicted",             "identities pushed out for others")  \
    X(TRUST_CACHE_FAILURES_EVICTED,    "trust_cache_failures_evicted",    "refusals pushed out for others")    \
    X(TRUST_CACHE_REMOVED,             "trust_cache_removed",             "identities and refusals removed: revoked, judged anew, policy gone") \
    X(TRUST_CACHE_REJECTED_FULL,       "trust_cache_rejected_full",       "not added: what was pushed out is not free yet") \
    X(TRUST_CACHE_REJECTED_LARGE,      "trust_cache_rejected_large",      "not added: larger than one entry may be") \
    X(TRUST_CACHE_REJECTED_CONTENDED,  "trust_cache_rejected_contended",  "not added: others were faster again and again") \
    X(TRUST_CACHE_REJECTED_ENDED,      "trust_cache_rejected_ended",      "not added: the lease ends at once")  \
    X(TRUST_CACHE_REJECTED_WITHDRAWN,  "trust_cache_rejected_withdrawn",  "not added: something was removed while the chain was judged")
/* clang-format on */

#define TRUST_CACHE_COUNTER_ENUM_ROW(name, word, help) name,
enum trust_cache_counter {
    TRUST_CACHE_COUNTER_LIST(TRUST_CACHE_COUNTER_ENUM_ROW) TRUST_CACHE_COUNTER_COUNT
};

/* What one thread counts: it alone writes, any thread reads. */
struct trust_cache_counters {
    _Alignas(64) _Atomic uint64_t values[TRUST_CACHE_COUNTER_COUNT];
};

#define TRUST_CACHE_COUNT_MIN 16

struct trust_cache;

/* What one thread needs to use the cache; its own. */
struct trust_cache_user {
    struct trust_cache *cache;
    struct reclaim_member *member;
    struct trust_cache_counters *counters;
    uint64_t hand; /* where it looks next for something to push out */
};

/* The maxima; an eighth of each is kept free for entries on their way out. */
struct trust_cache_settings {
    size_t entry_count_max;   /* identities; TRUST_CACHE_COUNT_MIN at least */
    size_t size_bytes_max;    /* of them together; one may be a sixteenth of it */
    size_t failure_count_max; /* refusals, some 200 bytes each; TRUST_CACHE_COUNT_MIN at least */
};

/* What the cache keeps alive: entries in it, and entries taken out that wait for quiet points. */
struct trust_cache_usage {
    size_t entry_count;
    size_t size_bytes;
    size_t failure_count;
    size_t failure_size_bytes;
};

/* ERROR_OUT_OF_MEMORY, ERROR_SYSTEM (no random bytes). */
struct result trust_cache_create(const struct trust_cache_settings *settings,
                                 struct trust_cache **ret_cache);

/*
 * Accepts NULL. No thread uses it any more, and its reclaim domain has been destroyed: what waited
 * there was the cache's. Entries that are still held live on.
 */
void trust_cache_destroy(struct trust_cache *cache);

/*
 * The entry of a chain that was let in and whose lease holds now, else NULL: judge it. Good until
 * the thread's next quiet point, see trust_entry.h.
 */
struct trust_entry *trust_cache_find(struct trust_cache_user *user, const struct trust_key *key,
                                     int64_t now_seconds);

/* Was the chain refused moments ago? To be asked after trust_cache_find(). ret_until_seconds: when
 * that is to be forgotten. */
bool trust_cache_find_failure(struct trust_cache_user *user, const struct trust_key *key,
                              int64_t now_seconds, struct verdict *ret_verdict,
                              int64_t *ret_until_seconds);

/*
 * May a request still be let in on the entry that its connection holds? Writes nothing; no quiet
 * point matters. Ended by time, and by a removal: one that found the entry in the cache, or any one
 * since the judgement when the entry is not in it, for then nobody can tell.
 */
bool trust_cache_lease_holds(const struct trust_cache *cache, const struct trust_entry *entry,
                             int64_t now_seconds);

/* Raised by every removal; read it before judging, put it into the judgement. */
uint64_t trust_cache_revision(const struct trust_cache *cache);

/*
 * Keeps what was judged and gives the caller a counted entry of it, to be released with
 * trust_entry_release(): the new one, or the one that another worker has just put in for the same
 * key. When it cannot be kept (counted why) and for a refusal the entry is the caller's alone. The
 * newer judgement replaces the older; a refusal ends the lease of what was let in before.
 *
 * A lease that does not hold when the call returns means: removed meanwhile, judge again.
 * ERROR_OUT_OF_MEMORY: nothing was kept, the identity is still the caller's.
 */
struct result trust_cache_insert(struct trust_cache_user *user,
                                 const struct trust_judgement *judgement,
                                 struct trust_entry **ret_entry);

/* Ends the lease of whatever has the key, also for those who hold it: revoked. */
void trust_cache_remove(struct trust_cache_user *user, const struct trust_key *key);

/* The same of every key with the policy's id (TRUST_POLICY_ID_SIZE bytes). Walks over the whole
 * cache: not on a worker. */
void trust_cache_remove_policy(struct trust_cache_user *user, const uint8_t *policy_id);

/* The same of every verdict that rests on one of these certificates not being revoked; a few at
 * once, for each entry is compared with all of them. */
void trust_cache_remove_certificates(struct trust_cache_user *user, const struct ocsp_id *ids,
                                     size_t count);

/* Any thread, awake or not; the figures are of about the same moment. */
struct trust_cache_usage trust_cache_usage(const struct trust_cache *cache);

/* The word for stats, the help; static. */
const char *trust_cache_counter_word(enum trust_cache_counter counter);
const char *trust_cache_counter_help(enum trust_cache_counter counter);

#endif
