/*
 * Making, counting and freeing entries. Called by workers, and by whoever passes a quiet point
 * after an entry has left the cache.
 *
 * Why a count never rises from zero: the cache has a count of its own, and gives it up only when
 * every worker has passed a quiet point since the entry was unlinked (trust_table.c). A worker that
 * finds an entry therefore finds it with at least that count, until its own next quiet point.
 */
#include "trust/trust_entry.h"

#include <stdlib.h>

#include "base/check.h"

_Static_assert(offsetof(struct trust_entry, identity) == 64 &&
                   offsetof(struct trust_entry, holder_count) == 128 &&
                   sizeof(struct trust_entry) == 192,
               "the key, what a request looks at and what a handshake writes: a cache line each");

static int64_t lease_end(const struct trust_judgement *judgement)
{
    bool is_success = verdict_is_success(&judgement->verdict);
    int64_t age_seconds = judgement->age_seconds_max;
    int64_t end;
    if (!is_success && age_seconds > TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX) {
        age_seconds = TRUST_ENTRY_FAILURE_AGE_SECONDS_MAX;
    }
    if (__builtin_add_overflow(judgement->judged_at_seconds, age_seconds, &end)) {
        end = INT64_MAX;
    }
    int64_t valid_until = judgement->verdict.valid_until_seconds;
    return is_success && valid_until < end ? valid_until : end;
}

struct result trust_entry_create(const struct trust_judgement *judgement,
                                 struct trust_entry **ret_entry)
{
    CHECK(judgement->age_seconds_max >= 0);
    size_t ids_size = judgement->certificate_count * sizeof(*judgement->certificates);
    /* Rounded up as aligned_alloc wants it. */
    size_t size_bytes = (sizeof(struct trust_entry) + ids_size + _Alignof(struct trust_entry) - 1) /
                        _Alignof(struct trust_entry) * _Alignof(struct trust_entry);
    struct trust_entry *entry = aligned_alloc(_Alignof(struct trust_entry), size_bytes);
    if (entry == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *entry = (struct trust_entry){
        .key = judgement->key,
        .identity = judgement->identity,
        .verdict = judgement->verdict,
        .judged_at_seconds = judgement->judged_at_seconds,
        .lease_end_seconds = lease_end(judgement),
        .touched_seconds = (uint32_t)judgement->judged_at_seconds,
        .holder_count = 1,
        .certificate_count = judgement->certificate_count,
        .size_bytes = size_bytes,
        .revision = judgement->revision,
    };
    if (ids_size > 0) {
        memcpy(entry->certificates, judgement->certificates, ids_size);
    }
    if (judgement->identity != NULL) {
        entry->size_bytes += judgement->identity->size_bytes;
    }
    *ret_entry = entry;
    return RESULT_OK;
}

void trust_entry_acquire(struct trust_entry *entry)
{
    /* Relaxed: whoever calls sees the entry already, and a count is not given up on the strength of
     * another's. */
    uint32_t before = atomic_fetch_add_explicit(&entry->holder_count, 1, memory_order_relaxed);
    CHECK(before != 0 && before != UINT32_MAX); /* not one that is being freed */
}

void trust_entry_release(struct trust_entry *entry)
{
    if (entry == NULL) {
        return;
    }
    /* Release pairs with the acquire of the last one: all uses are over before it frees. */
    uint32_t before = atomic_fetch_sub_explicit(&entry->holder_count, 1, memory_order_acq_rel);
    CHECK(before != 0);
    if (before == 1) {
        identity_destroy(entry->identity);
        free(entry);
    }
}
