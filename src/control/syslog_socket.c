/*
 * The socket is connected, so that poll() tells of the logger's room. A logger that was started
 * anew is another one at the same path: it is connected to again.
 */
#include "syslog_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"

#define RECONNECT_MS 1000

/* System daemons (RFC 5424 section 6.2.1). */
#define FACILITY 3

#define HEAD_BYTES_MAX (SYSLOG_HOST_BYTES + 128)

/* 1 to 255 printable characters without blanks, else "-" (RFC 5424 section 6.2.4). */
static void find_host(struct syslog_socket *syslog)
{
    bool is_good = gethostname(syslog->host, sizeof(syslog->host)) == 0;
    syslog->host[sizeof(syslog->host) - 1] = '\0';
    for (const char *at = syslog->host; is_good && *at != '\0'; at++) {
        is_good = *at > ' ' && *at <= '~';
    }
    if (!is_good || syslog->host[0] == '\0') {
        memcpy(syslog->host, "-", sizeof("-"));
    }
}

static bool connect_to_logger(struct syslog_socket *syslog)
{
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) {
        return false;
    }
    if (connect(descriptor, (const struct sockaddr *)&syslog->address, sizeof(syslog->address)) !=
        0) {
        int reason = errno;
        (void)close(descriptor);
        errno = reason;
        return false;
    }
    syslog->descriptor = descriptor;
    return true;
}

static void disconnect(struct syslog_socket *syslog)
{
    if (syslog->descriptor >= 0) {
        (void)close(syslog->descriptor);
    }
    syslog->descriptor = -1;
}

struct result syslog_socket_open(struct syslog_socket *syslog, const char *path)
{
    size_t length = strlen(path);
    *syslog = (struct syslog_socket){.descriptor = -1, .address.sun_family = AF_UNIX};
    CHECK(length < sizeof(syslog->address.sun_path));
    memcpy(syslog->address.sun_path, path, length);
    find_host(syslog);
    return connect_to_logger(syslog) ? RESULT_OK : result_failure(ERROR_FILE);
}

void syslog_socket_close(struct syslog_socket *syslog)
{
    disconnect(syslog);
}

/* Whether the logger is there, or there again. */
static bool is_connected(struct syslog_socket *syslog)
{
    uint64_t now_ms = clock_monotonic_ms();
    if (syslog->descriptor >= 0) {
        return true;
    }
    if (now_ms < syslog->next_connect_ms) {
        errno = ECONNREFUSED;
        return false;
    }
    syslog->next_connect_ms = now_ms + RECONNECT_MS;
    return connect_to_logger(syslog);
}

static bool is_gone(int reason)
{
    return reason == ECONNREFUSED || reason == ECONNRESET || reason == ENOTCONN || reason == EPIPE;
}

/* One datagram, when there is room for it soon. */
static bool send_once(struct syslog_socket *syslog, const struct msghdr *datagram)
{
    for (int tries = 0; tries < LOG_ROOM_TRIES_MAX; tries++) {
        if (sendmsg(syslog->descriptor, datagram, MSG_NOSIGNAL) >= 0) {
            log_room_note_success(&syslog->room);
            return true;
        }
        /* Full: of others' messages, or of ours, which the logger has not read. */
        bool is_full = errno == EAGAIN;
        if (is_full && !log_room_await(&syslog->room, syslog->descriptor)) {
            errno = EAGAIN;
            return false;
        }
        if (!is_full && errno != EINTR) {
            return false;
        }
    }
    return false;
}

bool syslog_socket_send(struct syslog_socket *syslog, const struct syslog_message *message)
{
    char memory[HEAD_BYTES_MAX];
    struct text head = text_over(memory, sizeof(memory));
    text_append_format(&head, "<%u>1 %.*s %s sallyport %d %s - ", FACILITY * 8 + message->severity,
                       (int)message->time.length, (const char *)message->time.at, syslog->host,
                       (int)getpid(), message->kind);
    struct iovec parts[] = {
        {head.at, head.length},
        {(void *)(uintptr_t)message->text.at, message->text.length},
    };
    const struct msghdr datagram = {.msg_iov = parts, .msg_iovlen = 2};
    if (!is_connected(syslog)) {
        return false;
    }
    if (send_once(syslog, &datagram)) {
        return true;
    }
    if (!is_gone(errno)) {
        return false;
    }
    disconnect(syslog);
    return is_connected(syslog) && send_once(syslog, &datagram);
}
