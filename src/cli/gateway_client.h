/*
 * One request to a running gateway over its stats socket: HTTP/1.1, a whole answer, then the end.
 * The main thread's; blocks up to the limit that it is given.
 */
#ifndef CLI_GATEWAY_CLIENT_H
#define CLI_GATEWAY_CLIENT_H

#include "command.h"
#include "config/config_limits.h"
#include "http/http_method.h"

struct gateway_client_question {
    const char *command; /* begins what is said on standard error */
    enum http_method method;
    const char *path;
    uint32_t limit_ms; /* for the whole answer */
    /* A descriptor: when it becomes readable the question is given up. NULL: none. */
    const int *interruption;
};

struct gateway_client_answer {
    uint16_t status;
    char *body; /* the caller frees it */
    size_t length;
};

/*
 * The path of the socket that arguments name, by --socket or by the stats_socket of the
 * configuration. What is wrong is said on standard error; then false.
 */
bool gateway_client_find(const struct command_arguments *arguments, const char *command,
                         char ret_socket[CONFIG_SOCKET_PATH_BYTES_MAX + 1]);

/* What gateway_client_try() returns when the question was given up. */
extern const char gateway_client_interrupted[];

/* Asks at the socket and says nothing itself: returns why there is no answer, or NULL, then the
 * answer is the caller's. */
const char *gateway_client_try(const char *socket_path,
                               const struct gateway_client_question *question,
                               struct gateway_client_answer *ret_answer);

/*
 * Asks the gateway that arguments name: by --socket, or by the stats_socket of the configuration.
 * What keeps it from answering is said on standard error; then false.
 */
bool gateway_client_ask(const struct command_arguments *arguments,
                        const struct gateway_client_question *question,
                        struct gateway_client_answer *ret_answer);

/*
 * The whole of a command: asks, prints the body on standard output (of a failure on standard error)
 * and returns an enum cli_status.
 */
int gateway_client_command(const struct command_arguments *arguments,
                           const struct gateway_client_question *question);

/* Waits until nobody serves the socket any more; false when that takes longer than limit_ms. */
bool gateway_client_wait_for_end(const struct command_arguments *arguments, uint32_t limit_ms);

#endif
