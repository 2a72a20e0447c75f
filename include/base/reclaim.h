/*
 * Freeing what other threads may still be reading. Whoever replaces a shared object unlinks it and
 * retires it; it is destroyed when every member has passed a quiet point since: a moment, once a
 * loop turn, at which it holds no pointer that it found in shared memory. A sleeping member holds
 * none, and is not waited for.
 *
 * The domain is shared by all threads, a member belongs to one. Readers never wait, and write to
 * their own cache line only, and only when something was retired since their last quiet point.
 * Memory is bounded by whoever retires: what waits is counted, and the nodes lie in the objects.
 *
 * Life: the domain outlives its members' threads; a thread that ends leaves its member asleep.
 */
#ifndef BASE_RECLAIM_H
#define BASE_RECLAIM_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* So many objects are destroyed at one quiet point, so that a turn stays short. */
#define RECLAIM_DESTROYED_COUNT_MAX 1024

struct reclaim;
struct reclaim_member;

/* In the object; zeroed while the object is in use. */
struct reclaim_node {
    struct reclaim_node *next;
    uint64_t retired_at;
    void (*destroy)(struct reclaim_node *node);
};

/* member_count_max: how many threads will ever join, at least 1. ERROR_OUT_OF_MEMORY. */
struct result reclaim_create(uint32_t member_count_max, struct reclaim **ret_reclaim);

/*
 * Accepts NULL. Every member must be asleep for good; destroys what still waits, on this thread, in
 * the order in which each member retired it.
 */
void reclaim_destroy(struct reclaim *reclaim);

/*
 * Any thread: a member for a thread, asleep at first; NULL when all are given out. Members are not
 * given back.
 */
struct reclaim_member *reclaim_join(struct reclaim *reclaim);

/* The member's thread, from here on: before it reads what is shared. */
void reclaim_wake(struct reclaim_member *member);

/*
 * Awake members only: nothing found in shared memory before may be used after, unless it was
 * counted. Destroys what this member has retired and nobody can hold any more, on its thread.
 */
void reclaim_quiet(struct reclaim_member *member);

/* A quiet point that lasts until reclaim_wake(). What this member retired waits as long. */
void reclaim_sleep(struct reclaim_member *member);

/*
 * node is in an object that no thread can find any more, but may have found. destroy is called
 * once, on this thread at one of its quiet points (or in reclaim_destroy()), and may retire other
 * objects.
 */
void reclaim_retire(struct reclaim_member *member, struct reclaim_node *node,
                    void (*destroy)(struct reclaim_node *node));

/* What this member has retired and not destroyed: while not 0, it should not sleep for long. */
size_t reclaim_waiting_count(const struct reclaim_member *member);

#endif
