/*
 * Which servers of the backends get requests: found out by checks, by what workers report of
 * requests, and by what somebody says (`sallyport backend disable`). A thread of its own checks and
 * decides; workers read one word for each server (proxy/server_health.h), and no worker ever waits
 * for it.
 *
 * What is known of a server stays through reloads as long as its backend and address do. Created
 * before the first generation is served, destroyed after the last is freed. A lock guards it that
 * no worker takes and that nobody holds for longer than a look at all servers.
 */
#ifndef CONTROL_BACKEND_HEALTH_H
#define CONTROL_BACKEND_HEALTH_H

#include "base/result.h"
#include "proxy/generation.h"

#define HEALTH_PROBE_COUNT_MAX 128

struct backend_health;

struct backend_health_settings {
    uint32_t worker_count;
    uint32_t probe_count_max; /* checks at once, from 1 to HEALTH_PROBE_COUNT_MAX */
    /* A line for the operator; the health thread calls it. */
    void (*say)(const char *line);
};

/* How many checks at once are reasonable for a program that may have so many descriptors. */
uint32_t backend_health_probe_count(uint64_t descriptor_count_max);

/* ERROR_OUT_OF_MEMORY, ERROR_LIMIT_REACHED. */
struct result backend_health_create(const struct backend_health_settings *settings,
                                    struct backend_health **ret_health);

/* The thread. ERROR_THREAD. */
struct result backend_health_start(struct backend_health *health);

/* Ends the thread. Accepts NULL and one that was not started. */
void backend_health_stop(struct backend_health *health);

/* Accepts NULL. Stopped, and no generation is left that was adopted. */
void backend_health_destroy(struct backend_health *health);

/*
 * The control thread, before generation is prepared for any worker: every server of it gets its
 * account, the one that it has already if there is one. ERROR_OUT_OF_MEMORY; generation can be
 * destroyed in any case.
 */
struct result backend_health_adopt(struct backend_health *health, struct generation *generation);

/* The control thread: generation, which was adopted, is what workers serve from now on. */
void backend_health_publish(struct backend_health *health, const struct generation *generation);

/* Whoever destroys a generation that was adopted: nobody looks at its servers any more. */
void backend_health_release(struct backend_health *health, struct generation *generation);

#endif
