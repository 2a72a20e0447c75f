/*
 * Buckets of tagged pointers to records. Found by any thread, written by one.
 *
 * Why it is safe without a lock. One thread alone stores into slots, so nobody competes for one. A
 * reader loads a slot between two of its quiet points, and what it found there is freed only when
 * it has passed the second: a record that leaves is retired after its slot was overwritten.
 */
#include "trust/ocsp_cache.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/list.h"
#include "base/random.h"
#include "keyed_hash.h"

#define EMPTY        UINT64_C(0)
#define ADDRESS_BITS 48
#define ADDRESS_MASK ((UINT64_C(1) << ADDRESS_BITS) - 1)

#define SLOT_COUNT 8
#define WORD_COUNT (OCSP_ID_SIZE / sizeof(uint64_t))

/* Twice as many slots as records: few buckets overflow before the cache is full. */
#define SLOTS_FOR_A_RECORD 2

/* An eighth is kept free for records that are out already and wait for quiet points. */
#define PENDING_PART 8

/* One record may have so much of the bytes: less than the part above, so that it finds room. */
#define LARGEST_PART 16

/* Bounds of work for one record that is put in. */
#define EVICTED_COUNT_MAX    32
#define SAMPLED_RECORD_COUNT 16
#define VISITED_BUCKET_COUNT 1024 /* when they are empty, as with few large records */

/* So far may a reader's clock be ahead of the time of a fetch. */
#define CLOCK_SLACK_SECONDS 60

/* More than every age: that of a record which may be forgotten. */
#define DISPENSABLE (UINT64_C(1) << 32)

/* One cache line. A slot is EMPTY, or the address of a record below a tag of 16 bits of its hash.
 */
struct bucket {
    _Alignas(64) _Atomic uint64_t slots[SLOT_COUNT];
};

struct load {
    _Atomic size_t entry_count;
    _Atomic size_t size_bytes;
};

struct ocsp_cache {
    /* Constant. */
    struct bucket *buckets;
    uint64_t bucket_mask;
    uint64_t secret[2];
    size_t entry_count_max;
    size_t size_bytes_max;
    /* Lowered by whichever thread frees: the writer, or before it the one that has loaded. */
    _Alignas(64) struct load charged;
    /* The writer's; read by any thread. */
    struct load linked; /* the part of it that can be found */
    _Atomic uint64_t evicted_count;
    _Atomic uint64_t rejected_count;
    _Atomic uint64_t lost_revocation_count;
    _Atomic uint64_t revision;
    uint64_t hand; /* where it looks next for something to push out */
};

struct place {
    struct bucket *bucket;
    uint64_t tag; /* in its place: the upper 16 bits */
};

/* A slot, and what is in it. */
struct choice {
    _Atomic uint64_t *slot;
    uint64_t word;
    bool has_id;
};

static struct ocsp_record *record_of(uint64_t word)
{
    return (struct ocsp_record *)(uintptr_t)(word & ADDRESS_MASK);
}

static uint64_t word_of(const struct ocsp_record *record, uint64_t tag)
{
    uint64_t address = (uint64_t)(uintptr_t)record;
    /* User space has 47 bits on x86-64 and 48 on arm64, unless more are asked for. */
    CHECK((address & ~ADDRESS_MASK) == 0);
    return address | tag;
}

static bool word_has_id(uint64_t word, uint64_t tag, const struct ocsp_id *id)
{
    return word != EMPTY && (word & ~ADDRESS_MASK) == tag &&
           ocsp_id_equal(&record_of(word)->question->id, id);
}

static struct place place_of(const struct ocsp_cache *cache, const struct ocsp_id *id)
{
    uint64_t words[WORD_COUNT];
    memcpy(words, id->bytes, sizeof(words));
    uint64_t hash = keyed_hash_of_words(words, WORD_COUNT, cache->secret);
    return (struct place){&cache->buckets[hash & cache->bucket_mask], hash & ~ADDRESS_MASK};
}

static uint64_t read_slot(const _Atomic uint64_t *slot)
{
    /* Pairs with the release in store: the record is whole. */
    return atomic_load_explicit(slot, memory_order_acquire);
}

