/*
 * Quiet points counted by one epoch. Every retirement raises the epoch; a member that has seen a
 * higher one than the retirement's cannot hold what was retired. Called by workers and by the other
 * threads that share objects with them.
 *
 * Why nothing here needs seq_cst. An awake member reads the epoch (acquire) before it reads what is
 * shared; if it has seen an epoch past the retirement's it has also seen the unlinking, for the
 * raising is an acq_rel read-modify-write and those form one release sequence. A member that wakes
 * says so by a read-modify-write, and whoever wants to pass over a sleeper makes sure by another on
 * the same word: one of the two is first, and the second sees what came before it.
 *
 * tests/model/trust_cache.pml is a model of this file.
 */
#include "base/reclaim.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/check.h"

#define ASLEEP      0
#define EPOCH_FIRST 1

struct reclaim_member {
    /* Written by the member's thread (by others only from ASLEEP to ASLEEP), read by all. */
    _Alignas(64) _Atomic uint64_t seen_epoch;
    /* The thread's own: what it has retired, in that order, so the epochs in it only rise. */
    _Alignas(64) struct reclaim *reclaim;
    struct reclaim_node *oldest;
    struct reclaim_node *newest;
    size_t waiting_count;
};

struct reclaim {
    /* Written by whoever retires. */
    _Alignas(64) _Atomic uint64_t epoch;
    /* Written when a thread joins. */
    _Alignas(64) _Atomic uint32_t member_count;
    uint32_t member_count_max;
    struct reclaim_member members[];
};

static void take_oldest(struct reclaim_member *member)
{
    struct reclaim_node *node = member->oldest;
    void (*destroy)(struct reclaim_node *) = node->destroy;
    member->oldest = node->next;
    member->waiting_count--;
    /* In its first state again, as the object may live on by a count of its own. */
    *node = (struct reclaim_node){0};
    destroy(node);
}

/* Returns the epoch before which nothing is held by the member. */
static uint64_t epoch_seen_by(struct reclaim_member *member)
{
    /* Pairs with the release in reclaim_quiet: the member's reads are over before we destroy. */
    uint64_t seen = atomic_load_explicit(&member->seen_epoch, memory_order_acquire);
    if (seen != ASLEEP) {
        return seen;
    }
    /*
     * A look is not enough: the member may be waking and not have seen our unlinking yet. This
     * exchange and the one in reclaim_wake are ordered: it fails (the member is awake), or the
     * member's acquire there pairs with our release here. Our acquire pairs with the release in
     * reclaim_sleep.
     */
    bool is_asleep = atomic_compare_exchange_strong_explicit(
        &member->seen_epoch, &seen, ASLEEP, memory_order_acq_rel, memory_order_acquire);
    return is_asleep ? UINT64_MAX : seen;
}

static uint64_t epoch_seen_by_all(struct reclaim *reclaim)
{
    uint64_t lowest = UINT64_MAX;
    for (uint32_t i = 0; i < reclaim->member_count_max; i++) {
        uint64_t seen = epoch_seen_by(&reclaim->members[i]);
        lowest = seen < lowest ? seen : lowest;
    }
    return lowest;
}

static void destroy_what_nobody_holds(struct reclaim_member *member)
{
    if (member->oldest == NULL) {
        return;
    }
    uint64_t seen_by_all = epoch_seen_by_all(member->reclaim);
    for (size_t i = 0; i < RECLAIM_DESTROYED_COUNT_MAX; i++) {
        if (member->oldest == NULL || member->oldest->retired_at >= seen_by_all) {
            return;
        }
        take_oldest(member);
    }
}

