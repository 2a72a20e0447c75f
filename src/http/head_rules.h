/*
 * The rules about what fields may say together: host, connection, framing, expectation, upgrade.
 * Called by http1_parser.c once a head's start line and fields have been read.
 */
#ifndef HTTP_HEAD_RULES_H
#define HTTP_HEAD_RULES_H

#include "http/http1_fault.h"
#include "http/http1_head.h"
#include "http/http_limits.h"

/* Fills in what the fields tell. head->host will lie in host_memory. */
enum http1_fault head_rules_judge_request(struct http1_head *head,
                                          char host_memory[static HTTP_HOST_BYTES_MAX]);

/* request_method and upgrade_was_asked say what the response answers. */
enum http1_fault head_rules_judge_response(struct http1_head *head, enum http_method request_method,
                                           bool upgrade_was_asked);

#endif