/* Relaxed, here and below: mere figures, by which nothing is published. */
static size_t read_figure(const _Atomic size_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

static void load_add(struct load *load, size_t size_bytes)
{
    atomic_fetch_add_explicit(&load->entry_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&load->size_bytes, size_bytes, memory_order_relaxed);
}

static void load_subtract(struct load *load, size_t size_bytes)
{
    atomic_fetch_sub_explicit(&load->entry_count, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&load->size_bytes, size_bytes, memory_order_relaxed);
}

static void count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Others only ever lower what is charged, so that there is room still when it is taken. */
static bool has_room(const struct ocsp_cache *cache, size_t size_bytes)
{
    return read_figure(&cache->charged.entry_count) < cache->entry_count_max &&
           size_bytes <= cache->size_bytes_max / LARGEST_PART &&
           size_bytes <= cache->size_bytes_max - read_figure(&cache->charged.size_bytes);
}

static bool is_past_target(const struct ocsp_cache *cache)
{
    return read_figure(&cache->linked.entry_count) >
               cache->entry_count_max - cache->entry_count_max / PENDING_PART ||
           read_figure(&cache->linked.size_bytes) >
               cache->size_bytes_max - cache->size_bytes_max / PENDING_PART;
}

/* Every member has passed a quiet point since the record was taken out: nobody holds it. */
static void on_all_quiet(struct reclaim_node *node)
{
    struct ocsp_record *record = LIST_OWNER(node, struct ocsp_record, node);
    load_subtract(&record->cache->charged, record->size_bytes);
    ocsp_record_destroy(record);
}

/* Puts word (or EMPTY) where choice was seen and retires what was there. */
static void store(struct ocsp_cache *cache, struct reclaim_member *member,
                  const struct choice *choice, uint64_t word)
{
    /* Pairs with the acquire in read_slot. */
    atomic_store_explicit(choice->slot, word, memory_order_release);
    if (choice->word != EMPTY) {
        struct ocsp_record *leaving = record_of(choice->word);
        load_subtract(&cache->linked, leaving->size_bytes);
        reclaim_retire(member, &leaving->node, on_all_quiet);
    }
}

/* After the slot, so that whoever has seen the new revision finds what it stands for. */
static void raise_revision(struct ocsp_cache *cache)
{
    /* Pairs with the acquire in ocsp_cache_revision. */
    atomic_fetch_add_explicit(&cache->revision, 1, memory_order_release);
}

/* Would a copy of the answers alone look different? Either may be NULL. */
static bool is_other_answer(const struct ocsp_record *a, const struct ocsp_record *b)
{
    bool has_a = a != NULL && a->state.has_answer;
    bool has_b = b != NULL && b->state.has_answer;
    if (!has_a || !has_b) {
        return has_a != has_b;
    }
    return a->state.received_at_seconds != b->state.received_at_seconds ||
           !bytes_equal(a->response, b->response);
}

static uint32_t read_touch(const struct ocsp_record *record)
{
    /* Relaxed: any value that it had lately will do. */
    return atomic_load_explicit(&record->touched_seconds, memory_order_relaxed);
}

static bool is_revocation(const struct ocsp_state *state)
{
    return state->has_answer && state->answer.status == OCSP_REVOKED;
}

/* How willingly the record is pushed out. */
static uint64_t staleness(uint64_t word, uint32_t now_seconds)
{
    const struct ocsp_record *record = record_of(word);
    int32_t age_seconds = (int32_t)(now_seconds - read_touch(record));
    if (age_seconds < 0) {
        /* Far ahead of the clock: it has jumped back, and nobody has asked since. */
        age_seconds = age_seconds >= -CLOCK_SLACK_SECONDS ? 0 : INT32_MAX;
    }
    return (is_revocation(&record->state) ? 0 : DISPENSABLE) + (uint64_t)age_seconds;
}

/* Whether what was chosen may go for the sake of record. */
static bool may_go_for(const struct choice *choice, const struct ocsp_record *record)
{
    return is_revocation(&record->state) || !is_revocation(&record_of(choice->word)->state);
}

static void count_pushed_out(struct ocsp_cache *cache, const struct ocsp_record *record)
{
    count(&cache->evicted_count);
    if (is_revocation(&record->state)) {
        count(&cache->lost_revocation_count);
    }
}

/* The slot with the id, or else a free one, or else that of the stalest record, which is a
 * revocation when all are. */
static struct choice choose_slot(struct place place, const struct ocsp_id *id, uint32_t now_seconds)
{
    struct choice chosen = {0};
    uint64_t most_stale = 0;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        _Atomic uint64_t *slot = &place.bucket->slots[i];
        uint64_t word = read_slot(slot);
        if (word_has_id(word, place.tag, id)) {
            return (struct choice){slot, word, true};
        }
        if (chosen.slot != NULL && chosen.word == EMPTY) {
            continue; /* a free one is as good as another */
        }
        uint64_t stale = word == EMPTY ? 0 : staleness(word, now_seconds);
        if (chosen.slot == NULL || word == EMPTY || stale > most_stale) {
            chosen = (struct choice){slot, word, false};
            most_stale = stale;
        }
    }
    return chosen;
}

