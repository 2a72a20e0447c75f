/*
 * What is changed in a head that is passed on: fields that carry identity, X-Forwarded-*, rewrite
 * rules. For the two relays; on the worker; the edits are valid until the next call.
 */
#ifndef PROXY_REQUEST_EDIT_H
#define PROXY_REQUEST_EDIT_H

#include "exchange.h"
#include "http/head_writer.h"

/* How many edits one head of this configuration can need. */
size_t request_edit_count_max(const struct config *config);

/*
 * For the request. Every field that carries identity is removed from what the client sent before
 * ours is set, on every listener. ERROR_LIMIT_REACHED when the values are too long together.
 */
struct result request_edit_compose(struct exchange *exchange, const struct http_edit **ret_edits,
                                   size_t *ret_count);

/* For the backend's answer: the rewrite rules only. */
struct result request_edit_compose_answer(struct exchange *exchange,
                                          const struct http_edit **ret_edits, size_t *ret_count);

#endif
