/*
 * An OCSP responder on the loopback that does as it is told, on threads of its own, and the
 * questions that it understands: the request is a line of text, the answer what ocsp_fakes.h
 * believes. One include a program.
 */
#ifndef TESTS_FAKE_OCSP_RESPONDER_H
#define TESTS_FAKE_OCSP_RESPONDER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "ocsp_fakes.h"
#include "trust/ocsp_request.h"

#define OCSP_RESPONDER_CONNECTION_COUNT_MAX 4096
#define OCSP_RESPONDER_FAR_AWAY             INT64_C(99999999999)

struct result ocsp_question_copy(const struct ocsp_question *question,
                                 struct ocsp_question **ret_question)
{
    return ocsp_question_restore(question->serial, question->issuer, question->url, ret_question);
}

size_t ocsp_request_write(const struct ocsp_question *question, struct bytes nonce,
                          uint8_t ret_request[OCSP_REQUEST_SIZE_MAX])
{
    int length = snprintf((char *)ret_request, OCSP_REQUEST_SIZE_MAX, "status of %.*s %s\n",
                          (int)question->serial.length, (const char *)question->serial.at,
                          nonce.length > 0 ? "with nonce" : "plain");
    return bytes_equal(question->serial, BYTES_OF("impossible")) ? 0 : (size_t)length;
}

enum ocsp_behaviour {
    BEHAVES_WELL,
    BEHAVES_AND_CLOSES, /* HTTP/1.0, until the close, as openssl ocsp */
    BEHAVES_IN_CHUNKS,
    BEHAVES_AND_CHATTERS, /* a byte more than it should, on a connection that it keeps */
    CLOSES_AT_ONCE,
    CLOSES_HALFWAY,
    CLOSES_WHEN_USED_AGAIN, /* else behaves well */
    HANGS,
    HANGS_UNTIL_RELEASED, /* then behaves well */
    DRIPS,
    REDIRECTS,
    FAILS_WITH_500,
    SENDS_TOO_MUCH,
    SENDS_TOO_MUCH_UNSAID,
    SENDS_GARBAGE,
    SENDS_HTML,
    SENDS_NOTHING_AS_BODY,
    SENDS_FORGED,
    INTERRUPTS_FOR_EVER, /* with 103 */
    OCSP_BEHAVIOUR_COUNT,
};

struct ocsp_responder {
    int listener;
    uint16_t port;
    pthread_t acceptor;
    atomic_int behaviour;
    atomic_int status; /* enum ocsp_status of every certificate */
    atomic_int life_seconds;
    atomic_int age_seconds; /* thisUpdate is so long ago */
    atomic_bool is_released;
    atomic_bool is_ended;
    atomic_bool is_random; /* a behaviour by dice for each request */
    atomic_uint request_count;
    atomic_uint get_count;
    atomic_uint connection_count;
    atomic_uint busy_count;
    atomic_uint busy_count_max;
    atomic_int descriptors[OCSP_RESPONDER_CONNECTION_COUNT_MAX];
    pthread_t threads[OCSP_RESPONDER_CONNECTION_COUNT_MAX];
    pthread_mutex_t mutex;
    char last_request[4096]; /* with the mutex */
};

struct ocsp_conversation {
    struct ocsp_responder *responder;
    int descriptor;
    uint32_t number;        /* of the connection */
    uint32_t request_count; /* on it */
    struct dice dice;
    char request[4096];
    char serial[64];
};

