/*
 * One check of one server: a connection, and with HTTP one request and the head of its answer. The
 * health thread's, which polls; nothing here blocks, and a server can make it take neither longer
 * than its time nor more than a few kilobytes.
 *
 *   FREE -> CONNECTING -> SENDING -> READING -> OVER -> FREE
 *               \____________\______________^
 */
#ifndef CONTROL_HEALTH_PROBE_H
#define CONTROL_HEALTH_PROBE_H

#include "config/config_backend.h"
#include "health_judge.h"
#include "http/http1_parser.h"

#define HEALTH_REQUEST_BYTES_MAX 2048

enum health_probe_state {
    HEALTH_PROBE_FREE,
    HEALTH_PROBE_CONNECTING,
    HEALTH_PROBE_SENDING,
    HEALTH_PROBE_READING,
    HEALTH_PROBE_OVER,
};

struct health_probe {
    enum health_probe_state state;
    struct health_server *server; /* NULL: it has gone meanwhile */
    int descriptor;
    uint32_t poll_index; /* of what poll() saw of it latest */
    uint64_t deadline_ms;
    enum config_check_kind kind;
    uint16_t status_first;
    uint16_t status_last;
    size_t request_length;
    size_t sent_bytes;
    size_t received_bytes;
    bool is_good; /* when it is OVER */
    char reason[64];
    char request[HEALTH_REQUEST_BYTES_MAX];
    struct http1_parser parser;
};

/*
 * Begins to check server, as its backend's configuration says; from FREE. It may be OVER at once.
 * ERROR_LIMIT_REACHED: no descriptor or port, which says nothing about the server.
 */
struct result health_probe_start(struct health_probe *probe, struct health_server *server,
                                 uint64_t now_ms);

/* What poll() is to look for. */
short health_probe_events(const struct health_probe *probe);

/* After poll(), with what it saw (0: nothing); may end it. */
void health_probe_look(struct health_probe *probe, short events, uint64_t now_ms);

/* To FREE. Accepts a FREE one. */
void health_probe_close(struct health_probe *probe);

#endif
