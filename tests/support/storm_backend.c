/*
 * An HTTP backend that goes wrong as often as it is told to and remembers what reached it. One
 * thread, epoll, plain TCP; started by support/storm.py.
 *
 *     storm_backend SEED REQUESTS_MAX LATE_MS FLAP_MS [FAULT=PER_MYRIAD ...]
 *
 * A request's target is /NUMBER, and its answer repeats that number. A number counts as arrived
 * once its head is here, before anything goes wrong. Standard output: `port N` at the start, lines
 * `NAME VALUE` once standard input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "storm_answer.h"
#include "storm_fault.h"

#define DESCRIPTORS_MAX    4096
#define HEAD_BYTES_MAX     32768
#define SOCKET_BYTES       (1 << 20)
#define EVENTS_MAX         256
#define NANOSECONDS_PER_MS 1000000LL

struct conversation {
    bool is_open;
    bool is_answered; /* AT_HEAD: the rest of the request is read and then forgotten */
    bool has_request; /* its head is here */
    bool is_head_method;
    unsigned long number;
    unsigned long body_left;
    struct fault *fault;
    enum ending pending; /* KEEP: nothing is to be done later */
    long long due_ns;
    size_t length;
    char buffer[HEAD_BYTES_MAX];
};

/* What is known of a request number. */
struct arrival {
    uint8_t heads;
    bool is_idempotent;
    bool is_begun; /* a part of an answer left on a connection that was closed in order: it has
                      arrived */
};

static struct conversation *conversations[DESCRIPTORS_MAX];
static struct arrival *arrivals;
static unsigned long arrivals_max;
static unsigned long connection_count;
static unsigned long asked_again_count;
static unsigned long flap_count;
static unsigned pending_count;
static long long late_ns;
static int poller;
static int listener = -1;
static struct sockaddr_in address;

[[gnu::noreturn, gnu::format(printf, 1, 2)]] static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, ": %s\n", strerror(errno));
    exit(1);
}

static long long now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Connections. */

static void watch(int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        die("epoll_ctl");
    }
}

static void open_listener(void)
{
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, DESCRIPTORS_MAX) != 0) {
        die("listen");
    }
    watch(listener);
}

