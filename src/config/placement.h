/* Which CPUs the workers run on. Control thread or sub-command, during one config_load(). */
#ifndef CONFIG_PLACEMENT_H
#define CONFIG_PLACEMENT_H

#include "setting_site.h"

/* The CPUs that this process may use, ascending. */
struct placement_cpus {
    uint32_t *numbers;
    size_t count;
};

/* Asks the kernel (sched_getaffinity); the numbers lie in the arena. */
struct result placement_find_cpus(struct arena *arena, struct placement_cpus *ret_cpus);

/*
 * Turns the gateway's workers and cpu_affinity, as written, into worker_count and cpus. What cannot
 * be is reported; fails only with ERROR_OUT_OF_MEMORY.
 */
struct result placement_resolve(const struct loading *loading,
                                const struct placement_cpus *allowed);

#endif
