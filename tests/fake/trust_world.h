/*
 * A real trust cache for one thread that is always awake: what a test's proxy is given in the
 * worker's place. Nothing retired is freed before trust_world_close().
 */
#ifndef TESTS_FAKE_TRUST_WORLD_H
#define TESTS_FAKE_TRUST_WORLD_H

#include "base/check.h"
#include "trust/trust_cache.h"

struct trust_world {
    struct reclaim *reclaim;
    struct trust_cache_counters counters;
    struct trust_cache_user user;
};

static inline void trust_world_open(struct trust_world *world)
{
    const struct trust_cache_settings settings = {
        .entry_count_max = 256, .size_bytes_max = 4 << 20, .failure_count_max = 64};
    *world = (struct trust_world){0};
    CHECK(result_is_ok(reclaim_create(1, &world->reclaim)));
    CHECK(result_is_ok(trust_cache_create(&settings, &world->user.cache)));
    world->user.member = reclaim_join(world->reclaim);
    world->user.counters = &world->counters;
    reclaim_wake(world->user.member);
}

/* The proxy is gone. */
static inline void trust_world_close(struct trust_world *world)
{
    reclaim_sleep(world->user.member);
    reclaim_destroy(world->reclaim);
    trust_cache_destroy(world->user.cache);
}

#endif
