/* Reading one request, writing one answer, and an end that lets the answer arrive. */
#include "stats_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/stats_server.h"
#include "http/request_uri.h"

#define READ_LIMIT_MS   5000
#define WRITE_LIMIT_MS  5000
#define LINGER_LIMIT_MS 1000
#define READ_BYTES      4096

static const struct http1_limits limits = {
    .target_bytes_max = 1024, .fields_bytes_max = STATS_REQUEST_BYTES_MAX, .field_count_max = 64};

void stats_client_open(struct stats_client *client, int descriptor, uint64_t number,
                       uint64_t now_ms)
{
    client->state = STATS_CLIENT_READING;
    client->descriptor = descriptor;
    client->number = number;
    client->deadline_ms = now_ms + READ_LIMIT_MS;
    client->received_bytes = 0;
    client->fault_status = 0;
    client->action = STATS_NO_ACTION;
    client->answer = NULL;
    client->answer_length = 0;
    client->sent_bytes = 0;
    http1_parser_init(&client->parser, HTTP1_REQUEST, &limits);
}

void stats_client_close(struct stats_client *client)
{
    if (client->state == STATS_CLIENT_FREE) {
        return;
    }
    http1_parser_deinit(&client->parser);
    free(client->answer);
    client->answer = NULL;
    (void)close(client->descriptor);
    client->descriptor = -1;
    client->state = STATS_CLIENT_FREE;
}

short stats_client_events(const struct stats_client *client)
{
    switch (client->state) {
    case STATS_CLIENT_READING:
    case STATS_CLIENT_LINGERING:
        return POLLIN;
    case STATS_CLIENT_WRITING:
        return POLLOUT;
    case STATS_CLIENT_FREE:
    case STATS_CLIENT_ASKED:
    case STATS_CLIENT_WAITING:
    case STATS_CLIENT_ACTING:
    default:
        return 0;
    }
}

static void refuse(struct stats_client *client, uint16_t status)
{
    client->fault_status = status;
    client->state = STATS_CLIENT_ASKED;
}

/* A body is taken and forgotten: no path has a use for one. */
static void feed(struct stats_client *client, struct bytes input)
{
    struct bytes body;
    while (client->state == STATS_CLIENT_READING) {
        switch (http1_parser_next(&client->parser, &input, &body)) {
        case HTTP1_HEAD:
        case HTTP1_BODY:
            break;
        case HTTP1_END:
            client->state = STATS_CLIENT_ASKED;
            break;
        case HTTP1_ERROR:
            refuse(client, http1_fault_status(http1_parser_fault(&client->parser)));
            break;
        case HTTP1_NEEDS_MORE:
        default:
            return;
        }
    }
}

/* Bytes that came; 0 when there is nothing more for now. */
static size_t receive(struct stats_client *client, uint8_t *memory, size_t size)
{
    ssize_t length = recv(client->descriptor, memory, size, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (length <= 0) {
        stats_client_close(client);
        return 0;
    }
    return (size_t)length;
}

static void read_question(struct stats_client *client)
{
    uint8_t memory[READ_BYTES];
    size_t length = receive(client, memory, sizeof(memory));
    client->received_bytes += length;
    if (length > 0 && client->received_bytes > STATS_REQUEST_BYTES_MAX) {
        refuse(client, 413);
    } else if (length > 0) {
        feed(client, bytes_from(memory, length));
    }
}

static void write_answer(struct stats_client *client, uint64_t now_ms)
{
    size_t left = client->answer_length - client->sent_bytes;
    ssize_t length = send(client->descriptor, client->answer + client->sent_bytes, left,
                          MSG_DONTWAIT | MSG_NOSIGNAL);
    if (length < 0 && errno != EAGAIN && errno != EINTR) {
        stats_client_close(client);
        return;
    }
    client->sent_bytes += length > 0 ? (size_t)length : 0;
    if (client->sent_bytes == client->answer_length) {
        (void)shutdown(client->descriptor, SHUT_WR); /* one that is gone is seen at the next read */
        client->state = STATS_CLIENT_LINGERING;
        client->deadline_ms = now_ms + LINGER_LIMIT_MS;
    }
}

void stats_client_look(struct stats_client *client, short events, uint64_t now_ms)
{
    uint8_t memory[READ_BYTES];
    switch (client->state) {
    case STATS_CLIENT_READING:
        read_question(client);
        return;
    case STATS_CLIENT_WRITING:
        write_answer(client, now_ms);
        return;
    case STATS_CLIENT_LINGERING:
        (void)receive(client, memory, sizeof(memory));
        return;
    case STATS_CLIENT_WAITING:
    case STATS_CLIENT_ACTING:
        if ((events & (POLLHUP | POLLERR)) != 0) {
            stats_client_close(client);
        }
        return;
    case STATS_CLIENT_FREE:
    case STATS_CLIENT_ASKED:
    default:
        return;
    }
}

struct stats_question stats_client_question(const struct stats_client *client)
{
    const struct http1_head *head = http1_parser_head(&client->parser);
    struct request_uri uri = {0};
    /* A server must take the absolute form as well (RFC 9112 3.2.2). */
    (void)request_uri_split(head->target, &uri); /* the parser refuses what is in no form */
    return (struct stats_question){
        .method = head->method,
        .path = uri.path,
        .query = uri.query,
        .host = head->host,
        .rights = client->rights,
        .is_over_network = client->is_over_network,
    };
}

void stats_client_answer(struct stats_client *client, char *answer, size_t length, uint64_t now_ms)
{
    client->answer = answer;
    client->answer_length = length;
    client->state = STATS_CLIENT_WRITING;
    client->deadline_ms = now_ms + WRITE_LIMIT_MS;
    write_answer(client, now_ms);
}

bool stats_client_is_late(const struct stats_client *client, uint64_t now_ms)
{
    bool has_deadline = client->state == STATS_CLIENT_READING ||
                        client->state == STATS_CLIENT_WRITING ||
                        client->state == STATS_CLIENT_LINGERING;
    return has_deadline && now_ms >= client->deadline_ms;
}
