/*
 * Buckets of tagged pointers. Called by the trust cache on any thread.
 *
 * Why it is safe without a lock. A slot changes only by compare-and-swap, and an entry is in one
 * slot in all its life: it goes in once and comes out once, so whoever swaps it out is the one who
 * retires it. Its memory cannot come back while we look (we are between quiet points), so a slot
 * that still has the word we saw has the entry we saw. The table's own count of an entry is given
 * up only after the quiet points, so a reader never meets a count of zero.
 *
 * tests/model/trust_cache.pml is a model of this file; who changes one changes the other.
 */
#include "trust_table.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/list.h"
#include "base/random.h"
#include "trust/trust_cache.h"

#define EMPTY        UINT64_C(0)
#define ADDRESS_BITS 48
#define ADDRESS_MASK ((UINT64_C(1) << ADDRESS_BITS) - 1)

/* Twice as many slots as entries: few buckets overflow before the table is full. */
#define SLOTS_FOR_AN_ENTRY 2

/* An eighth is kept free for entries that are out already and wait for quiet points. */
#define PENDING_PART 8

/* One entry may have so much of the bytes: less than the part above, so that it finds room. */
#define LARGEST_PART 16

/* Bounds of work for one insertion. */
#define LINK_ATTEMPT_COUNT_MAX 8
#define EVICTED_COUNT_MAX      4
#define SAMPLED_ENTRY_COUNT    16
#define VISITED_BUCKET_COUNT   1024 /* when they are empty, as with few large entries */

/* So long may a worker work with the time it has once read. */
#define CLOCK_SLACK_SECONDS 5

struct place {
    struct trust_bucket *bucket;
    uint64_t tag; /* in its place: the upper 16 bits */
};

/* A slot, and what was in it. */
struct choice {
    _Atomic uint64_t *slot;
    uint64_t word;
    bool has_key;
};

static struct trust_entry *entry_of(uint64_t word)
{
    return (struct trust_entry *)(uintptr_t)(word & ADDRESS_MASK);
}

static uint64_t word_of(const struct trust_entry *entry, uint64_t tag)
{
    uint64_t address = (uint64_t)(uintptr_t)entry;
    /* User space has 47 bits on x86-64 and 48 on arm64, unless more are asked for. */
    CHECK((address & ~ADDRESS_MASK) == 0);
    return address | tag;
}

static bool word_has_key(uint64_t word, uint64_t tag, const struct trust_key *key)
{
    return word != EMPTY && (word & ~ADDRESS_MASK) == tag &&
           trust_key_equal(&entry_of(word)->key, key);
}

static struct place place_of(const struct trust_table *table, const struct trust_key *key)
{
    uint64_t hash = trust_key_hash(key, table->secret);
    return (struct place){&table->buckets[hash & table->bucket_mask], hash & ~ADDRESS_MASK};
}

