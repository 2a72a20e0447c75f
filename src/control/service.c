/* From the environment to the service manager: see service_notify.h and watchdog.h. */
#include "control/service.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/service_notify.h"
#include "control/message_log.h"
#include "watchdog.h"

#define STATUS_BYTES_MAX 256

struct service {
    struct service_notify notify;
    struct watchdog watchdog;
};

static void open_notify(struct service *service)
{
    const char *socket_name = getenv("NOTIFY_SOCKET");
    struct result result = service_notify_open(&service->notify, socket_name);
    if (!result_is_ok(result)) {
        message_log_say(MESSAGE_WARNING,
                        "warning: NOTIFY_SOCKET = %s: %s; the service manager is told nothing",
                        socket_name, result_text(result));
    }
}

struct result service_create(size_t worker_count_max, struct service **ret_service)
{
    uint32_t limit_ms =
        watchdog_read_limit_ms(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"), (uint64_t)getpid());
    struct service *service = calloc(1, sizeof(*service));
    if (service == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct result result = watchdog_init(&service->watchdog, limit_ms, worker_count_max);
    if (!result_is_ok(result)) {
        free(service);
        return result;
    }
    open_notify(service);
    *ret_service = service;
    return RESULT_OK;
}

void service_destroy(struct service *service)
{
    if (service == NULL) {
        return;
    }
    service_notify_close(&service->notify);
    watchdog_deinit(&service->watchdog);
    free(service);
}

uint32_t service_sleep_limit_ms(const struct service *service, uint32_t limit_ms)
{
    if (service == NULL || service->watchdog.period_ms == 0) {
        return limit_ms;
    }
    return service->watchdog.period_ms < limit_ms ? service->watchdog.period_ms : limit_ms;
}

void service_watch(struct service *service, const _Atomic uint64_t *turn_count)
{
    if (service != NULL) {
        watchdog_watch(&service->watchdog, turn_count);
    }
}

void service_ready(struct service *service, const char *format, ...)
{
    char status[STATUS_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(status, sizeof(status), format, arguments);
    va_end(arguments);
    if (service != NULL) {
        service_notify_ready(&service->notify, status);
    }
}

void service_stopping(struct service *service, const char *format, ...)
{
    char status[STATUS_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(status, sizeof(status), format, arguments);
    va_end(arguments);
    if (service != NULL) {
        service_notify_stopping(&service->notify, status);
    }
}

void service_reloading(struct service *service)
{
    if (service != NULL) {
        service_notify_reloading(&service->notify);
    }
}

void service_look(struct service *service)
{
    if (service != NULL && watchdog_look(&service->watchdog, clock_monotonic_ms())) {
        service_notify_alive(&service->notify);
    }
}

uint32_t service_wait_ms(const struct service *service)
{
    return service == NULL ? UINT32_MAX
                           : watchdog_wait_ms(&service->watchdog, clock_monotonic_ms());
}
