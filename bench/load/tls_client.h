/*
 * TLS as a client, in memory: bytes in, bytes out; the door to the TLS library. A context belongs
 * to one thread and one identity, a session and a connection to that thread, too.
 *
 * The library is the gateway's own, because its client costs a quarter of what OpenSSL's does: the
 * load must outrun the server. The tests of the gateway have OpenSSL as a client besides.
 */
#ifndef LOAD_TLS_CLIENT_H
#define LOAD_TLS_CLIENT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/result.h"
#include "fault.h"

#define TLS_CLIENT_MESSAGE_SIZE 160

struct identity;
struct plan;
struct target;
struct tls_client;
struct tls_client_context;
struct tls_client_session;

/* Where a thread's connections take ciphertext from and put it, one connection at a time. */
struct tls_client_pipe {
    struct bytes incoming; /* received and not yet taken */
    bool has_ended;        /* nothing follows incoming */
    uint8_t *outgoing;
    size_t outgoing_length;
    size_t outgoing_capacity;
};

enum tls_client_answer {
    TLS_CLIENT_DONE,
    TLS_CLIENT_WAITS,  /* for incoming, or for room in outgoing */
    TLS_CLIENT_ENDED,  /* the server has closed */
    TLS_CLIENT_FAILED, /* tls_client_fault() says why */
};

struct result tls_client_start(void);

/*
 * identity NULL: no certificate. ERROR_BAD_INPUT with a message (without a full stop) when a file
 * or a name of the plan cannot be used.
 */
struct result tls_client_context_create(const struct plan *plan, const struct target *target,
                                        const struct identity *identity,
                                        struct tls_client_context **ret_context,
                                        char message[TLS_CLIENT_MESSAGE_SIZE]);
void tls_client_context_destroy(struct tls_client_context *context);

/* NULL when there is no memory. The pipe must outlive it. */
struct tls_client *tls_client_create(struct tls_client_context *context,
                                     struct tls_client_pipe *pipe);
void tls_client_destroy(struct tls_client *client);

enum tls_client_answer tls_client_shake_hands(struct tls_client *client);

/* All of bytes or nothing; outgoing must have room for them and some overhead. */
enum tls_client_answer tls_client_write(struct tls_client *client, struct bytes bytes);

/* TLS_CLIENT_DONE with at least a byte. */
enum tls_client_answer tls_client_read(struct tls_client *client, uint8_t *memory, size_t size,
                                       size_t *ret_length);

/* Puts close_notify into outgoing, if there is room. */
void tls_client_say_goodbye(struct tls_client *client);

/* After TLS_CLIENT_FAILED; message is a sentence without a full stop. */
enum fault tls_client_fault(const struct tls_client *client, char message[TLS_CLIENT_MESSAGE_SIZE]);

/* Once the handshake is done: "TLSv1.3", suite, group. */
bool tls_client_was_resumed(const struct tls_client *client);
void tls_client_describe(const struct tls_client *client, char *memory, size_t size);

/* NULL when the server gave none. What is offered may be changed and must be destroyed as well. */
struct tls_client_session *tls_client_session_take(struct tls_client *client);
bool tls_client_session_offer(struct tls_client *client, struct tls_client_session *session);
void tls_client_session_destroy(struct tls_client_session *session);

#endif
