/*
 * One set-associative table of entries, shared by all threads without a lock. The trust cache has
 * two. Every call is made by an awake member of the reclaim domain, between two of its quiet
 * points.
 *
 * Counts and bytes are charged from before an entry can be found until every member has passed a
 * quiet point after it no longer can: what the table keeps alive never exceeds its maxima, not for
 * a moment. What a connection still holds after that is the connection's.
 */
#ifndef TRUST_TRUST_TABLE_H
#define TRUST_TRUST_TABLE_H

#include "trust/trust_entry.h"

#define TRUST_TABLE_SLOT_COUNT 8

/* One cache line. A slot is 0, or the address of an entry below a tag of 16 bits of its hash. */
struct trust_bucket {
    _Alignas(64) _Atomic uint64_t slots[TRUST_TABLE_SLOT_COUNT];
};

struct trust_load {
    _Atomic size_t entry_count;
    _Atomic size_t size_bytes;
};

struct trust_table {
    /* Constant. */
    struct trust_bucket *buckets;
    uint64_t bucket_mask;
    uint64_t secret[2];
    size_t entry_count_max;
    size_t size_bytes_max;
    /* Written by whoever inserts, pushes out or frees. */
    _Alignas(64) struct trust_load charged; /* see above */
    struct trust_load linked;               /* the part of it that can be found */
};

enum trust_table_outcome {
    TRUST_TABLE_INSERTED,
    TRUST_TABLE_REPLACED,
    TRUST_TABLE_KNOWN, /* another entry of the key, not older and holding, is there */
    TRUST_TABLE_LARGE,
    TRUST_TABLE_FULL,
    TRUST_TABLE_CONTENDED,
};

/* What an insertion did beside its outcome. */
struct trust_table_visit {
    struct reclaim_member *member;
    int64_t now_seconds;
    uint64_t hand;          /* moved on */
    uint64_t evicted_count; /* raised */
};

/* entry_count_max at least TRUST_CACHE_COUNT_MIN. ERROR_OUT_OF_MEMORY, ERROR_SYSTEM. */
struct result trust_table_init(struct trust_table *table, size_t entry_count_max,
                               size_t size_bytes_max);

/* Accepts a zeroed table; see trust_cache_destroy(). */
void trust_table_deinit(struct trust_table *table);

/* The entry of the key, whatever its lease, or NULL. Writes nothing. */
struct trust_entry *trust_table_find(const struct trust_table *table, const struct trust_key *key);

/*
 * entry is new and the caller's alone, with one count. On INSERTED and REPLACED ret_entry is entry,
 * and the table has a count of its own; on KNOWN it is the other one, with a count for the caller,
 * and the caller's count of entry was given up. On the others entry stays the caller's alone, and
 * ret_entry is entry.
 */
enum trust_table_outcome trust_table_insert(struct trust_table *table,
                                            struct trust_table_visit *visit,
                                            struct trust_entry *entry,
                                            struct trust_entry **ret_entry);

/* Takes out every entry of the key; returns how many. */
size_t trust_table_remove(struct trust_table *table, struct reclaim_member *member,
                          const struct trust_key *key);

typedef bool (*trust_table_match)(const struct trust_entry *entry, const void *wanted);

/* The same of every entry that matches wanted; visits every slot. */
size_t trust_table_remove_all_of(struct trust_table *table, struct reclaim_member *member,
                                 trust_table_match matches, const void *wanted);

#endif
