/*
 * Reads the HTTP/1 messages that the gateway sends to either side, strictly and independently of
 * src/http. What it refuses is a defect of the gateway. One thread.
 */
#ifndef TESTS_SIM_SIM_MESSAGE_H
#define TESTS_SIM_SIM_MESSAGE_H

#include "base/bytes.h"

#define SIM_MESSAGE_HEAD_MAX 131072

enum sim_message_state {
    SIM_MESSAGE_IN_HEAD,
    SIM_MESSAGE_IN_BODY,
    SIM_MESSAGE_COMPLETE,
    SIM_MESSAGE_BAD,
};

enum sim_framing { SIM_FRAMING_LENGTH, SIM_FRAMING_CHUNKED, SIM_FRAMING_UNTIL_END };

struct sim_message {
    enum sim_message_state state;
    bool is_request;
    bool is_bodiless; /* an answer to HEAD */
    char *head;
    size_t head_length;
    uint32_t id; /* in a request's target, in an answer's X-Echo; 0: none */
    uint16_t status;
    enum sim_framing framing;
    bool says_close;
    bool says_upgrade;
    uint64_t left; /* of the body, or of the chunk */
    uint64_t body_bytes;
    bool is_body_wrong; /* a byte was not that of the pattern */
    char line[64];      /* of chunk framing */
    size_t line_length;
    bool is_in_chunk;
    bool is_in_trailers;
};

void sim_message_init(struct sim_message *message, bool is_request, bool is_bodiless);
void sim_message_deinit(struct sim_message *message);

/* Takes what belongs to the message and returns its length; stops at its end, and behind its head.
 */
size_t sim_message_feed(struct sim_message *message, struct bytes bytes);

/* Nothing more comes: whether the message is whole. */
bool sim_message_is_whole_at_end(const struct sim_message *message);

/* The value of a field, up to the end of the head, or NULL. Two of the name make the message bad.
 */
const char *sim_message_field(struct sim_message *message, const char *name);

/* Whether a field's value is the expected text, in whatever case; false for NULL. */
bool sim_message_value_is(const char *value, const char *expected);

bool sim_message_head_contains(const struct sim_message *message, const char *words);

#endif