/* The stalest of the next few records from the hand on, kept aside. Revocations are passed over:
 * one is chosen when there is nothing else as far as is looked. */
static struct choice sample(struct ocsp_cache *cache, const struct ocsp_record *kept,
                            uint32_t now_seconds)
{
    struct choice chosen = {0};
    uint64_t most_stale = 0;
    size_t sampled_count = 0;
    for (size_t i = 0; i < VISITED_BUCKET_COUNT && sampled_count < SAMPLED_RECORD_COUNT; i++) {
        struct bucket *bucket = &cache->buckets[cache->hand++ & cache->bucket_mask];
        for (size_t j = 0; j < SLOT_COUNT; j++) {
            uint64_t word = read_slot(&bucket->slots[j]);
            if (word == EMPTY || record_of(word) == kept) {
                continue;
            }
            uint64_t stale = staleness(word, now_seconds);
            if (chosen.slot == NULL || stale > most_stale) {
                chosen = (struct choice){&bucket->slots[j], word, false};
                most_stale = stale;
            }
            sampled_count += !is_revocation(&record_of(word)->state);
        }
    }
    return chosen;
}

/* For record, which is in already or is not to be. */
static void make_room(struct ocsp_cache *cache, struct reclaim_member *member,
                      const struct ocsp_record *record, uint32_t now_seconds)
{
    for (size_t i = 0; i < EVICTED_COUNT_MAX && is_past_target(cache); i++) {
        struct choice choice = sample(cache, record, now_seconds);
        if (choice.slot == NULL || !may_go_for(&choice, record)) {
            return;
        }
        bool has_answer = record_of(choice.word)->state.has_answer;
        count_pushed_out(cache, record_of(choice.word));
        store(cache, member, &choice, EMPTY);
        if (has_answer) {
            raise_revision(cache);
        }
    }
}

static size_t bucket_count_for(size_t entry_count_max)
{
    size_t wanted = entry_count_max * SLOTS_FOR_A_RECORD / SLOT_COUNT;
    size_t bucket_count = 1;
    while (bucket_count < wanted) {
        bucket_count *= 2;
    }
    return bucket_count;
}

static struct result init_buckets(struct ocsp_cache *cache)
{
    size_t bucket_count = bucket_count_for(cache->entry_count_max);
    cache->buckets = aligned_alloc(_Alignof(struct bucket), bucket_count * sizeof(*cache->buckets));
    if (cache->buckets == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < bucket_count; i++) {
        cache->buckets[i] = (struct bucket){0};
    }
    cache->bucket_mask = bucket_count - 1;
    return random_fill(cache->secret, sizeof(cache->secret));
}

struct result ocsp_cache_create(const struct ocsp_cache_settings *settings,
                                struct ocsp_cache **ret_cache)
{
    CHECK(settings->entry_count_max >= OCSP_CACHE_COUNT_MIN &&
          settings->entry_count_max <= UINT32_MAX);
    struct ocsp_cache *cache = aligned_alloc(_Alignof(struct ocsp_cache), sizeof(*cache));
    if (cache == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *cache = (struct ocsp_cache){.entry_count_max = settings->entry_count_max,
                                 .size_bytes_max = settings->size_bytes_max};
    struct result result = init_buckets(cache);
    if (!result_is_ok(result)) {
        ocsp_cache_destroy(cache);
        return result;
    }
    *ret_cache = cache;
    return RESULT_OK;
}

/* All but the touch of a record is constant; whoever owns the cache frees it. */
static struct ocsp_record *own(const struct ocsp_record *record)
{
    return (struct ocsp_record *)(uintptr_t)record;
}

void ocsp_cache_destroy(struct ocsp_cache *cache)
{
    size_t position = 0;
    const struct ocsp_record *record = NULL;
    if (cache == NULL) {
        return;
    }
    /* What was taken out has been freed: its reclaim domain is gone. */
    CHECK(read_figure(&cache->charged.entry_count) == read_figure(&cache->linked.entry_count));
    while (cache->buckets != NULL && (record = ocsp_cache_next(cache, &position)) != NULL) {
        ocsp_record_destroy(own(record));
    }
    free(cache->buckets);
    explicit_bzero(cache->secret, sizeof(cache->secret));
    free(cache);
}

const struct ocsp_record *ocsp_cache_peek(const struct ocsp_cache *cache, const struct ocsp_id *id)
{
    struct place place = place_of(cache, id);
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        uint64_t word = read_slot(&place.bucket->slots[i]);
        if (word_has_id(word, place.tag, id)) {
            return record_of(word);
        }
    }
    return NULL;
}

