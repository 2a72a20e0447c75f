/*
 * The thread that keeps the OCSP cache's file up to date: it wakes at a fixed pace and once more at
 * the end, and writes when the answers in the cache have changed since. Started and stopped by the
 * control thread; the lock is between these two alone.
 */
#include "ocsp/ocsp_store.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/clock.h"
#include "ocsp_store_write.h"

struct ocsp_store {
    char *path;
    const struct ocsp_cache *cache;
    struct reclaim_member *member; /* the thread's */
    uint32_t interval_ms;
    uint64_t written_revision; /* the thread's: of the cache, when it was last written */
    _Atomic uint64_t failed_count;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping; /* must_stop is set */
    bool must_stop;          /* under the lock */
};

static void write_what_changed(struct ocsp_store *store)
{
    /* Before the walk: what changes meanwhile is written the next time, once more perhaps. */
    uint64_t revision = ocsp_cache_revision(store->cache);
    if (revision == store->written_revision) {
        return;
    }
    if (result_is_ok(ocsp_store_write(store->path, store->cache, store->member))) {
        store->written_revision = revision;
    } else {
        /* Relaxed: a mere figure. */
        atomic_fetch_add_explicit(&store->failed_count, 1, memory_order_relaxed);
    }
}

/* True when the time has come to stop. */
static bool wait_for_turn(struct ocsp_store *store)
{
    uint64_t turn_ms = clock_monotonic_ms() + store->interval_ms;
    const struct timespec turn = {.tv_sec = (time_t)(turn_ms / 1000),
                                  .tv_nsec = (long)(turn_ms % 1000) * 1000000};
    int answer = 0;
    CHECK(pthread_mutex_lock(&store->lock) == 0);
    while (!store->must_stop && answer == 0) {
        answer = pthread_cond_timedwait(&store->stopping, &store->lock, &turn);
    }
    bool must_stop = store->must_stop;
    CHECK(pthread_mutex_unlock(&store->lock) == 0);
    return must_stop;
}

static void *run(void *argument)
{
    struct ocsp_store *store = argument;
    bool is_last = false;
    while (!is_last) {
        is_last = wait_for_turn(store);
        write_what_changed(store);
    }
    return NULL;
}

/* The times of waiting are those of base/clock.h. */
static bool init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
    bool is_good = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                   pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return is_good;
}

struct result ocsp_store_start(const struct ocsp_store_settings *settings,
                               struct ocsp_store **ret_store)
{
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    struct ocsp_store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return result;
    }
    store->cache = settings->cache;
    store->interval_ms = settings->interval_ms;
    store->path = strdup(settings->path);
    if (store->path == NULL) {
        goto free_store;
    }
    result = result_failure(ERROR_THREAD);
    if (pthread_mutex_init(&store->lock, NULL) != 0) {
        goto free_path;
    }
    if (!init_condition(&store->stopping)) {
        goto destroy_lock;
    }
    store->member = reclaim_join(settings->reclaim);
    CHECK(store->member != NULL); /* as was promised */
    if (pthread_create(&store->thread, NULL, run, store) != 0) {
        goto destroy_condition;
    }
    (void)pthread_setname_np(store->thread, "ocsp-store"); /* only what top shows */
    *ret_store = store;
    return RESULT_OK;
destroy_condition:
    (void)pthread_cond_destroy(&store->stopping);
destroy_lock:
    (void)pthread_mutex_destroy(&store->lock);
free_path:
    free(store->path);
free_store:
    free(store);
    return result;
}

void ocsp_store_stop(struct ocsp_store *store)
{
    if (store == NULL) {
        return;
    }
    CHECK(pthread_mutex_lock(&store->lock) == 0);
    store->must_stop = true;
    (void)pthread_cond_signal(&store->stopping);
    CHECK(pthread_mutex_unlock(&store->lock) == 0);
    (void)pthread_join(store->thread, NULL);
    (void)pthread_cond_destroy(&store->stopping);
    (void)pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

uint64_t ocsp_store_failed_count(const struct ocsp_store *store)
{
    return atomic_load_explicit(&store->failed_count, memory_order_relaxed); /* a mere figure */
}
