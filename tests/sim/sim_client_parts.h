/* A client of the simulation, seen by the two files that it is made of: its life, and its verdict
 * on the gateway. */
#ifndef TESTS_SIM_SIM_CLIENT_PARTS_H
#define TESTS_SIM_SIM_CLIENT_PARTS_H

#include "sim_client.h"

struct sim_client {
    struct list place; /* in world->clients */
    struct fake_socket *socket;
    struct WOLFSSL *tls;
    struct sim_plan plan;
    struct sim_message message; /* the answer that is being read */
    char raw[1024];             /* what a client without TLS was told */
    size_t raw_length;
    size_t read_allowance; /* ciphertext bytes that may be read in this step */
    uint64_t moved_bytes;
    uint64_t started_ms;
    uint64_t wake_ms;
    uint64_t think_until_ms;
    uint64_t continue_until_ms; /* UINT64_MAX: not waited for */
    size_t sending_index;
    size_t sending_offset;
    size_t answered_count;
    uint32_t tunnel_sent_bytes;
    uint32_t tunnel_read_bytes;
    uint32_t number;
    int handshake_error;
    bool is_established;
    bool is_tunnel;
    bool is_slowed;
    bool has_spoken_raw;
    bool has_continue; /* 100 for the request that is being answered */
    bool has_aborted;
    bool has_send_failed;
    bool has_said_goodbye;
    bool has_finished; /* its direction of the tunnel */
    bool has_been_told_to_close;
    bool has_close_notify;
    bool has_read_all;
};

/* In sim_client_contexts.c. */

/* A client's side of a session; its callbacks are given what wolfSSL_SetIOReadCtx() was. */
struct WOLFSSL *sim_client_contexts_new_tls(const struct sim_client_contexts *contexts,
                                            bool is_tls12, enum sim_certificate certificate);

/* In sim_client.c: wolfSSL's way in and out. */
int sim_client_receive(struct WOLFSSL *tls, char *buffer, int size, void *owner);
int sim_client_transmit(struct WOLFSSL *tls, char *buffer, int size, void *owner);

/* In sim_verdict.c. */

/* Plaintext from the gateway. */
void sim_client_take(struct sim_world *world, struct sim_client *client, struct bytes bytes);

/* The gateway has ended the connection, and all that it said was read. */
void sim_client_judge_end(struct sim_world *world, struct sim_client *client);

const char *sim_client_state_text(const struct sim_client *client);

#endif