struct result reclaim_create(uint32_t member_count_max, struct reclaim **ret_reclaim)
{
    CHECK(member_count_max > 0);
    size_t size_bytes = sizeof(struct reclaim) + member_count_max * sizeof(struct reclaim_member);
    struct reclaim *reclaim = aligned_alloc(_Alignof(struct reclaim), size_bytes);
    if (reclaim == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *reclaim = (struct reclaim){.epoch = EPOCH_FIRST, .member_count_max = member_count_max};
    for (uint32_t i = 0; i < member_count_max; i++) {
        reclaim->members[i] = (struct reclaim_member){.seen_epoch = ASLEEP, .reclaim = reclaim};
    }
    *ret_reclaim = reclaim;
    return RESULT_OK;
}

/* True when there was anything. */
static bool destroy_what_is_left(struct reclaim *reclaim)
{
    bool has_destroyed = false;
    for (uint32_t i = 0; i < reclaim->member_count_max; i++) {
        struct reclaim_member *member = &reclaim->members[i];
        CHECK(epoch_seen_by(member) == UINT64_MAX);
        while (member->oldest != NULL) {
            take_oldest(member);
            has_destroyed = true;
        }
    }
    return has_destroyed;
}

void reclaim_destroy(struct reclaim *reclaim)
{
    if (reclaim == NULL) {
        return;
    }
    /* What is destroyed may retire more, with any member. */
    while (destroy_what_is_left(reclaim)) {
    }
    free(reclaim);
}

struct reclaim_member *reclaim_join(struct reclaim *reclaim)
{
    uint32_t index = atomic_load_explicit(&reclaim->member_count, memory_order_relaxed);
    do {
        if (index == reclaim->member_count_max) {
            return NULL;
        }
        /* A mere number: all members were made ready by reclaim_create(). */
    } while (!atomic_compare_exchange_weak_explicit(&reclaim->member_count, &index, index + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    return &reclaim->members[index];
}

void reclaim_wake(struct reclaim_member *member)
{
    /* Pairs with the raising in reclaim_retire. */
    uint64_t epoch = atomic_load_explicit(&member->reclaim->epoch, memory_order_acquire);
    /* Pairs with the compare-exchange in epoch_seen_by, in both directions; see there. */
    uint64_t before = atomic_exchange_explicit(&member->seen_epoch, epoch, memory_order_acq_rel);
    CHECK(before == ASLEEP);
}

void reclaim_quiet(struct reclaim_member *member)
{
    uint64_t seen = atomic_load_explicit(&member->seen_epoch, memory_order_relaxed); /* our own */
    CHECK(seen != ASLEEP);
    /* Pairs with the raising in reclaim_retire: what was unlinked before is not found after. */
    uint64_t epoch = atomic_load_explicit(&member->reclaim->epoch, memory_order_acquire);
    if (epoch != seen) {
        /* Pairs with the acquire in epoch_seen_by. */
        atomic_store_explicit(&member->seen_epoch, epoch, memory_order_release);
    }
    destroy_what_nobody_holds(member);
}

void reclaim_sleep(struct reclaim_member *member)
{
    uint64_t seen = atomic_load_explicit(&member->seen_epoch, memory_order_relaxed); /* our own */
    CHECK(seen != ASLEEP);
    /* Pairs with the compare-exchange in epoch_seen_by. */
    atomic_store_explicit(&member->seen_epoch, ASLEEP, memory_order_release);
    destroy_what_nobody_holds(member);
}

void reclaim_retire(struct reclaim_member *member, struct reclaim_node *node,
                    void (*destroy)(struct reclaim_node *node))
{
    CHECK(node->destroy == NULL); /* retired once only */
    /*
     * After the unlinking, and not merely read: a member that sees a higher epoch has it from this
     * raising or a later one, and with it the unlinking. Pairs with the acquires in reclaim_quiet
     * and reclaim_wake.
     */
    uint64_t epoch = atomic_fetch_add_explicit(&member->reclaim->epoch, 1, memory_order_acq_rel);
    *node = (struct reclaim_node){.retired_at = epoch, .destroy = destroy};
    if (member->oldest == NULL) {
        member->oldest = node;
    } else {
        member->newest->next = node;
    }
    member->newest = node;
    member->waiting_count++;
}

size_t reclaim_waiting_count(const struct reclaim_member *member)
{
    return member->waiting_count;
}
