/* Heads by line, bodies by their framing, each byte of a body compared with the pattern of its id.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "sim.h"
#include "sim_message.h"

void sim_message_init(struct sim_message *message, bool is_request, bool is_bodiless)
{
    *message = (struct sim_message){.is_request = is_request, .is_bodiless = is_bodiless};
    message->head = malloc(SIM_MESSAGE_HEAD_MAX + 1);
    CHECK(message->head != NULL);
    message->head[0] = '\0';
}

void sim_message_deinit(struct sim_message *message)
{
    free(message->head);
    *message = (struct sim_message){0};
}

bool sim_message_head_contains(const struct sim_message *message, const char *words)
{
    return strstr(message->head, words) != NULL;
}

const char *sim_message_field(struct sim_message *message, const char *name)
{
    const char *found = NULL;
    size_t length = strlen(name);
    for (const char *line = strstr(message->head, "\r\n"); line != NULL;
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
            if (found != NULL) {
                message->state = SIM_MESSAGE_BAD;
            }
            found = line + 2 + length + 1;
            found += strspn(found, " ");
        }
    }
    return found;
}

bool sim_message_value_is(const char *value, const char *expected)
{
    size_t length = strlen(expected);
    return value != NULL && strncasecmp(value, expected, length) == 0 && value[length] == '\r';
}

static bool read_first_line(struct sim_message *message)
{
    unsigned status = 0;
    unsigned id = 0;
    if (message->is_request) {
        const char *target = strchr(message->head, ' ');
        if (target == NULL || sscanf(target, " /%u/", &id) != 1) {
            return false;
        }
        message->id = id;
        return strstr(message->head, " HTTP/1.1\r\n") != NULL;
    }
    if (sscanf(message->head, "HTTP/1.1 %3u", &status) != 1) {
        return false;
    }
    message->status = (uint16_t)status;
    const char *echo = sim_message_field(message, "X-Echo");
    message->id = echo == NULL ? 0 : (uint32_t)strtoul(echo, NULL, 10);
    return true;
}

static void choose_framing(struct sim_message *message)
{
    const char *length = sim_message_field(message, "Content-Length");
    const char *coding = sim_message_field(message, "Transfer-Encoding");
    bool has_no_body = message->is_bodiless || message->status == 204 || message->status == 304 ||
                       (message->status != 0 && message->status < 200);
    if (length != NULL && coding != NULL) {
        message->state = SIM_MESSAGE_BAD;
        return;
    }
    if (has_no_body || (message->is_request && length == NULL && coding == NULL)) {
        message->state = SIM_MESSAGE_COMPLETE;
        return;
    }
    message->state = SIM_MESSAGE_IN_BODY;
    if (length != NULL) {
        message->framing = SIM_FRAMING_LENGTH;
        message->left = strtoull(length, NULL, 10);
        message->state = message->left == 0 ? SIM_MESSAGE_COMPLETE : SIM_MESSAGE_IN_BODY;
    } else if (coding != NULL) {
        message->framing = SIM_FRAMING_CHUNKED;
        message->state =
            sim_message_value_is(coding, "chunked") ? SIM_MESSAGE_IN_BODY : SIM_MESSAGE_BAD;
    } else {
        message->framing = SIM_FRAMING_UNTIL_END;
    }
}

static void read_head(struct sim_message *message)
{
    if (!read_first_line(message)) {
        message->state = SIM_MESSAGE_BAD;
        return;
    }
    message->says_close = sim_message_value_is(sim_message_field(message, "Connection"), "close");
    message->says_upgrade =
        sim_message_value_is(sim_message_field(message, "Connection"), "upgrade");
    if (message->state != SIM_MESSAGE_BAD) {
        choose_framing(message);
    }
}

static size_t feed_head(struct sim_message *message, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (message->head_length == SIM_MESSAGE_HEAD_MAX || bytes.at[i] == '\0') {
            message->state = SIM_MESSAGE_BAD;
            return i;
        }
        message->head[message->head_length++] = (char)bytes.at[i];
        message->head[message->head_length] = '\0';
        if (message->head_length >= 4 &&
            memcmp(message->head + message->head_length - 4, "\r\n\r\n", 4) == 0) {
            read_head(message);
            return i + 1;
        }
    }
    return bytes.length;
}

static void compare_body(struct sim_message *message, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length && message->id != 0; i++) {
        uint64_t offset = message->body_bytes + i;
        uint8_t expected = message->is_request ? sim_request_byte(message->id, offset)
                                               : sim_answer_byte(message->id, offset);
        message->is_body_wrong |= bytes.at[i] != expected;
    }
    message->body_bytes += bytes.length;
}

/* A line of chunk framing has come. */
static void read_chunk_line(struct sim_message *message)
{
    char *end = NULL;
    bool is_empty = message->line_length == 2;
    message->line[message->line_length] = '\0';
    message->line_length = 0;
    if (message->is_in_trailers) {
        message->state = is_empty ? SIM_MESSAGE_COMPLETE : SIM_MESSAGE_BAD; /* we send none */
        return;
    }
    if (message->is_in_chunk) {
        message->is_in_chunk = false; /* the line end behind a chunk */
        message->state = is_empty ? SIM_MESSAGE_IN_BODY : SIM_MESSAGE_BAD;
        return;
    }
    message->left = strtoull(message->line, &end, 16);
    if (is_empty || end == message->line || *end != '\r') {
        message->state = SIM_MESSAGE_BAD;
        return;
    }
    message->is_in_trailers = message->left == 0;
    message->is_in_chunk = message->left > 0;
}

static size_t feed_chunk_line(struct sim_message *message, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (message->line_length == sizeof(message->line) - 1) {
            message->state = SIM_MESSAGE_BAD;
            return i;
        }
        message->line[message->line_length++] = (char)bytes.at[i];
        if (bytes.at[i] == '\n') {
            read_chunk_line(message);
            return i + 1;
        }
    }
    return bytes.length;
}

static size_t feed_body(struct sim_message *message, struct bytes bytes)
{
    if (message->framing == SIM_FRAMING_CHUNKED && message->left == 0) {
        return feed_chunk_line(message, bytes);
    }
    bool has_end = message->framing != SIM_FRAMING_UNTIL_END;
    struct bytes body = bytes_slice(bytes, 0, has_end ? (size_t)message->left : bytes.length);
    compare_body(message, body);
    message->left -= has_end ? body.length : 0;
    if (message->framing == SIM_FRAMING_LENGTH && message->left == 0) {
        message->state = SIM_MESSAGE_COMPLETE;
    }
    return body.length;
}

size_t sim_message_feed(struct sim_message *message, struct bytes bytes)
{
    size_t used = 0;
    if (message->state == SIM_MESSAGE_IN_HEAD) {
        return feed_head(message, bytes);
    }
    while (message->state == SIM_MESSAGE_IN_BODY && used < bytes.length) {
        used += feed_body(message, bytes_slice(bytes, used, bytes.length));
    }
    return used;
}

bool sim_message_is_whole_at_end(const struct sim_message *message)
{
    return message->state == SIM_MESSAGE_COMPLETE ||
           (message->state == SIM_MESSAGE_IN_BODY && message->framing == SIM_FRAMING_UNTIL_END);
}