static bool ocsp_responder_send(int descriptor, const char *words, size_t length)
{
    return send(descriptor, words, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool ocsp_responder_say(int descriptor, const char *words)
{
    return ocsp_responder_send(descriptor, words, strlen(words));
}

/* Until the head and what it announces are there; false: the peer is gone. */
static bool ocsp_responder_read(struct ocsp_conversation *talk)
{
    size_t length = 0;
    for (;;) {
        ssize_t got =
            recv(talk->descriptor, talk->request + length, sizeof(talk->request) - 1 - length, 0);
        if (got <= 0) {
            return false;
        }
        length += (size_t)got;
        talk->request[length] = '\0';
        const char *end = strstr(talk->request, "\r\n\r\n");
        const char *announced = strstr(talk->request, "Content-Length: ");
        size_t body = announced == NULL ? 0 : strtoul(announced + 16, NULL, 10);
        if (end != NULL && length >= (size_t)(end + 4 - talk->request) + body) {
            return true;
        }
    }
}

static uint8_t ocsp_responder_sextet(char letter)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(letters, letter);
    return at == NULL ? 0 : (uint8_t)(at - letters);
}

/* The Base64 at the end of a GET's path; letters and digits are all that our requests come to. */
static void ocsp_responder_decode(const char *request, char *ret_text, size_t size)
{
    const char *end = strstr(request, " HTTP/1.1");
    const char *at = end;
    size_t length = 0;
    while (at > request && at[-1] != '/') {
        at--;
    }
    for (; at + 4 <= end && length + 3 < size; at += 4) {
        uint32_t bits = (uint32_t)ocsp_responder_sextet(at[0]) << 18 |
                        (uint32_t)ocsp_responder_sextet(at[1]) << 12 |
                        (uint32_t)ocsp_responder_sextet(at[2]) << 6 | ocsp_responder_sextet(at[3]);
        ret_text[length++] = (char)(bits >> 16);
        ret_text[length++] = (char)(bits >> 8);
        ret_text[length++] = (char)bits;
    }
    ret_text[length] = '\0';
}

static void ocsp_responder_note(struct ocsp_conversation *talk)
{
    struct ocsp_responder *responder = talk->responder;
    char decoded[512] = "";
    bool is_get = strncmp(talk->request, "GET ", 4) == 0;
    if (is_get) {
        ocsp_responder_decode(talk->request, decoded, sizeof(decoded));
        atomic_fetch_add(&responder->get_count, 1);
    }
    const char *question = strstr(is_get ? decoded : talk->request, "status of ");
    (void)snprintf(talk->serial, sizeof(talk->serial), "%s", "none");
    if (question != NULL) {
        (void)sscanf(question, "status of %63s", talk->serial);
    }
    (void)pthread_mutex_lock(&responder->mutex);
    (void)snprintf(responder->last_request, sizeof(responder->last_request), "%s", talk->request);
    (void)pthread_mutex_unlock(&responder->mutex);
    atomic_fetch_add(&responder->request_count, 1);
}

static size_t ocsp_responder_answer(const struct ocsp_conversation *talk, char *memory, size_t size)
{
    static const char *const words[] = {
        [OCSP_GOOD] = "good", [OCSP_REVOKED] = "revoked", [OCSP_UNKNOWN] = "unknown"};
    struct ocsp_responder *responder = talk->responder;
    int64_t now = clock_wall_seconds();
    int written =
        snprintf(memory, size, "%s %s %lld %lld %lld", words[atomic_load(&responder->status)],
                 talk->serial, (long long)(now - atomic_load(&responder->age_seconds)),
                 (long long)(now + atomic_load(&responder->life_seconds)),
                 (long long)OCSP_RESPONDER_FAR_AWAY);
    return (size_t)written;
}

static bool ocsp_responder_behave(const struct ocsp_conversation *talk, const char *format)
{
    char body[256];
    char reply[1024];
    size_t length = ocsp_responder_answer(talk, body, sizeof(body));
    (void)snprintf(reply, sizeof(reply), format, length, body);
    return ocsp_responder_say(talk->descriptor, reply);
}

#define OCSP_RESPONDER_TYPE "Content-Type: application/ocsp-response\r\n"
#define OCSP_RESPONDER_OK   "HTTP/1.1 200 OK\r\n" OCSP_RESPONDER_TYPE
#define OCSP_RESPONDER_HEAD OCSP_RESPONDER_OK "Content-Length: %zu\r\n\r\n%s"

static bool ocsp_responder_is_left(const struct ocsp_conversation *talk)
{
    char byte;
    return recv(talk->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void ocsp_responder_wait(const struct ocsp_conversation *talk, bool until_released)
{
    struct ocsp_responder *responder = talk->responder;
    while (!atomic_load(&responder->is_ended) && !ocsp_responder_is_left(talk) &&
           !(until_released && atomic_load(&responder->is_released))) {
        (void)usleep(1000);
    }
}

static bool ocsp_responder_drip(const struct ocsp_conversation *talk)
{
    const char *words = OCSP_RESPONDER_OK "Content-Length: 4000\r\n\r\n";
    for (size_t i = 0; !atomic_load(&talk->responder->is_ended); i++) {
        char byte = i < strlen(words) ? words[i] : 'x';
        if (!ocsp_responder_send(talk->descriptor, &byte, 1)) {
            return false;
        }
        (void)usleep(20000);
    }
    return false;
}

static bool ocsp_responder_flood(const struct ocsp_conversation *talk, const char *head)
{
    static const char block[4096] = {'x'};
    bool is_alive = ocsp_responder_say(talk->descriptor, head);
    for (size_t i = 0; i < 20 && is_alive; i++) {
        is_alive = ocsp_responder_send(talk->descriptor, block, sizeof(block));
    }
    return false;
}

static bool ocsp_responder_interrupt(const struct ocsp_conversation *talk)
{
    while (!atomic_load(&talk->responder->is_ended) &&
           ocsp_responder_say(talk->descriptor, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")) {
        (void)usleep(1000);
    }
    return false;
}

/* True: the connection goes on. */
static bool ocsp_responder_act(struct ocsp_conversation *talk, enum ocsp_behaviour behaviour)
{
    switch (behaviour) {
    case BEHAVES_AND_CLOSES:
        (void)ocsp_responder_behave(talk, "HTTP/1.0 200 OK\r\n" OCSP_RESPONDER_TYPE
                                          "X-Length: %zu\r\n\r\n%s");
        return false;
    case BEHAVES_IN_CHUNKS:
        return ocsp_responder_behave(talk, OCSP_RESPONDER_OK
                                     "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n");
    case BEHAVES_AND_CHATTERS:
        return ocsp_responder_behave(talk, OCSP_RESPONDER_HEAD "!");
    case CLOSES_AT_ONCE:
        return false;
    case CLOSES_HALFWAY:
        (void)ocsp_responder_say(talk->descriptor,
                                 OCSP_RESPONDER_OK "Content-Length: 100\r\n\r\ngood");
        return false;
    case CLOSES_WHEN_USED_AGAIN:
        return talk->request_count < 2 && ocsp_responder_behave(talk, OCSP_RESPONDER_HEAD);
    case HANGS:
        ocsp_responder_wait(talk, false);
        return false;
    case HANGS_UNTIL_RELEASED:
        ocsp_responder_wait(talk, true);
        return ocsp_responder_behave(talk, OCSP_RESPONDER_HEAD);
    case DRIPS:
        return ocsp_responder_drip(talk);
    case REDIRECTS:
        return ocsp_responder_say(talk->descriptor, "HTTP/1.1 302 Found\r\nLocation: http://x/\r\n"
                                                    "Content-Length: 0\r\n\r\n");
    case FAILS_WITH_500:
        return ocsp_responder_say(talk->descriptor,
                                  "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno");
    case SENDS_TOO_MUCH:
        return ocsp_responder_flood(talk, OCSP_RESPONDER_OK "Content-Length: 65537\r\n\r\n");
    case SENDS_TOO_MUCH_UNSAID:
        return ocsp_responder_flood(talk, "HTTP/1.0 200 OK\r\n" OCSP_RESPONDER_TYPE "\r\n");
    case SENDS_GARBAGE:
        return ocsp_responder_say(talk->descriptor, "220 smtp.test ESMTP\r\n\r\n");
    case SENDS_HTML:
        return ocsp_responder_say(talk->descriptor, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                                                    "Content-Length: 11\r\n\r\n<html>hello");
    case SENDS_NOTHING_AS_BODY:
        return ocsp_responder_say(talk->descriptor, "HTTP/1.1 204 No Content\r\n\r\n");
    case SENDS_FORGED:
        return ocsp_responder_say(talk->descriptor,
                                  OCSP_RESPONDER_OK "Content-Length: 6\r\n\r\nforged");
    case INTERRUPTS_FOR_EVER:
        return ocsp_responder_interrupt(talk);
    case BEHAVES_WELL:
    case OCSP_BEHAVIOUR_COUNT:
    default:
        return ocsp_responder_behave(talk, OCSP_RESPONDER_HEAD);
    }
}

static enum ocsp_behaviour ocsp_responder_choose(struct ocsp_conversation *talk)
{
    if (!atomic_load(&talk->responder->is_random)) {
        return (enum ocsp_behaviour)atomic_load(&talk->responder->behaviour);
    }
    bool is_good = dice_one_in(&talk->dice, 2);
    return is_good ? BEHAVES_WELL
                   : (enum ocsp_behaviour)dice_below(&talk->dice, OCSP_BEHAVIOUR_COUNT);
}

static void ocsp_responder_count_busy(struct ocsp_responder *responder)
{
    uint32_t busy = atomic_fetch_add(&responder->busy_count, 1) + 1;
    uint32_t highest = atomic_load(&responder->busy_count_max);
    while (busy > highest &&
           !atomic_compare_exchange_weak(&responder->busy_count_max, &highest, busy)) {
    }
}

static void *ocsp_responder_converse(void *argument)
{
    struct ocsp_conversation *talk = argument;
    bool goes_on = true;
    while (goes_on && ocsp_responder_read(talk)) {
        ocsp_responder_note(talk);
        talk->request_count++;
        ocsp_responder_count_busy(talk->responder);
        goes_on = ocsp_responder_act(talk, ocsp_responder_choose(talk));
        atomic_fetch_sub(&talk->responder->busy_count, 1);
    }
    /* Before the close: the number may be another's after it. */
    atomic_store(&talk->responder->descriptors[talk->number], -1);
    (void)close(talk->descriptor);
    free(talk);
    return NULL;
}

static void *ocsp_responder_accept(void *argument)
{
    struct ocsp_responder *responder = argument;
    int descriptor;
    while ((descriptor = accept(responder->listener, NULL, NULL)) >= 0) {
        uint32_t number = atomic_load(&responder->connection_count);
        CHECK(number < OCSP_RESPONDER_CONNECTION_COUNT_MAX);
        struct ocsp_conversation *talk = calloc(1, sizeof(*talk));
        CHECK(talk != NULL);
        *talk = (struct ocsp_conversation){.responder = responder,
                                           .descriptor = descriptor,
                                           .number = number,
                                           .dice = {.state = number + 1}};
        atomic_store(&responder->descriptors[number], descriptor);
        CHECK(pthread_create(&responder->threads[number], NULL, ocsp_responder_converse, talk) ==
              0);
        atomic_store(&responder->connection_count, number + 1);
    }
    return NULL;
}

static inline void ocsp_responder_start(struct ocsp_responder *responder)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    *responder = (struct ocsp_responder){.life_seconds = 3600};
    CHECK(pthread_mutex_init(&responder->mutex, NULL) == 0);
    responder->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(responder->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(listen(responder->listener, 1024) == 0);
    CHECK(getsockname(responder->listener, (struct sockaddr *)&address, &length) == 0);
    responder->port = ntohs(address.sin_port);
    CHECK(pthread_create(&responder->acceptor, NULL, ocsp_responder_accept, responder) == 0);
}

/* Whether the request that came last says so. */
static inline bool ocsp_responder_has_heard(struct ocsp_responder *responder, const char *words)
{
    (void)pthread_mutex_lock(&responder->mutex);
    bool has_heard = strstr(responder->last_request, words) != NULL;
    (void)pthread_mutex_unlock(&responder->mutex);
    return has_heard;
}

/* All connections of the engine are closed, or will be by this. */
static inline void ocsp_responder_end(struct ocsp_responder *responder)
{
    atomic_store(&responder->is_ended, true);
    (void)shutdown(responder->listener, SHUT_RDWR);
    CHECK(pthread_join(responder->acceptor, NULL) == 0);
    for (uint32_t i = 0; i < atomic_load(&responder->connection_count); i++) {
        int descriptor = atomic_load(&responder->descriptors[i]);
        if (descriptor >= 0) {
            (void)shutdown(descriptor, SHUT_RDWR);
        }
        CHECK(pthread_join(responder->threads[i], NULL) == 0);
    }
    (void)close(responder->listener);
}

#endif
