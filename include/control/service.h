/*
 * The gateway as a service: what it tells the service manager (sd_notify), and what keeps the
 * manager's watchdog fed. Owner: the control thread, from start to end.
 *
 * Whoever reloads calls service_reloading() first and service_ready() at the end whatever came of
 * it: a service manager that hears nothing more waits forever.
 */
#ifndef CONTROL_SERVICE_H
#define CONTROL_SERVICE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct service;

/*
 * Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment; without them nothing
 * below does anything. A NOTIFY_SOCKET that cannot be used is warned of. ERROR_OUT_OF_MEMORY.
 */
struct result service_create(size_t worker_count_max, struct service **ret_service);

/* Accepts NULL, as all below do. */
void service_destroy(struct service *service);

/*
 * How long a worker may sleep at most, so that its counter moves often enough for the watchdog;
 * at most limit_ms.
 */
uint32_t service_sleep_limit_ms(const struct service *service, uint32_t limit_ms);

/* A worker's counter of turns; WATCHDOG_ENDED of watchdog.h once the worker has ended. */
void service_watch(struct service *service, const _Atomic uint64_t *turn_count);

/* Each with one line of text that says how things are. */
[[gnu::format(printf, 2, 3)]] void service_ready(struct service *service, const char *format, ...);
[[gnu::format(printf, 2, 3)]] void service_stopping(struct service *service, const char *format,
                                                    ...);

void service_reloading(struct service *service);

/* To be called every service_wait_ms(): feeds the watchdog if every worker has made progress. */
void service_look(struct service *service);

/* How long the control thread may sleep, in milliseconds. */
uint32_t service_wait_ms(const struct service *service);

#endif
