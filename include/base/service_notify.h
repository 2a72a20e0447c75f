/*
 * Telling the service manager how the service is: the datagrams of sd_notify(3), to the socket that
 * NOTIFY_SOCKET names.
 *
 * The control thread's; opened at start and kept, so that a lack of descriptors later does not look
 * like a lack of life. Without NOTIFY_SOCKET every function does nothing. Nothing is ever waited
 * for longer than SERVICE_NOTIFY_PATIENCE_MS, and what could not be sent is nobody's failure.
 */
#ifndef BASE_SERVICE_NOTIFY_H
#define BASE_SERVICE_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/result.h"

/* A service manager that does not read its socket for so long is not told. */
#define SERVICE_NOTIFY_PATIENCE_MS 1000

struct service_notify {
    int descriptor; /* -1: nobody to tell */
    struct sockaddr_un address;
    socklen_t length_bytes;
};

/*
 * socket_name as NOTIFY_SOCKET has it: a path, or @NAME in the abstract namespace; NULL or empty:
 * nobody to tell. ERROR_BAD_INPUT for any other name, ERROR_SYSTEM; then nobody is told either.
 */
struct result service_notify_open(struct service_notify *notify, const char *socket_name);

/* Open or not. */
void service_notify_close(struct service_notify *notify);

/* The service serves: at start, and after every reload, whatever its outcome. status is one line.
 */
void service_notify_ready(const struct service_notify *notify, const char *status);

/* A reload begins; service_notify_ready() must follow. */
void service_notify_reloading(const struct service_notify *notify);

/* The service ends. status is one line. */
void service_notify_stopping(const struct service_notify *notify, const char *status);

/* What `systemctl status` shows. One line. */
void service_notify_status(const struct service_notify *notify, const char *status);

/* The service is alive: WATCHDOG=1. */
void service_notify_alive(const struct service_notify *notify);

#endif
