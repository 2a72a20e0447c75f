/*
 * One client of the stats server, from accept to close; the stats thread's. It may be hostile or
 * stuck: nothing here blocks, and every state but those of an action has a deadline.
 *
 *   FREE -> READING -> ASKED -> WRITING -> LINGERING -> FREE
 *                        \-> WAITING -> ACTING ^
 */
#ifndef CONTROL_STATS_CLIENT_H
#define CONTROL_STATS_CLIENT_H

#include "http/http1_parser.h"
#include "stats_paths.h"

enum stats_client_state {
    STATS_CLIENT_FREE,
    STATS_CLIENT_READING,
    STATS_CLIENT_ASKED,   /* the question is complete; the server answers it at once */
    STATS_CLIENT_WAITING, /* for its turn with an action */
    STATS_CLIENT_ACTING,
    STATS_CLIENT_WRITING,
    STATS_CLIENT_LINGERING, /* until it has taken all and closes: bytes unread would reset it */
};

struct stats_client {
    enum stats_client_state state;
    int descriptor;
    enum stats_rights rights;
    bool is_over_network;
    uint64_t number; /* in the order of their coming */
    uint64_t deadline_ms;
    size_t received_bytes;
    uint16_t fault_status; /* of a request that cannot be taken; 0: none */
    enum stats_action action;
    char *answer;
    size_t answer_length;
    size_t sent_bytes;
    struct http1_parser parser;
};

/* The descriptor is the client's from now on. rights and is_over_network are set by the caller. */
void stats_client_open(struct stats_client *client, int descriptor, uint64_t number,
                       uint64_t now_ms);

/* What poll() is to look for; 0: only for its end. */
short stats_client_events(const struct stats_client *client);

/* After poll() has seen something; ends in ASKED when there is a whole question, or a fault. */
void stats_client_look(struct stats_client *client, short events, uint64_t now_ms);

/* Of a client that has asked, without a fault. */
struct stats_question stats_client_question(const struct stats_client *client);

/* Takes the answer (malloc) over and begins to send it. */
void stats_client_answer(struct stats_client *client, char *answer, size_t length, uint64_t now_ms);

/* Past its deadline. */
bool stats_client_is_late(const struct stats_client *client, uint64_t now_ms);

/* Accepts a FREE one. */
void stats_client_close(struct stats_client *client);

#endif
