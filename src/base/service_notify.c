/*
 * A datagram for each change, of lines NAME=VALUE. The address is given anew each time instead of
 * connecting once: a service manager that executes itself anew stays reachable.
 */
#include "base/service_notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define STATE_BYTES_MAX 512

/* False when it is neither a path nor an abstract name, or does not fit. */
static bool name_address(struct service_notify *notify, const char *socket_name)
{
    size_t length = strlen(socket_name);
    if ((socket_name[0] != '/' && socket_name[0] != '@') || length < 2 ||
        length >= sizeof(notify->address.sun_path)) {
        return false;
    }
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, socket_name, length);
    if (socket_name[0] == '@') {
        notify->address.sun_path[0] = '\0';
    }
    /* The length is part of an abstract name (unix(7)): no NUL at its end. */
    notify->length_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

struct result service_notify_open(struct service_notify *notify, const char *socket_name)
{
    const struct timeval patience = {.tv_sec = SERVICE_NOTIFY_PATIENCE_MS / 1000,
                                     .tv_usec = SERVICE_NOTIFY_PATIENCE_MS % 1000 * 1000};
    *notify = (struct service_notify){.descriptor = -1};
    if (socket_name == NULL || socket_name[0] == '\0') {
        return RESULT_OK;
    }
    if (!name_address(notify, socket_name)) {
        return result_failure(ERROR_BAD_INPUT);
    }
    notify->descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notify->descriptor < 0) {
        return result_failure(ERROR_SYSTEM);
    }
    (void)setsockopt(notify->descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    return RESULT_OK;
}

void service_notify_close(struct service_notify *notify)
{
    if (notify->descriptor >= 0) {
        (void)close(notify->descriptor);
        notify->descriptor = -1;
    }
}

static void tell(const struct service_notify *notify, const struct text *state)
{
    if (notify->descriptor >= 0) {
        (void)sendto(notify->descriptor, state->at, state->length, MSG_NOSIGNAL,
                     (const struct sockaddr *)&notify->address, notify->length_bytes);
    }
}

/* A line break in a status would begin another variable. */
static void append_status(struct text *state, const char *status)
{
    text_append_string(state, "STATUS=");
    for (; *status != '\0'; status++) {
        text_append_char(state, *status == '\n' ? ' ' : *status);
    }
    text_append_char(state, '\n');
}

static void tell_with_status(const struct service_notify *notify, const char *lines,
                             const char *status)
{
    char memory[STATE_BYTES_MAX];
    struct text state = text_over(memory, sizeof(memory));
    text_append_string(&state, lines);
    append_status(&state, status);
    tell(notify, &state);
}

void service_notify_ready(const struct service_notify *notify, const char *status)
{
    tell_with_status(notify, "READY=1\n", status);
}

void service_notify_reloading(const struct service_notify *notify)
{
    char memory[STATE_BYTES_MAX];
    struct text state = text_over(memory, sizeof(memory));
    /* The time lets the service manager tell this reload from an earlier one (Type=notify-reload).
     */
    text_append_format(&state, "RELOADING=1\nMONOTONIC_USEC=%llu\n",
                       (unsigned long long)(clock_monotonic_ns() / 1000));
    append_status(&state, "reloading the configuration");
    tell(notify, &state);
}

void service_notify_stopping(const struct service_notify *notify, const char *status)
{
    tell_with_status(notify, "STOPPING=1\n", status);
}

void service_notify_status(const struct service_notify *notify, const char *status)
{
    tell_with_status(notify, "", status);
}

void service_notify_alive(const struct service_notify *notify)
{
    char memory[] = "WATCHDOG=1\n";
    const struct text state = {.at = memory, .length = sizeof(memory) - 1};
    tell(notify, &state);
}
