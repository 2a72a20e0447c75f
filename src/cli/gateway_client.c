/* Finding the socket, asking, reading the answer with the gateway's own parser. */
#include "gateway_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/config_socket.h"
#include "http/http1_parser.h"

/* An answer that is larger is no answer of ours. */
#define ANSWER_BYTES_MAX (64U << 20)
#define READ_BYTES       65536
#define END_LOOK_MS      50
/* A path of the longest operand, and a head around it. */
#define QUESTION_BYTES_MAX 1024

/* A gateway that lives takes everybody at once. */
#define CONNECT_LIMIT_SECONDS 2

const char gateway_client_interrupted[] = "interrupted";

static const char no_answer[] = "the gateway does not answer in time";

static const struct http1_limits limits = HTTP1_LIMITS_DEFAULT;

/* One answer on its way. */
struct reading {
    int descriptor;
    int interruption; /* -1: none */
    uint64_t deadline_ms;
    struct http1_parser parser;
    struct gateway_client_answer answer;
    const char *fault; /* what went wrong, NULL: nothing */
};

static bool complain(const char *command, const char *what, const char *detail)
{
    (void)fprintf(stderr, "sallyport %s: %s%s%s\n", command, what, detail[0] == '\0' ? "" : ": ",
                  detail);
    return false;
}

bool gateway_client_find(const struct command_arguments *arguments, const char *command,
                         char ret_socket[CONFIG_SOCKET_PATH_BYTES_MAX + 1])
{
    struct diagnostics diagnostics;
    if (arguments->socket_path != NULL) {
        if (strlen(arguments->socket_path) > CONFIG_SOCKET_PATH_BYTES_MAX) {
            return complain(command, "the path is too long for a socket", arguments->socket_path);
        }
        memcpy(ret_socket, arguments->socket_path, strlen(arguments->socket_path) + 1);
        return true;
    }
    diagnostics_init(&diagnostics);
    struct result result = config_socket_find(arguments->config_path, &diagnostics, ret_socket);
    if (!result_is_ok(result)) {
        diagnostics_print(&diagnostics, stderr);
        if (diagnostics.error_count == 0) {
            (void)complain(command, "no stats_socket is configured there; give --socket PATH",
                           arguments->config_path);
        }
    }
    diagnostics_deinit(&diagnostics);
    return result_is_ok(result);
}

/* -1 with errno set; EAGAIN: the gateway takes nobody, its queue is full. */
static int connect_to(const char *path)
{
    const struct timeval limit = {.tv_sec = CONNECT_LIMIT_SECONDS};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return -1;
    }
    if (setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
        connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        int error = errno;
        (void)close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

static bool is_nobody_there(int error)
{
    return error == ENOENT || error == ECONNREFUSED;
}

static const char *remedy_of(int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
        return "no gateway runs there";
    case EAGAIN:
        return no_answer;
    case EACCES:
    case EPERM:
        return "not permitted: be root, the owner of the socket, or in its group";
    default:
        return strerror(error);
    }
}

