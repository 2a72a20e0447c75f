/*
 * The steps of a check. What a server sends goes through the gateway's own parser; the body is not
 * waited for.
 */
#include "health_probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

/* Heads of answers, interim ones too. */
#define ANSWER_BYTES_MAX 16384
#define READ_BYTES       4096

static const struct http1_limits limits = HTTP1_LIMITS_DEFAULT;

static void finish(struct health_probe *probe, bool is_good, const char *reason)
{
    probe->state = HEALTH_PROBE_OVER;
    probe->is_good = is_good;
    (void)snprintf(probe->reason, sizeof(probe->reason), "%s", reason);
}

static void fail(struct health_probe *probe, const char *reason)
{
    finish(probe, false, reason);
}

static void fail_with(struct health_probe *probe, int error_number)
{
    char memory[64];
    fail(probe, strerror_r(error_number, memory, sizeof(memory)));
}

static void write_request(struct health_probe *probe, const struct health_server *server)
{
    const struct config_health_check *check = &server->backend->config->health_check;
    struct text text = text_over(probe->request, sizeof(probe->request));
    const char *host =
        check->host.text != NULL ? check->host.text : server->address->server->source.text;
    text_append_format(&text,
                       "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sallyport\r\n"
                       "Accept: */*\r\nConnection: close\r\n\r\n",
                       check->path.text, host);
    CHECK(!text.overflowed); /* the schema bounds both */
    probe->request_length = text.length;
}

/* Connecting. */

static void begin_to_send(struct health_probe *probe)
{
    if (probe->kind == CONFIG_CHECK_TCP) {
        finish(probe, true, "");
        return;
    }
    probe->state = HEALTH_PROBE_SENDING;
}

static void see_connect(struct health_probe *probe)
{
    int error_number = 0;
    socklen_t length = sizeof(error_number);
    (void)getsockopt(probe->descriptor, SOL_SOCKET, SO_ERROR, &error_number, &length);
    if (error_number != 0) {
        fail_with(probe, error_number);
        return;
    }
    begin_to_send(probe);
}

/* What this machine lacks, not the server. */
static bool is_our_lack(int error_number)
{
    return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
           error_number == ENOMEM || error_number == EADDRNOTAVAIL || error_number == EAGAIN;
}

/* 0, or what errno says. */
static int open_and_connect(struct health_probe *probe, const struct backend_address *address)
{
    int family = address->socket_address.ss_family;
    probe->descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe->descriptor < 0) {
        return errno;
    }
    bool is_connected =
        connect(probe->descriptor, (const struct sockaddr *)&address->socket_address,
                address->length_bytes) == 0;
    return is_connected ? 0 : errno;
}

struct result health_probe_start(struct health_probe *probe, struct health_server *server,
                                 uint64_t now_ms)
{
    const struct config_health_check *check = &server->backend->config->health_check;
    CHECK(probe->state == HEALTH_PROBE_FREE);
    int error_number = open_and_connect(probe, server->address);
    if (is_our_lack(error_number)) {
        if (probe->descriptor >= 0) {
            (void)close(probe->descriptor);
        }
        return result_failure(ERROR_LIMIT_REACHED);
    }
    probe->state = HEALTH_PROBE_CONNECTING;
    probe->server = server;
    probe->kind = check->kind;
    probe->status_first = check->statuses.first;
    probe->status_last = check->statuses.last;
    probe->deadline_ms = now_ms + check->timeout_ms;
    probe->sent_bytes = 0;
    probe->received_bytes = 0;
    http1_parser_init(&probe->parser, HTTP1_RESPONSE, &limits);
    http1_parser_expect(&probe->parser, HTTP_METHOD_GET, false);
    write_request(probe, server);
    if (error_number == 0) {
        begin_to_send(probe);
    } else if (error_number != EINPROGRESS) {
        fail_with(probe, error_number);
    }
    return RESULT_OK;
}

short health_probe_events(const struct health_probe *probe)
{
    return probe->state == HEALTH_PROBE_READING ? POLLIN : POLLOUT;
}

/* Asking. */

static void send_request(struct health_probe *probe)
{
    ssize_t length = send(probe->descriptor, probe->request + probe->sent_bytes,
                          probe->request_length - probe->sent_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (length < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            fail_with(probe, errno);
        }
        return;
    }
    probe->sent_bytes += (size_t)length;
    if (probe->sent_bytes == probe->request_length) {
        probe->state = HEALTH_PROBE_READING;
    }
}

static void judge_status(struct health_probe *probe, uint16_t status)
{
    char reason[sizeof(probe->reason)];
    (void)snprintf(reason, sizeof(reason), "it answered with %u, expected %u-%u", status,
                   probe->status_first, probe->status_last);
    finish(probe, status >= probe->status_first && status <= probe->status_last, reason);
}

/* Interim answers (RFC 9110 section 15.2) are passed over; together they are bounded as one is. */
static void feed(struct health_probe *probe, struct bytes input)
{
    struct bytes body;
    while (probe->state == HEALTH_PROBE_READING) {
        enum http1_event event = http1_parser_next(&probe->parser, &input, &body);
        uint16_t status = http1_parser_head(&probe->parser)->status;
        if (event == HTTP1_NEEDS_MORE) {
            return;
        }
        if (event == HTTP1_ERROR) {
            fail(probe, "its answer is not HTTP");
        } else if (event == HTTP1_HEAD && status >= 200) {
            judge_status(probe, status);
        } else if (event == HTTP1_HEAD) {
            http1_parser_reset(&probe->parser);
        }
    }
}

static void read_answer(struct health_probe *probe)
{
    uint8_t memory[READ_BYTES];
    ssize_t length = recv(probe->descriptor, memory, sizeof(memory), MSG_DONTWAIT);
    if (length < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            fail_with(probe, errno);
        }
        return;
    }
    if (length == 0) {
        fail(probe, "it closed before its answer");
        return;
    }
    probe->received_bytes += (size_t)length;
    feed(probe, bytes_from(memory, (size_t)length));
    if (probe->state == HEALTH_PROBE_READING && probe->received_bytes > ANSWER_BYTES_MAX) {
        fail(probe, "the head of its answer is too large");
    }
}

void health_probe_look(struct health_probe *probe, short events, uint64_t now_ms)
{
    if (probe->state == HEALTH_PROBE_CONNECTING && events != 0) {
        see_connect(probe);
    }
    if (probe->state == HEALTH_PROBE_SENDING) {
        send_request(probe);
    } else if (probe->state == HEALTH_PROBE_READING && events != 0) {
        read_answer(probe);
    }
    if (probe->state < HEALTH_PROBE_OVER && now_ms >= probe->deadline_ms) {
        fail(probe, probe->state == HEALTH_PROBE_CONNECTING ? "it takes no connection in time"
                                                            : "it does not answer in time");
    }
}

void health_probe_close(struct health_probe *probe)
{
    if (probe->state == HEALTH_PROBE_FREE) {
        return;
    }
    http1_parser_deinit(&probe->parser);
    if (probe->descriptor >= 0) {
        (void)close(probe->descriptor);
    }
    probe->descriptor = -1;
    probe->server = NULL;
    probe->state = HEALTH_PROBE_FREE;
}