const struct ocsp_record *ocsp_cache_find(const struct ocsp_cache *cache, const struct ocsp_id *id,
                                          int64_t now_seconds)
{
    struct ocsp_record *record = own(ocsp_cache_peek(cache, id));
    /* Relaxed, both: it only guides what is refreshed and pushed out. Written once a second, so
     * that the line stays in every core's cache in between. */
    if (record != NULL && read_touch(record) != (uint32_t)now_seconds) {
        atomic_store_explicit(&record->touched_seconds, (uint32_t)now_seconds,
                              memory_order_relaxed);
    }
    return record;
}

const struct ocsp_record *ocsp_cache_next(const struct ocsp_cache *cache, size_t *position)
{
    size_t slot_count = (size_t)(cache->bucket_mask + 1) * SLOT_COUNT;
    while (*position < slot_count) {
        size_t at = (*position)++;
        uint64_t word = read_slot(&cache->buckets[at / SLOT_COUNT].slots[at % SLOT_COUNT]);
        if (word != EMPTY) {
            return record_of(word);
        }
    }
    return NULL;
}

void ocsp_cache_forgo(struct ocsp_cache *cache, struct reclaim_member *member,
                      const struct ocsp_id *id, const struct ocsp_state *state)
{
    const struct ocsp_record *former = ocsp_cache_peek(cache, id);
    if (state->failure != OCSP_FAULT_NONE) {
        return;
    }
    if (is_revocation(state) && former != NULL && is_revocation(&former->state)) {
        return;
    }
    if (is_revocation(state)) {
        count(&cache->lost_revocation_count);
    }
    ocsp_cache_remove(cache, member, id);
}

static void reject(struct ocsp_cache *cache, struct reclaim_member *member,
                   struct ocsp_record *record)
{
    ocsp_cache_forgo(cache, member, &record->question->id, &record->state);
    make_room(cache, member, record, read_touch(record));
    count(&cache->rejected_count);
    ocsp_record_destroy(record);
}

bool ocsp_cache_put(struct ocsp_cache *cache, struct reclaim_member *member,
                    struct ocsp_record *record)
{
    const struct ocsp_id *id = &record->question->id;
    uint32_t now_seconds = read_touch(record);
    struct place place = place_of(cache, id);
    struct choice choice = choose_slot(place, id, now_seconds);
    const struct ocsp_record *leaving = record_of(choice.word);
    bool is_pushed_out = leaving != NULL && !choice.has_id;
    if (!has_room(cache, record->size_bytes) || (is_pushed_out && !may_go_for(&choice, record))) {
        reject(cache, member, record);
        return false;
    }
    bool is_change = is_other_answer(leaving, record) || is_pushed_out;
    if (choice.has_id) {
        /* Relaxed: published by the release in store. */
        atomic_store_explicit(&record->touched_seconds, read_touch(leaving), memory_order_relaxed);
    } else if (is_pushed_out) {
        count_pushed_out(cache, leaving);
    }
    record->cache = cache;
    load_add(&cache->charged, record->size_bytes);
    load_add(&cache->linked, record->size_bytes);
    store(cache, member, &choice, word_of(record, place.tag));
    if (is_change) {
        raise_revision(cache);
    }
    make_room(cache, member, record, now_seconds);
    return true;
}

void ocsp_cache_remove(struct ocsp_cache *cache, struct reclaim_member *member,
                       const struct ocsp_id *id)
{
    struct choice choice = choose_slot(place_of(cache, id), id, 0);
    if (!choice.has_id) {
        return;
    }
    bool has_answer = record_of(choice.word)->state.has_answer;
    store(cache, member, &choice, EMPTY);
    if (has_answer) {
        raise_revision(cache);
    }
}

uint64_t ocsp_cache_revision(const struct ocsp_cache *cache)
{
    /* Pairs with the release in raise_revision. */
    return atomic_load_explicit(&cache->revision, memory_order_acquire);
}

struct ocsp_cache_usage ocsp_cache_usage(const struct ocsp_cache *cache)
{
    return (struct ocsp_cache_usage){
        .entry_count = read_figure(&cache->charged.entry_count),
        .size_bytes = read_figure(&cache->charged.size_bytes),
        .entry_count_max = cache->entry_count_max,
        .size_bytes_max = cache->size_bytes_max,
        .evicted_count = atomic_load_explicit(&cache->evicted_count, memory_order_relaxed),
        .rejected_count = atomic_load_explicit(&cache->rejected_count, memory_order_relaxed),
        .lost_revocation_count =
            atomic_load_explicit(&cache->lost_revocation_count, memory_order_relaxed),
    };
}
