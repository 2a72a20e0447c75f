/*
 * workers and cpu_affinity, resolved for this machine. A list is the user's word and must fit; auto
 * gives way: with more workers than CPUs nothing is pinned, since two workers on one CPU would wait
 * for each other.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/config_limits.h"
#include "placement.h"
#include "value.h"

#define CPU_SET_BYTES CPU_ALLOC_SIZE(CONFIG_CPU_NUMBER_MAX + 1)

struct result placement_find_cpus(struct arena *arena, struct placement_cpus *ret_cpus)
{
    cpu_set_t *set = arena_allocate(arena, 1, CPU_SET_BYTES);
    uint32_t *numbers = arena_allocate(arena, CONFIG_CPU_NUMBER_MAX + 1, sizeof(*numbers));
    size_t count = 0;
    if (set == NULL || numbers == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (sched_getaffinity(0, CPU_SET_BYTES, set) != 0) {
        return result_failure(ERROR_SYSTEM);
    }
    for (uint32_t i = 0; i <= CONFIG_CPU_NUMBER_MAX; i++) {
        if (CPU_ISSET_S(i, CPU_SET_BYTES, set)) {
            numbers[count++] = i;
        }
    }
    *ret_cpus = (struct placement_cpus){.numbers = numbers, .count = count};
    return RESULT_OK;
}

static bool holds(const struct placement_cpus *cpus, uint32_t number)
{
    for (size_t i = 0; i < cpus->count; i++) {
        if (cpus->numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* A default has no place; a complaint about it points at nothing. */
static void complain(const struct loading *loading, enum diagnostic_severity severity,
                     const char *key, const struct config_text *setting, const char *message)
{
    diagnostics_add(loading->diagnostics, severity, setting->place, "[gateway] %s = %s: %s", key,
                    setting->text, message);
}

static bool expand_number(const struct loading *loading, const struct placement_cpus *allowed,
                          uint32_t number, struct placement_cpus *list)
{
    const struct config_text *setting = &loading->config->gateway.cpu_affinity;
    char message[128];
    const char *mistake = NULL;
    if (holds(list, number)) {
        mistake = "stands twice in the list: expected it once";
    } else if (!holds(allowed, number)) {
        mistake =
            "is not one that this process may use: expected one of its own (see nproc, taskset)";
    } else if (list->count == CONFIG_WORKERS_MAX) {
        mistake = "is one too many: expected 256 at most";
    }
    if (mistake != NULL) {
        (void)snprintf(message, sizeof(message), "CPU %u %s", number, mistake);
        complain(loading, DIAGNOSTIC_ERROR, "cpu_affinity", setting, message);
        return false;
    }
    list->numbers[list->count++] = number;
    return true;
}

/* The CPUs of 0-3,6 in that order, up to the first mistake. */
static bool expand_list(const struct loading *loading, const struct placement_cpus *allowed,
                        struct placement_cpus *list)
{
    struct bytes rest = bytes_from_string(loading->config->gateway.cpu_affinity.text);
    while (rest.length > 0) {
        uint32_t first = 0;
        uint32_t last = 0;
        if (!value_take_range(&rest, CONFIG_CPU_NUMBER_MAX, &first, &last)) {
            return false; /* reported when it was parsed */
        }
        for (uint32_t number = first; number <= last; number++) {
            if (!expand_number(loading, allowed, number, list)) {
                return false;
            }
        }
    }
    return true;
}

static uint32_t count_workers(const struct config_gateway *gateway, size_t cpu_count)
{
    uint64_t wanted = 0;
    if (!bytes_to_number(bytes_from_string(gateway->workers.text), CONFIG_WORKERS_MAX, &wanted)) {
        wanted = cpu_count < CONFIG_WORKERS_MAX ? cpu_count : CONFIG_WORKERS_MAX;
    }
    return (uint32_t)wanted;
}

static void place_on_list(const struct loading *loading, const struct placement_cpus *allowed,
                          struct placement_cpus *list)
{
    struct config_gateway *gateway = &loading->config->gateway;
    char message[128];
    if (!expand_list(loading, allowed, list)) {
        return;
    }
    gateway->worker_count = count_workers(gateway, list->count);
    gateway->cpus = list->numbers;
    if (gateway->worker_count > list->count) {
        (void)snprintf(message, sizeof(message),
                       "expected %zu at most, one for each CPU of cpu_affinity = %.60s",
                       list->count, gateway->cpu_affinity.text);
        complain(loading, DIAGNOSTIC_ERROR, "workers", &gateway->workers, message);
    }
}

static void place_on_allowed(const struct loading *loading, const struct placement_cpus *allowed)
{
    struct config_gateway *gateway = &loading->config->gateway;
    char message[128];
    gateway->worker_count = count_workers(gateway, allowed->count);
    gateway->cpus = allowed->numbers;
    if (gateway->worker_count > allowed->count) {
        gateway->cpus = NULL;
        (void)snprintf(message, sizeof(message),
                       "more than the %zu %s that this process may use: workers are not pinned",
                       allowed->count, text_noun(allowed->count, "CPU", "CPUs"));
        complain(loading, DIAGNOSTIC_WARNING, "workers", &gateway->workers, message);
    }
}

struct result placement_resolve(const struct loading *loading, const struct placement_cpus *allowed)
{
    struct config_gateway *gateway = &loading->config->gateway;
    struct placement_cpus list = {0};
    if (gateway->workers.text == NULL || gateway->cpu_affinity.text == NULL) {
        return RESULT_OK; /* one of them was wrong, and has been reported */
    }
    list.numbers =
        arena_allocate(loading->document->arena, CONFIG_WORKERS_MAX, sizeof(*list.numbers));
    if (list.numbers == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (strcmp(gateway->cpu_affinity.text, "off") == 0) {
        gateway->worker_count = count_workers(gateway, allowed->count);
    } else if (strcmp(gateway->cpu_affinity.text, "auto") == 0) {
        place_on_allowed(loading, allowed);
    } else {
        place_on_list(loading, allowed, &list);
    }
    return RESULT_OK;
}
