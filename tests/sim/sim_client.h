/*
 * Clients of the gateway: TLS with a certificate or without, one or several requests, well behaved
 * or not. Each checks every byte that it is given. One thread.
 */
#ifndef TESTS_SIM_SIM_CLIENT_H
#define TESTS_SIM_SIM_CLIENT_H

#include "sim.h"
#include "sim_message.h"

#define SIM_CLIENT_REQUEST_MAX 6

struct WOLFSSL;
struct sim_client_contexts;

enum sim_client_kind {
    SIM_CLIENT_TLS,
    SIM_CLIENT_PLAIN_HTTP,
    SIM_CLIENT_GARBAGE,
    SIM_CLIENT_SILENT,
    SIM_CLIENT_HALF_HELLO,
};

enum sim_certificate {
    SIM_CERTIFICATE_GOOD,
    SIM_CERTIFICATE_STRANGER,
    SIM_CERTIFICATE_NONE,
    SIM_CERTIFICATE_COUNT
};

enum sim_listener {
    SIM_LISTENER_STRICT,
    SIM_LISTENER_PASS,
    SIM_LISTENER_OPEN,
    SIM_LISTENER_UNKNOWN
};

/* How a client leaves when it has what it wanted. */
enum sim_goodbye {
    SIM_GOODBYE_TLS, /* close_notify and FIN, then it waits for the gateway's */
    SIM_GOODBYE_FIN,
    SIM_GOODBYE_RESET,
    SIM_GOODBYE_NONE, /* stays until the gateway closes */
};

/* How it leaves before. */
enum sim_abort {
    SIM_ABORT_NEVER,
    SIM_ABORT_FIN,
    SIM_ABORT_RESET,
    SIM_ABORT_GARBAGE,
    SIM_ABORT_VANISH
};

struct sim_planned {
    struct sim_request *request;
    uint8_t *wire;
    size_t wire_length;
    size_t line_length; /* of the request line, without its end */
    size_t head_length;
    size_t stop_at;      /* nothing is sent from there on; SIZE_MAX: all is */
    uint16_t own_status; /* the gateway itself must answer so; 0: a backend must */
};

struct sim_plan {
    enum sim_client_kind kind;
    enum sim_certificate certificate;
    enum sim_listener listener;
    bool is_tls12;
    struct sim_planned requests[SIM_CLIENT_REQUEST_MAX];
    size_t request_count;
    size_t pipeline_depth;
    uint32_t read_bytes_max;
    uint32_t pause_ms_max; /* between reads and writes */
    uint32_t think_ms_max; /* between requests */
    enum sim_abort abort;
    uint64_t abort_at_bytes; /* of ciphertext, both ways together */
    enum sim_goodbye goodbye;
};

/* In sim_plan.c. */
void sim_plan_make(struct sim_plan *plan, struct sim_world *world);
void sim_plan_free(struct sim_plan *plan);
const char *sim_plan_server_name(enum sim_listener listener);

/* Reads the certificates that make_sim_pki.sh put into folder. */
struct sim_client_contexts *sim_client_contexts_create(const char *folder);
void sim_client_contexts_destroy(struct sim_client_contexts *contexts);

/* What a backend is told of a client with this certificate; NULL: nothing. */
const char *sim_client_contexts_identity(const struct sim_client_contexts *contexts,
                                         enum sim_certificate certificate);

/* A new client at the far end of an accepted socket. */
void sim_client_start(struct sim_world *world, struct fake_socket *socket);

bool sim_client_step_all(struct sim_world *world);
uint64_t sim_client_next_wake_ms(const struct sim_world *world);

#endif