static void end(int descriptor, bool is_reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    struct conversation *conversation = conversations[descriptor];
    if (is_reset) {
        (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }
    pending_count -= conversation->pending != KEEP;
    conversation->pending = KEEP;
    conversation->is_open = false;
    (void)close(descriptor);
}

static void send_all(int descriptor, const char *bytes, size_t length)
{
    ssize_t sent = send(descriptor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0 && (size_t)sent < length) {
        die("an answer did not fit into the socket's buffer");
    }
}

/* Answers. */

static void send_shape(int descriptor, enum shape shape)
{
    char answer[STORM_ANSWER_BYTES_MAX];
    const struct conversation *conversation = conversations[descriptor];
    send_all(
        descriptor, answer,
        storm_answer_compose(answer, conversation->number, conversation->is_head_method, shape));
}

static void put_off(struct conversation *conversation, enum ending ending)
{
    conversation->pending = ending;
    conversation->due_ns = now_ns() + (ending == LATE ? late_ns : NANOSECONDS_PER_MS);
    pending_count++;
}

/* Does to the connection what its fault says. */
static void act(int descriptor)
{
    struct conversation *conversation = conversations[descriptor];
    struct fault *fault = conversation->fault;
    /* A reset may take back what was sent before it. */
    bool is_reset = fault->ending == RESET || fault->ending == RESET_LATER;
    fault->count++;
    if (fault->ending == LATE) {
        put_off(conversation, LATE);
        return;
    }
    if (fault->shape != NOTHING) {
        send_shape(descriptor, fault->shape);
    }
    if (fault->shape != NOTHING && !is_reset && fault->moment == AT_END) {
        arrivals[conversation->number].is_begun = true;
    }
    switch (fault->ending) {
    case CLOSE:
    case RESET:
        end(descriptor, fault->ending == RESET);
        break;
    case HALF_CLOSE:
        (void)shutdown(descriptor, SHUT_WR);
        break;
    case RESET_LATER:
    case CLOSE_LATER:
        put_off(conversation, fault->ending);
        break;
    case KEEP:
    case LATE:
    default:
        break;
    }
}

/* Requests. */

static bool is_idempotent(const char *head)
{
    static const char *const methods[] = {"GET ", "HEAD ", "OPTIONS ", "PUT ", "DELETE "};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strncmp(head, methods[i], strlen(methods[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void note_arrival(struct conversation *conversation, const char *head)
{
    if (conversation->number == 0 || conversation->number >= arrivals_max) {
        die("request number %lu", conversation->number);
    }
    struct arrival *arrival = &arrivals[conversation->number];
    asked_again_count += arrival->is_begun;
    arrival->heads = (uint8_t)(arrival->heads + (arrival->heads < UINT8_MAX));
    arrival->is_idempotent = is_idempotent(head);
}

/* Takes a head out of the buffer; false when it is not whole yet. */
static bool take_head(struct conversation *conversation)
{
    char *mark = memmem(conversation->buffer, conversation->length, "\r\n\r\n", 4);
    if (mark == NULL) {
        return false;
    }
    *mark = '\0';
    const char *head = conversation->buffer;
    const char *target = strchr(head, '/');
    const char *length = strcasestr(head, "\r\ncontent-length:");
    if (target == NULL) {
        die("no request: %s", head);
    }
    conversation->number = strtoul(target + 1, NULL, 10);
    conversation->body_left = length == NULL ? 0 : strtoul(strchr(length, ':') + 1, NULL, 10);
    conversation->is_head_method = strncmp(head, "HEAD ", 5) == 0;
    conversation->has_request = true;
    conversation->is_answered = false;
    note_arrival(conversation, head);
    size_t size = (size_t)(mark - conversation->buffer) + 4;
    conversation->length -= size;
    memmove(conversation->buffer, mark + 4, conversation->length);
    return true;
}

static void take_body(struct conversation *conversation)
{
    size_t taken = conversation->length < conversation->body_left ? conversation->length
                                                                  : conversation->body_left;
    conversation->body_left -= taken;
    conversation->length -= taken;
    memmove(conversation->buffer, conversation->buffer + taken, conversation->length);
}

/* Goes as far as the bytes that are here allow. */
static void advance(int descriptor)
{
    struct conversation *conversation = conversations[descriptor];
    while (conversation->is_open && conversation->pending == KEEP) {
        if (!conversation->has_request) {
            if (!take_head(conversation)) {
                return;
            }
            conversation->fault = storm_fault_draw(false);
            enum moment moment = conversation->fault->moment;
            if (moment == AT_HEAD || (moment == IN_REQUEST_BODY && conversation->body_left == 0)) {
                conversation->is_answered = true;
                act(descriptor);
                continue;
            }
        }
        take_body(conversation);
        if (conversation->fault->moment == IN_REQUEST_BODY && !conversation->is_answered) {
            conversation->is_answered = true;
            act(descriptor);
            continue;
        }
        if (conversation->body_left > 0) {
            return;
        }
        conversation->has_request = false;
        if (!conversation->is_answered) {
            act(descriptor);
        }
    }
}

static void receive(int descriptor)
{
    struct conversation *conversation = conversations[descriptor];
    size_t room = sizeof(conversation->buffer) - conversation->length;
    ssize_t got = room == 0 ? 0
                            : recv(descriptor, conversation->buffer + conversation->length, room,
                                   MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        end(descriptor, false);
        return;
    }
    conversation->length += (size_t)got;
    advance(descriptor);
}

static void accept_all(void)
{
    int descriptor;
    int on = 1;
    int size = SOCKET_BYTES;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (descriptor >= DESCRIPTORS_MAX) {
            die("too many connections");
        }
        if (conversations[descriptor] == NULL) {
            conversations[descriptor] = malloc(sizeof(struct conversation));
        }
        struct conversation *conversation = conversations[descriptor];
        *conversation = (struct conversation){.is_open = true, .fault = storm_fault_draw(true)};
        connection_count++;
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        if (conversation->fault->moment == AT_ACCEPT) {
            act(descriptor);
        } else {
            watch(descriptor);
        }
    }
}

/* What is due by the clock. */

static void do_pending(void)
{
    long long now = now_ns();
    for (int descriptor = 0; descriptor < DESCRIPTORS_MAX && pending_count > 0; descriptor++) {
        struct conversation *conversation = conversations[descriptor];
        if (conversation == NULL || !conversation->is_open || conversation->pending == KEEP ||
            conversation->due_ns > now) {
            continue;
        }
        if (conversation->pending == LATE) {
            conversation->pending = KEEP;
            pending_count--;
            send_shape(descriptor, WHOLE);
            advance(descriptor);
        } else {
            end(descriptor, conversation->pending == RESET_LATER);
        }
    }
}

/* Down with all connections, or up again. */
static void flap(void)
{
    flap_count++;
    if (listener < 0) {
        open_listener();
        return;
    }
    (void)close(listener);
    listener = -1;
    for (int descriptor = 0; descriptor < DESCRIPTORS_MAX; descriptor++) {
        if (conversations[descriptor] != NULL && conversations[descriptor]->is_open) {
            end(descriptor, storm_answer_draw(2) == 0);
        }
    }
}

static void report(void)
{
    unsigned long arrived = 0, unsafe = 0, unsafe_doubled = 0, repeated = 0;
    unsigned most = 0;
    for (unsigned long number = 0; number < arrivals_max; number++) {
        const struct arrival *arrival = &arrivals[number];
        arrived += arrival->heads > 0;
        unsafe += arrival->heads > 0 && !arrival->is_idempotent;
        unsafe_doubled += arrival->heads > 1 && !arrival->is_idempotent;
        repeated += arrival->heads > 1;
        most = arrival->heads > most ? arrival->heads : most;
    }
    printf("arrived %lu\nunsafe %lu\nunsafe_doubled %lu\nrepeated %lu\nmost %u\nasked_again "
           "%lu\nconnections %lu\nflaps %lu\n",
           arrived, unsafe, unsafe_doubled, repeated, most, asked_again_count, connection_count,
           flap_count);
    storm_fault_report();
}

static void serve(long long flap_ns)
{
    struct epoll_event events[EVENTS_MAX];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    long long flap_due_ns = now_ns() + flap_ns;
    char ignored[64];
    while (true) {
        int count =
            epoll_wait(poller, events, EVENTS_MAX, pending_count > 0 || flap_ns > 0 ? 1 : 20);
        for (int i = 0; i < count; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) {
                accept_all();
            } else if (conversations[descriptor] != NULL && conversations[descriptor]->is_open) {
                receive(descriptor);
            }
        }
        do_pending();
        if (flap_ns > 0 && now_ns() >= flap_due_ns) {
            flap();
            flap_due_ns += flap_ns; /* as often as was told, however late this one was */
        }
        if (poll(&input, 1, 0) > 0 && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0) {
            return;
        }
    }
}

int main(int count, char **arguments)
{
    socklen_t size = sizeof(address);
    if (count < 5) {
        die("usage: storm_backend SEED REQUESTS_MAX LATE_MS FLAP_MS [FAULT=PER_MYRIAD ...]");
    }
    storm_answer_seed(strtoull(arguments[1], NULL, 10));
    arrivals_max = strtoul(arguments[2], NULL, 10);
    late_ns = strtoll(arguments[3], NULL, 10) * NANOSECONDS_PER_MS;
    if (!storm_fault_plan(count - 5, arguments + 5)) {
        die("unknown fault");
    }
    arrivals = calloc(arrivals_max, sizeof(*arrivals));
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (arrivals == NULL || poller < 0) {
        die("start");
    }
    address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    open_listener();
    (void)getsockname(listener, (struct sockaddr *)&address, &size);
    printf("port %u\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    serve(strtoll(arguments[4], NULL, 10) * NANOSECONDS_PER_MS);
    report();
    return 0;
}
