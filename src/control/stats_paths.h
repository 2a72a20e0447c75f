/*
 * What there is to ask for over the stats socket, a row for each path, and the answers. The stats
 * thread's; no state.
 */
#ifndef CONTROL_STATS_PATHS_H
#define CONTROL_STATS_PATHS_H

#include <stdio.h>

#include "http/http1_head.h"
#include "stats_figures.h"
#include "stats_page.h"
#include "stats_socket.h"

/* What a path asks the gateway to do. */
enum stats_action {
    STATS_NO_ACTION,
    STATS_RELOAD,
    STATS_DISABLE,
    STATS_ENABLE,
    STATS_DRAIN,
    STATS_STOP,
    STATS_ACTION_COUNT,
};

struct stats_question {
    enum http_method method;
    struct bytes path; /* of the target, in whichever form that was */
    struct bytes query;
    struct bytes host; /* of the Host field, lower case, without port; may be empty */
    enum stats_rights rights;
    bool is_over_network; /* loopback: nobody knows who it is */
};

struct stats_reply {
    uint16_t status;
    const char *content_type;
    const char *allow;                 /* NULL: no such field */
    bool without_body;                 /* HEAD */
    char nonce[STATS_PAGE_NONCE_SIZE]; /* of the page; empty: it is something else */
    /* To be done before anything is answered; the body is then the action's report. */
    enum stats_action action;
};

/* For lists of what there is. */
typedef void (*stats_paths_callback)(void *owner, const char *method, const char *path,
                                     const char *help);
void stats_paths_each(stats_paths_callback each, void *owner);

/* Writes the body into output. */
void stats_paths_reply(const struct stats_question *question, const struct stats_figures *figures,
                       FILE *output, struct stats_reply *ret_reply);

/* A query without its %-escapes; as much as there is room for: what is cut names nothing. */
void stats_paths_operand(struct bytes query, struct text *operand);

/* For what never became a question. */
void stats_paths_refuse(uint16_t status, const char *text, FILE *output,
                        struct stats_reply *ret_reply);

/* Status line, fields and body, in memory that the caller frees; of a plain text what people may
 * see. ERROR_OUT_OF_MEMORY. */
struct result stats_paths_assemble(const struct stats_reply *reply, struct bytes body,
                                   char **ret_answer, size_t *ret_length);

#endif