static bool send_question(int descriptor, const struct gateway_client_question *question)
{
    char memory[QUESTION_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    text_append(&text, http_method_name(question->method));
    text_append_format(&text,
                       " %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                       "Connection: close\r\n\r\n",
                       question->path);
    return !text.overflowed &&
           send(descriptor, text.at, text.length, MSG_NOSIGNAL) == (ssize_t)text.length;
}

static bool keep(struct gateway_client_answer *answer, struct bytes body)
{
    if (answer->length + body.length > ANSWER_BYTES_MAX) {
        return false;
    }
    char *grown = realloc(answer->body, answer->length + body.length);
    if (grown == NULL) {
        return false;
    }
    memcpy(grown + answer->length, body.at, body.length);
    answer->body = grown;
    answer->length += body.length;
    return true;
}

/* True when the answer is complete, or cannot become so. */
static bool take(struct reading *reading, struct bytes input)
{
    struct bytes body;
    while (true) {
        switch (http1_parser_next(&reading->parser, &input, &body)) {
        case HTTP1_HEAD:
            reading->answer.status = http1_parser_head(&reading->parser)->status;
            break;
        case HTTP1_BODY:
            if (!keep(&reading->answer, body)) {
                reading->fault = "the answer is too large";
                return true;
            }
            break;
        case HTTP1_END:
            return true;
        case HTTP1_ERROR:
            reading->fault = "the answer is not HTTP; is that a gateway?";
            return true;
        case HTTP1_NEEDS_MORE:
        default:
            return false;
        }
    }
}

static bool read_some(struct reading *reading)
{
    uint8_t memory[READ_BYTES];
    uint64_t now_ms = clock_monotonic_ms();
    struct pollfd polls[] = {{.fd = reading->descriptor, .events = POLLIN},
                             {.fd = reading->interruption, .events = POLLIN}};
    int wait_ms = now_ms < reading->deadline_ms ? (int)(reading->deadline_ms - now_ms) : 0;
    int ready = poll(polls, 2, wait_ms);
    if (ready < 0 && errno == EINTR) {
        return false;
    }
    if (ready <= 0) {
        reading->fault = no_answer;
        return true;
    }
    if (polls[0].revents == 0) {
        reading->fault = gateway_client_interrupted;
        return true;
    }
    ssize_t length = recv(reading->descriptor, memory, sizeof(memory), 0);
    if (length <= 0) {
        reading->fault = "the gateway has closed before its answer was complete";
        return true;
    }
    return take(reading, bytes_from(memory, (size_t)length));
}

static const char *converse(int descriptor, const struct gateway_client_question *question,
                            struct gateway_client_answer *ret_answer)
{
    struct reading reading = {.descriptor = descriptor,
                              .interruption =
                                  question->interruption == NULL ? -1 : *question->interruption,
                              .deadline_ms = clock_monotonic_ms() + question->limit_ms};
    http1_parser_init(&reading.parser, HTTP1_RESPONSE, &limits);
    http1_parser_expect(&reading.parser, question->method, false);
    if (!send_question(descriptor, question)) {
        reading.fault = "the gateway cannot be asked";
    }
    while (reading.fault == NULL && !read_some(&reading)) {
    }
    http1_parser_deinit(&reading.parser);
    if (reading.fault != NULL) {
        free(reading.answer.body);
        return reading.fault;
    }
    *ret_answer = reading.answer;
    return NULL;
}

const char *gateway_client_try(const char *socket_path,
                               const struct gateway_client_question *question,
                               struct gateway_client_answer *ret_answer)
{
    int descriptor = connect_to(socket_path);
    if (descriptor < 0) {
        return remedy_of(errno);
    }
    const char *fault = converse(descriptor, question, ret_answer);
    (void)close(descriptor);
    return fault;
}

bool gateway_client_ask(const struct command_arguments *arguments,
                        const struct gateway_client_question *question,
                        struct gateway_client_answer *ret_answer)
{
    char path[CONFIG_SOCKET_PATH_BYTES_MAX + 1] = "";
    if (!gateway_client_find(arguments, question->command, path)) {
        return false;
    }
    int descriptor = connect_to(path);
    if (descriptor < 0) {
        return complain(question->command, path, remedy_of(errno));
    }
    const char *fault = converse(descriptor, question, ret_answer);
    (void)close(descriptor);
    return fault == NULL || complain(question->command, fault, "");
}

int gateway_client_command(const struct command_arguments *arguments,
                           const struct gateway_client_question *question)
{
    struct gateway_client_answer answer = {0};
    if (arguments->socket_path == NULL && arguments->config_path == NULL) {
        (void)complain(question->command, "say which gateway: give -c FILE or --socket PATH", "");
        return CLI_WRONG_USAGE;
    }
    if (!gateway_client_ask(arguments, question, &answer)) {
        return CLI_FAILED;
    }
    bool is_good = answer.status == 200;
    FILE *output = is_good ? stdout : stderr;
    if (!is_good) {
        (void)fprintf(stderr, "sallyport %s: %s", question->command,
                      answer.length == 0 ? "refused\n" : "");
    }
    if (answer.length > 0) { /* else there is no body to point at */
        (void)fwrite(answer.body, 1, answer.length, output);
    }
    free(answer.body);
    return is_good ? CLI_DONE : CLI_FAILED;
}

bool gateway_client_wait_for_end(const struct command_arguments *arguments, uint32_t limit_ms)
{
    char path[CONFIG_SOCKET_PATH_BYTES_MAX + 1] = "";
    const struct timespec look = {.tv_nsec = END_LOOK_MS * 1000000L};
    uint64_t end_ms = clock_monotonic_ms() + limit_ms;
    if (!gateway_client_find(arguments, "", path)) {
        return false;
    }
    while (clock_monotonic_ms() < end_ms) {
        int descriptor = connect_to(path);
        if (descriptor < 0 && is_nobody_there(errno)) {
            return true;
        }
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        (void)nanosleep(&look, NULL);
    }
    return false;
}