static bool charge(_Atomic size_t *charged, size_t amount, size_t most)
{
    size_t before = atomic_load_explicit(charged, memory_order_relaxed);
    do {
        if (amount > most - before) {
            return false;
        }
        /* Relaxed, here and below: mere figures, by which nothing is published. */
    } while (!atomic_compare_exchange_weak_explicit(charged, &before, before + amount,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

static void load_add(struct trust_load *load, size_t size_bytes)
{
    atomic_fetch_add_explicit(&load->entry_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&load->size_bytes, size_bytes, memory_order_relaxed);
}

static void load_subtract(struct trust_load *load, size_t size_bytes)
{
    atomic_fetch_sub_explicit(&load->entry_count, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&load->size_bytes, size_bytes, memory_order_relaxed);
}

static bool charge_entry(struct trust_table *table, size_t size_bytes)
{
    if (!charge(&table->charged.size_bytes, size_bytes, table->size_bytes_max)) {
        return false;
    }
    if (!charge(&table->charged.entry_count, 1, table->entry_count_max)) {
        atomic_fetch_sub_explicit(&table->charged.size_bytes, size_bytes, memory_order_relaxed);
        return false;
    }
    return true;
}

static bool is_past_target(const struct trust_table *table)
{
    size_t entry_count = atomic_load_explicit(&table->linked.entry_count, memory_order_relaxed);
    size_t size_bytes = atomic_load_explicit(&table->linked.size_bytes, memory_order_relaxed);
    return entry_count > table->entry_count_max - table->entry_count_max / PENDING_PART ||
           size_bytes > table->size_bytes_max - table->size_bytes_max / PENDING_PART;
}

/* Every member has passed a quiet point since the entry was taken out: nobody can find it, and
 * whoever found it has counted it or forgotten it. */
static void on_all_quiet(struct reclaim_node *node)
{
    struct trust_entry *entry = LIST_OWNER(node, struct trust_entry, node);
    load_subtract(&entry->table->charged, entry->size_bytes);
    trust_entry_release(entry);
}

/* Puts word (or EMPTY) where choice was seen and retires what was there; false when others were
 * faster. */
static bool swap(struct trust_table *table, struct reclaim_member *member,
                 const struct choice *choice, uint64_t word)
{
    uint64_t expected = choice->word;
    struct trust_entry *leaving = expected == EMPTY ? NULL : entry_of(expected);
    if (leaving != NULL) {
        /*
         * Before the swap, so that no removal misses the entry while its lease still looks like
         * that of one in the cache. If the swap fails, another has taken it out and it is as true.
         * Release pairs with the acquire in trust_cache_lease_holds.
         */
        atomic_store_explicit(&leaving->is_in_cache, false, memory_order_release);
    }
    /*
     * Release pairs with the acquire in trust_table_find: the new entry is whole. Acquire: so is
     * the one that leaves. seq_cst for two cases in which each of two threads writes one word and
     * then reads the other's: two insertions of one key into different slots (settle), and an
     * insertion against a removal (trust_cache_insert). At least one of the two must see the other.
     */
    if (!atomic_compare_exchange_strong_explicit(choice->slot, &expected, word,
                                                 memory_order_seq_cst, memory_order_relaxed)) {
        return false;
    }
    if (leaving != NULL) {
        load_subtract(&table->linked, leaving->size_bytes);
        reclaim_retire(member, &leaving->node, on_all_quiet);
    }
    return true;
}

/* How willingly an entry is pushed out. */
static uint64_t staleness(const struct trust_entry *entry, int64_t now_seconds)
{
    /* Relaxed: any value it had lately will do. */
    uint32_t touched = atomic_load_explicit(&entry->touched_seconds, memory_order_relaxed);
    int32_t age_seconds = (int32_t)((uint32_t)now_seconds - touched);
    if (age_seconds < 0 && age_seconds >= -CLOCK_SLACK_SECONDS) {
        return 0; /* the newest of all: our caller has looked at the clock a little earlier */
    }
    if (age_seconds < 0 || !trust_entry_is_timely(entry, now_seconds)) {
        return UINT64_MAX;
    }
    return (uint64_t)age_seconds;
}

static uint64_t word_staleness(uint64_t word, int64_t now_seconds)
{
    return staleness(entry_of(word), now_seconds);
}

/* The slot with the key, or else a free one, or else that of the stalest entry. */
static struct choice choose_slot(struct place place, const struct trust_key *key,
                                 int64_t now_seconds)
{
    struct choice chosen = {0};
    uint64_t most_stale = 0;
    for (size_t i = 0; i < TRUST_TABLE_SLOT_COUNT; i++) {
        _Atomic uint64_t *slot = &place.bucket->slots[i];
        /* Pairs with the release in swap. */
        uint64_t word = atomic_load_explicit(slot, memory_order_acquire);
        if (word_has_key(word, place.tag, key)) {
            return (struct choice){slot, word, true};
        }
        if (chosen.slot != NULL && chosen.word == EMPTY) {
            continue; /* a free one is as good as another */
        }
        uint64_t stale = word == EMPTY ? 0 : word_staleness(word, now_seconds);
        if (chosen.slot == NULL || word == EMPTY || stale > most_stale) {
            chosen = (struct choice){slot, word, false};
            most_stale = stale;
        }
    }
    return chosen;
}

/* Of entries of one key in a bucket, all but the first are taken out. The first, or NULL. */
static struct trust_entry *settle(struct trust_table *table, struct reclaim_member *member,
                                  struct place place, const struct trust_key *key)
{
    struct trust_entry *first = NULL;
    for (size_t i = 0; i < TRUST_TABLE_SLOT_COUNT; i++) {
        struct choice choice = {.slot = &place.bucket->slots[i]};
        /* After our own swap in the one order of all seq_cst operations; see there. */
        choice.word = atomic_load_explicit(choice.slot, memory_order_seq_cst);
        if (!word_has_key(choice.word, place.tag, key)) {
            continue;
        }
        if (first == NULL) {
            first = entry_of(choice.word);
        } else {
            /* Whoever else settles comes to the same end: the lowest slot stays. */
            (void)swap(table, member, &choice, EMPTY);
        }
    }
    return first;
}

static enum trust_table_outcome link_entry(struct trust_table *table,
                                           struct trust_table_visit *visit, struct place place,
                                           struct trust_entry *entry,
                                           struct trust_entry **ret_known)
{
    uint64_t word = word_of(entry, place.tag);
    for (size_t i = 0; i < LINK_ATTEMPT_COUNT_MAX; i++) {
        struct choice choice = choose_slot(place, &entry->key, visit->now_seconds);
        struct trust_entry *old = choice.has_key ? entry_of(choice.word) : NULL;
        if (old != NULL && trust_entry_is_timely(old, visit->now_seconds) &&
            old->judged_at_seconds >= entry->judged_at_seconds) {
            *ret_known = old;
            return TRUST_TABLE_KNOWN;
        }
        if (swap(table, visit->member, &choice, word)) {
            visit->evicted_count += !choice.has_key && choice.word != EMPTY;
            return choice.has_key ? TRUST_TABLE_REPLACED : TRUST_TABLE_INSERTED;
        }
    }
    return TRUST_TABLE_CONTENDED;
}

/* The stalest of the next few entries from the hand on: where there are few of them, the hand goes
 * further, so that entries in thinly settled parts do not leave sooner than others. */
static struct choice sample(struct trust_table *table, struct trust_table_visit *visit)
{
    struct choice chosen = {0};
    uint64_t most_stale = 0;
    size_t sampled_count = 0;
    for (size_t i = 0; i < VISITED_BUCKET_COUNT && sampled_count < SAMPLED_ENTRY_COUNT; i++) {
        struct trust_bucket *bucket = &table->buckets[visit->hand++ & table->bucket_mask];
        for (size_t j = 0; j < TRUST_TABLE_SLOT_COUNT; j++) {
            /* Pairs with the release in swap. */
            uint64_t word = atomic_load_explicit(&bucket->slots[j], memory_order_acquire);
            if (word == EMPTY) {
                continue;
            }
            uint64_t stale = word_staleness(word, visit->now_seconds);
            if (chosen.slot == NULL || stale > most_stale) {
                chosen = (struct choice){&bucket->slots[j], word, false};
                most_stale = stale;
            }
            sampled_count++;
        }
    }
    return chosen;
}

static void make_room(struct trust_table *table, struct trust_table_visit *visit)
{
    for (size_t i = 0; i < EVICTED_COUNT_MAX && is_past_target(table); i++) {
        struct choice choice = sample(table, visit);
        if (choice.slot != NULL && swap(table, visit->member, &choice, EMPTY)) {
            visit->evicted_count++;
        }
    }
}

/* Entry is in the table; so may be another of its key. Returns the one to use, counted. */
static struct trust_entry *settle_for(struct trust_table *table, struct trust_table_visit *visit,
                                      struct place place, struct trust_entry *entry)
{
    struct trust_entry *first = settle(table, visit->member, place, &entry->key);
    if (first == NULL || first == entry || !trust_entry_is_timely(first, visit->now_seconds)) {
        return entry;
    }
    trust_entry_acquire(first);
    trust_entry_release(entry);
    return first;
}

/* The mark and the count that a linked entry has, before anybody can see it. */
static void mark(struct trust_entry *entry, struct trust_table *table)
{
    /* Relaxed: nobody else knows the entry; published by the release in swap. */
    atomic_store_explicit(&entry->is_in_cache, table != NULL, memory_order_relaxed);
    atomic_store_explicit(&entry->holder_count, table != NULL ? 2 : 1, memory_order_relaxed);
    entry->table = table;
}

enum trust_table_outcome trust_table_insert(struct trust_table *table,
                                            struct trust_table_visit *visit,
                                            struct trust_entry *entry,
                                            struct trust_entry **ret_entry)
{
    struct trust_entry *known = NULL;
    struct place place = place_of(table, &entry->key);
    *ret_entry = entry;
    if (entry->size_bytes > table->size_bytes_max / LARGEST_PART) {
        return TRUST_TABLE_LARGE;
    }
    if (!charge_entry(table, entry->size_bytes)) {
        make_room(table, visit);
        return TRUST_TABLE_FULL;
    }
    mark(entry, table);
    load_add(&table->linked, entry->size_bytes); /* early: others may push it out at once */
    enum trust_table_outcome outcome = link_entry(table, visit, place, entry, &known);
    if (outcome == TRUST_TABLE_KNOWN || outcome == TRUST_TABLE_CONTENDED) {
        mark(entry, NULL);
        load_subtract(&table->linked, entry->size_bytes);
        load_subtract(&table->charged, entry->size_bytes);
        if (known != NULL) {
            trust_entry_acquire(known);
            trust_entry_release(entry);
            *ret_entry = known;
        }
        return outcome;
    }
    *ret_entry = settle_for(table, visit, place, entry);
    make_room(table, visit);
    return *ret_entry == entry ? outcome : TRUST_TABLE_KNOWN;
}

struct trust_entry *trust_table_find(const struct trust_table *table, const struct trust_key *key)
{
    struct place place = place_of(table, key);
    for (size_t i = 0; i < TRUST_TABLE_SLOT_COUNT; i++) {
        /* Pairs with the release in swap. */
        uint64_t word = atomic_load_explicit(&place.bucket->slots[i], memory_order_acquire);
        if (word_has_key(word, place.tag, key)) {
            return entry_of(word);
        }
    }
    return NULL;
}

size_t trust_table_remove(struct trust_table *table, struct reclaim_member *member,
                          const struct trust_key *key)
{
    struct place place = place_of(table, key);
    size_t count = 0;
    for (size_t i = 0; i < TRUST_TABLE_SLOT_COUNT; i++) {
        struct choice choice = {.slot = &place.bucket->slots[i]};
        do {
            /* After the caller's raising of the revision in the one order of all seq_cst
             * operations; see swap. A slot that changed is looked at again. */
            choice.word = atomic_load_explicit(choice.slot, memory_order_seq_cst);
            choice.has_key = word_has_key(choice.word, place.tag, key);
        } while (choice.has_key && !swap(table, member, &choice, EMPTY));
        count += choice.has_key;
    }
    return count;
}

size_t trust_table_remove_all_of(struct trust_table *table, struct reclaim_member *member,
                                 trust_table_match matches, const void *wanted)
{
    size_t count = 0;
    size_t slot_count = (table->bucket_mask + 1) * TRUST_TABLE_SLOT_COUNT;
    for (size_t i = 0; i < slot_count; i++) {
        struct trust_bucket *bucket = &table->buckets[i / TRUST_TABLE_SLOT_COUNT];
        struct choice choice = {.slot = &bucket->slots[i % TRUST_TABLE_SLOT_COUNT]};
        bool is_match;
        do {
            /* As in trust_table_remove. */
            choice.word = atomic_load_explicit(choice.slot, memory_order_seq_cst);
            is_match = choice.word != EMPTY && matches(entry_of(choice.word), wanted);
        } while (is_match && !swap(table, member, &choice, EMPTY));
        count += is_match;
    }
    return count;
}

static size_t bucket_count_for(size_t entry_count_max)
{
    size_t wanted = entry_count_max * SLOTS_FOR_AN_ENTRY / TRUST_TABLE_SLOT_COUNT;
    size_t count = 1;
    while (count < wanted) {
        count *= 2;
    }
    return count;
}

struct result trust_table_init(struct trust_table *table, size_t entry_count_max,
                               size_t size_bytes_max)
{
    CHECK(entry_count_max >= TRUST_CACHE_COUNT_MIN && entry_count_max <= UINT32_MAX);
    size_t bucket_count = bucket_count_for(entry_count_max);
    *table = (struct trust_table){.bucket_mask = bucket_count - 1,
                                  .entry_count_max = entry_count_max,
                                  .size_bytes_max = size_bytes_max};
    TRY(random_fill(table->secret, sizeof(table->secret)));
    table->buckets =
        aligned_alloc(_Alignof(struct trust_bucket), bucket_count * sizeof(*table->buckets));
    if (table->buckets == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < bucket_count; i++) {
        table->buckets[i] = (struct trust_bucket){0};
    }
    return RESULT_OK;
}

static void give_up(struct trust_entry *entry)
{
    /* Relaxed: no other thread finds it any more; who holds it looks at a cache that is gone. */
    atomic_store_explicit(&entry->is_in_cache, false, memory_order_relaxed);
    entry->table = NULL;
    trust_entry_release(entry);
}

void trust_table_deinit(struct trust_table *table)
{
    /* What was taken out has been freed: its reclaim domain is gone. */
    CHECK(table->charged.entry_count == table->linked.entry_count);
    for (size_t i = 0; table->buckets != NULL && i <= table->bucket_mask; i++) {
        for (size_t j = 0; j < TRUST_TABLE_SLOT_COUNT; j++) {
            /* Relaxed: no other thread is there any more. */
            uint64_t word = atomic_load_explicit(&table->buckets[i].slots[j], memory_order_relaxed);
            if (word != EMPTY) {
                give_up(entry_of(word));
            }
        }
    }
    free(table->buckets);
    explicit_bzero(table->secret, sizeof(table->secret));
    *table = (struct trust_table){0};
}
