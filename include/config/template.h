/*
 * The value of a rewrite rule, cut into segments once, when the configuration is loaded.
 *
 * Immutable after template_create(); read by any thread. Text stands for itself; {var_NAME} is a
 * server variable, {http_req_NAME} and {http_resp_NAME} are fields of the request and the answer.
 */
#ifndef CONFIG_TEMPLATE_H
#define CONFIG_TEMPLATE_H

#include "base/bytes.h"
#include "base/result.h"
#include "config/diagnostics.h"
#include "config/variable_names.h"

enum template_segment_kind {
    TEMPLATE_TEXT,
    TEMPLATE_VARIABLE,
    TEMPLATE_REQUEST_HEADER,
    TEMPLATE_RESPONSE_HEADER,
};

struct template_segment {
    enum template_segment_kind kind;
    enum variable variable; /* of TEMPLATE_VARIABLE */
    struct bytes text;      /* the literal, or the header's name */
};

struct template
{
    struct template_segment *segments; /* none: the empty value */
    size_t segment_count;
    char *text; /* what the segments point into */
};

/*
 * Parses source. On a mistake (an unknown variable, a brace left open, a control character) says so
 * in diagnostics at place and returns ERROR_BAD_CONFIG.
 */
struct result template_create(const char *source, struct config_place place,
                              struct diagnostics *diagnostics, struct template **ret_template);

/* Accepts NULL. */
void template_destroy(struct template *template);

/* Whether any segment is one of the variables that carry the client's identity. */
bool template_tells_identity(const struct template *template);

#endif
