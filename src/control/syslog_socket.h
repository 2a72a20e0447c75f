/*
 * The system's logger: a message a datagram (RFC 5424) to a UNIX socket, as /dev/log is. Belongs to
 * the log writer; opened by the control thread before.
 */
#ifndef CONTROL_SYSLOG_SOCKET_H
#define CONTROL_SYSLOG_SOCKET_H

#include <stdint.h>
#include <sys/un.h>

#include "base/bytes.h"
#include "base/result.h"
#include "log_room.h"

/* POSIX's HOST_NAME_MAX and a NUL. */
#define SYSLOG_HOST_BYTES 256

struct syslog_socket {
    int descriptor; /* -1: nobody listens */
    struct sockaddr_un address;
    struct log_room room;
    uint64_t next_connect_ms; /* a logger that is gone is looked for at times */
    char host[SYSLOG_HOST_BYTES];
};

/* path: shorter than sun_path. ERROR_FILE with errno set; then nothing is open. */
struct result syslog_socket_open(struct syslog_socket *syslog, const char *path);

/* Accepts a zeroed one. */
void syslog_socket_close(struct syslog_socket *syslog);

struct syslog_message {
    unsigned severity; /* RFC 5424 section 6.2.1 */
    struct bytes time; /* RFC 3339 */
    const char *kind;  /* MSGID */
    struct bytes text;
};

/* False, with errno set, when the logger does not take it; never waits longer than log_room. */
bool syslog_socket_send(struct syslog_socket *syslog, const struct syslog_message *message);

#endif
