/*
 * An identity with the verdict on it and the lease of that verdict: what the trust cache keeps and
 * what a connection holds for its whole life. Shared by all threads; immutable but for the marks
 * named below. Freed by whoever gives up the last count.
 *
 * Two ways to use an entry: what trust_cache_find() shows is good until the worker's next quiet
 * point; with trust_entry_acquire() in between it is good until trust_entry_release(). An entry
 * need not be in the cache: one that found no room there, or the verdict on a bad chain, is its
 * connection's alone.
 */
#ifndef TRUST_TRUST_ENTRY_H
#define TRUST_TRUST_ENTRY_H

#include <stdatomic.h>

#include "base/reclaim.h"
#include "trust/identity.h"
#include "trust/ocsp_question.h"
#include "trust/trust_key.h"
#include "trust/verdict.h"

/* A refusal is not remembered for longer than this, whatever the judgement allows. */
#define TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX 10

struct trust_table;

/* What a judge has found, as it goes into an entry. Times are seconds since 1970. */
struct trust_judgement {
    struct trust_key key;
    struct identity *identity; /* becomes the entry's; NULL: none is kept */
    struct verdict verdict;
    int64_t judged_at_seconds;
    int64_t age_seconds_max; /* how long the verdict may be used; not negative */
    uint64_t revision;       /* trust_cache_revision() from before the chain was judged */
    /* What must not be revoked for the verdict to hold; copied. */
    const struct ocsp_id *certificates;
    uint32_t certificate_count;
};

struct trust_entry {
    struct trust_key key;

    /* One cache line for what a request looks at. */
    _Alignas(64) struct identity *identity; /* NULL only when the judgement had none */
    struct verdict verdict;
    int64_t judged_at_seconds;
    int64_t lease_end_seconds;
    /* Any worker, at most once a second: the low bits of the time of its last finding. */
    _Atomic uint32_t touched_seconds;
    /* Whoever puts it in or takes it out. False for good once it is out: from then on no removal of
     * its key can reach it, see trust_cache_lease_holds(). */
    _Atomic bool is_in_cache;

    /* One cache line for what a handshake writes. */
    _Alignas(64) _Atomic uint32_t holder_count; /* one is the cache's while the entry is in it */
    uint32_t certificate_count;
    size_t size_bytes;             /* with the identity */
    uint64_t revision;             /* of the judgement */
    struct trust_table *table;     /* NULL: it is in none */
    struct reclaim_node node;      /* of whoever took it out of the cache */
    struct ocsp_id certificates[]; /* the judgement's */
};

/*
 * The caller gets the one count there is. The lease ends at the verdict's own end, the maximum age
 * after judged_at_seconds (TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX if that is less and the verdict is a
 * refusal), or with a removal from the cache. ERROR_OUT_OF_MEMORY: the identity is still the
 * caller's.
 */
struct result trust_entry_create(const struct trust_judgement *judgement,
                                 struct trust_entry **ret_entry);

/*
 * One count more. Only for an entry of which the caller has a count already, or which it has found
 * since its last quiet point.
 */
void trust_entry_acquire(struct trust_entry *entry);

/* Accepts NULL. Frees the entry and its identity with the last count. */
void trust_entry_release(struct trust_entry *entry);

/*
 * Is the time within the lease? A clock that went back to before the judgement ends it as well: the
 * certificate may not have been valid then. trust_cache_lease_holds() is the whole question.
 */
static inline bool trust_entry_is_timely(const struct trust_entry *entry, int64_t now_seconds)
{
    return now_seconds < entry->lease_end_seconds && now_seconds >= entry->judged_at_seconds;
}

#endif
