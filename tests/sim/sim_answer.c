/* A row for each behaviour: how the answer is framed, where it is cut, and what follows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sim_answer.h"

#define INTERIM_MANY      40
#define LATE_MS_MAX       18000 /* below request_timeout */
#define TOO_LATE_MS       60000
#define FAIR_PAUSE_MS_MAX 300

enum body { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_UNTIL_CLOSE, BODY_BAD_CHUNK, BODY_GARBAGE };
enum cut { CUT_NOWHERE, CUT_IN_HEAD, CUT_IN_BODY, CUT_BEFORE };

/* clang-format off */
static const struct {
    uint16_t status;
    enum body body;
    enum cut cut;
    enum sim_afterwards afterwards;
    bool is_final;
    const char *fields;
} rows[SIM_ANSWER_COUNT] = {
    [SIM_ANSWER_LENGTH]            = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_CHUNKED]           = {200, BODY_CHUNKED,     CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_UNTIL_CLOSE]       = {200, BODY_UNTIL_CLOSE, CUT_NOWHERE, SIM_THEN_FINISH, true,  ""},
    [SIM_ANSWER_WITH_CLOSE]        = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_FINISH, true,  "Connection: close\r\n"},
    [SIM_ANSWER_NO_CONTENT]        = {204, BODY_NONE,        CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_NOT_MODIFIED]      = {304, BODY_NONE,        CUT_NOWHERE, SIM_THEN_GO_ON,  false, "ETag: \"x\"\r\n"},
    [SIM_ANSWER_AFTER_INTERIM]     = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_IN_PIECES]         = {200, BODY_CHUNKED,     CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_LARGE_HEAD]        = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_LATE]              = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_EARLY]             = {413, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_FINISH, true,  "Connection: close\r\n"},
    [SIM_ANSWER_EARLY_AND_STAYS]   = {413, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_AND_CLOSE]         = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_FINISH, false, ""},
    [SIM_ANSWER_AND_SURPLUS]       = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_WAIT,   true,  ""},
    [SIM_ANSWER_TOO_LATE]          = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  false, ""},
    [SIM_ANSWER_STALLS_IN_BODY]    = {200, BODY_CHUNKED,     CUT_IN_BODY, SIM_THEN_WAIT,   false, ""},
    [SIM_ANSWER_CUT_IN_HEAD]       = {200, BODY_LENGTH,      CUT_IN_HEAD, SIM_THEN_FINISH, false, ""},
    [SIM_ANSWER_CUT_IN_BODY]       = {200, BODY_CHUNKED,     CUT_IN_BODY, SIM_THEN_FINISH, false, ""},
    [SIM_ANSWER_RESET_IN_HEAD]     = {200, BODY_LENGTH,      CUT_IN_HEAD, SIM_THEN_RESET,  false, ""},
    [SIM_ANSWER_RESET_IN_BODY]     = {200, BODY_LENGTH,      CUT_IN_BODY, SIM_THEN_RESET,  false, ""},
    [SIM_ANSWER_UNTIL_CLOSE_RESET] = {200, BODY_UNTIL_CLOSE, CUT_IN_BODY, SIM_THEN_RESET,  true,  ""},
    [SIM_ANSWER_NEVER_CLOSED]      = {200, BODY_LENGTH,      CUT_BEFORE,  SIM_THEN_FINISH, false, ""},
    [SIM_ANSWER_RESET_AT_ONCE]     = {200, BODY_LENGTH,      CUT_BEFORE,  SIM_THEN_RESET,  false, ""},
    [SIM_ANSWER_GARBAGE]           = {200, BODY_GARBAGE,     CUT_NOWHERE, SIM_THEN_WAIT,   true,  ""},
    [SIM_ANSWER_BAD_CHUNK]         = {200, BODY_BAD_CHUNK,   CUT_NOWHERE, SIM_THEN_WAIT,   false, ""},
    [SIM_ANSWER_ENDLESS_INTERIM]   = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_GO_ON,  true,  ""},
    [SIM_ANSWER_HUGE_HEAD]         = {200, BODY_LENGTH,      CUT_NOWHERE, SIM_THEN_WAIT,   true,  ""},
};
/* clang-format on */

[[gnu::format(printf, 2, 3)]] static void say(struct sim_answer *answer, const char *format, ...)
{
    char memory[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(memory, sizeof(memory), format, arguments);
    va_end(arguments);
    CHECK(length >= 0 && (size_t)length < sizeof(memory));
    fake_pipe_append(&answer->bytes, bytes_from(memory, (size_t)length));
}

static void say_field_of(struct sim_answer *answer, size_t length)
{
    char *value = malloc(length);
    CHECK(value != NULL);
    memset(value, 'v', length);
    say(answer, "X-Large: ");
    fake_pipe_append(&answer->bytes, bytes_from(value, length));
    say(answer, "\r\n");
    free(value);
}

static void say_pattern(struct sim_answer *answer, uint32_t id, size_t start, size_t length)
{
    uint8_t *pattern = malloc(length + 1);
    CHECK(pattern != NULL);
    for (size_t i = 0; i < length; i++) {
        pattern[i] = sim_answer_byte(id, start + i);
    }
    fake_pipe_append(&answer->bytes, bytes_from(pattern, length));
    free(pattern);
}

static void say_chunks(struct sim_answer *answer, const struct sim_request *request,
                       struct dice *dice)
{
    size_t done = 0;
    while (done < request->answer_bytes) {
        size_t left = request->answer_bytes - done;
        size_t length = 1 + dice_size(dice, 40000);
        length = length < left ? length : left;
        say(answer, dice_one_in(dice, 4) ? "%zX;note=\"x\"\r\n" : "%zx\r\n", length);
        say_pattern(answer, request->id, done, length);
        say(answer, "\r\n");
        done += length;
    }
    say(answer, dice_one_in(dice, 4) ? "0\r\nX-Trailer: t\r\n\r\n" : "0\r\n\r\n");
}

static void say_garbage(struct sim_answer *answer, struct dice *dice)
{
    static const char *const kinds[] = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\n X-Folded: x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
        "\x15\x03\x03\x00\x02\x02\x28",
        "HTTP/9.9 200 OK\r\n\r\n",
    };
    say(answer, "%s", kinds[dice_below(dice, sizeof(kinds) / sizeof(kinds[0]))]);
}

static void say_head(struct sim_answer *answer, const struct sim_request *request)
{
    enum body body = rows[request->behaviour].body;
    say(answer, "HTTP/1.1 %u Status\r\nX-Echo: %u\r\n%s", rows[request->behaviour].status,
        request->id, rows[request->behaviour].fields);
    if (request->behaviour == SIM_ANSWER_LARGE_HEAD) {
        say_field_of(answer, 10000 + request->answer_bytes % 20000);
    }
    if (request->behaviour == SIM_ANSWER_HUGE_HEAD) {
        say_field_of(answer, 90000);
    }
    if (body == BODY_LENGTH) {
        say(answer, "Content-Length: %u\r\n", request->answer_bytes);
    } else if (body == BODY_CHUNKED || body == BODY_BAD_CHUNK) {
        say(answer, "Transfer-Encoding: chunked\r\n");
    } else if (body == BODY_UNTIL_CLOSE && strcmp(request->method, "HEAD") == 0) {
        say(answer, "Connection: close\r\n"); /* else nobody could know */
    }
    say(answer, "\r\n");
}

static void say_body(struct sim_answer *answer, const struct sim_request *request,
                     struct dice *dice)
{
    switch (rows[request->behaviour].body) {
    case BODY_LENGTH:
    case BODY_UNTIL_CLOSE:
        say_pattern(answer, request->id, 0, request->answer_bytes);
        return;
    case BODY_CHUNKED:
        say_chunks(answer, request, dice);
        return;
    case BODY_BAD_CHUNK:
        say(answer, "zz\r\n");
        return;
    case BODY_NONE:
    case BODY_GARBAGE:
    default:
        return;
    }
}

/* Cut behind at least one byte, and before the last. */
static void cut(struct sim_answer *answer, struct dice *dice, size_t head_end, enum cut where)
{
    size_t length = answer->bytes.end;
    size_t low = where == CUT_IN_BODY ? head_end : 1;
    size_t high = where == CUT_IN_BODY ? length - 1 : head_end - 1;
    if (where == CUT_BEFORE) {
        answer->bytes.end = 0;
    } else if (where != CUT_NOWHERE && low < high) {
        answer->bytes.end = dice_between(dice, (uint32_t)low, (uint32_t)high);
    }
}

static void say_interims(struct sim_answer *answer, const struct sim_request *request)
{
    uint32_t count = request->behaviour == SIM_ANSWER_ENDLESS_INTERIM ? INTERIM_MANY
                     : request->behaviour == SIM_ANSWER_AFTER_INTERIM ? 1 + request->id % 3
                                                                      : 0;
    for (uint32_t i = 0; i < count; i++) {
        say(answer, "HTTP/1.1 103 Early Hints\r\nX-Echo: %u\r\nLink: </x>\r\n\r\n", request->id);
    }
}

static void compose_upgrade(struct sim_answer *answer, const struct sim_request *request,
                            struct dice *dice)
{
    say(answer,
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: sim\r\n"
        "X-Echo: %u\r\n\r\n",
        request->id);
    say_pattern(answer, request->id, 0, request->answer_bytes);
    answer->is_upgrade = true;
    answer->pause_ms_max = dice_one_in(dice, 2) ? 0 : 50;
    answer->afterwards =
        sim_tunnel_end(request) == SIM_TUNNEL_CLIENT_FIRST ? SIM_THEN_WAIT : SIM_THEN_FINISH;
}

bool sim_answer_is_early(enum sim_behaviour behaviour)
{
    return behaviour == SIM_ANSWER_EARLY || behaviour == SIM_ANSWER_EARLY_AND_STAYS ||
           rows[behaviour].cut == CUT_BEFORE;
}

void sim_answer_compose(struct sim_answer *answer, const struct sim_request *request,
                        struct dice *dice)
{
    enum sim_behaviour behaviour = request->behaviour;
    bool is_head = strcmp(request->method, "HEAD") == 0;
    *answer = (struct sim_answer){.afterwards = rows[behaviour].afterwards,
                                  .is_final = rows[behaviour].is_final};
    if (request->is_tunnel) {
        compose_upgrade(answer, request, dice);
        return;
    }
    if (rows[behaviour].body == BODY_GARBAGE) {
        say_garbage(answer, dice);
        return;
    }
    say_interims(answer, request);
    size_t start = answer->bytes.end;
    say_head(answer, request);
    size_t head_end = answer->bytes.end;
    if (!is_head) {
        say_body(answer, request, dice);
    }
    if (start == 0) {
        cut(answer, dice, head_end, rows[behaviour].cut);
    }
    if (behaviour == SIM_ANSWER_AND_SURPLUS) {
        say(answer, "HTTP/1.1 200 OK\r\nX-Echo: 1\r\nContent-Length: 0\r\n\r\n");
        answer->is_in_one_piece = true;
    }
    answer->pause_ms_max = behaviour == SIM_ANSWER_IN_PIECES ? FAIR_PAUSE_MS_MAX : 0;
    answer->delay_ms = behaviour == SIM_ANSWER_TOO_LATE ? TOO_LATE_MS
                       : behaviour == SIM_ANSWER_LATE   ? dice_between(dice, 1000, LATE_MS_MAX)
                                                        : 0;
}

void sim_answer_deinit(struct sim_answer *answer)
{
    free(answer->bytes.memory);
    *answer = (struct sim_answer){0};
}

struct bytes sim_answer_next(struct sim_answer *answer, struct dice *dice)
{
    struct bytes left = fake_pipe_bytes(&answer->bytes);
    if (left.length == 0 || answer->delay_ms > 0) {
        return (struct bytes){0};
    }
    if (answer->pause_ms_max > 0 && dice_one_in(dice, 8)) {
        answer->delay_ms = dice_between(dice, 1, answer->pause_ms_max);
        return (struct bytes){0};
    }
    size_t length = answer->is_in_one_piece ? left.length : 1 + dice_size(dice, 65536);
    struct bytes piece = bytes_slice(left, 0, length);
    fake_pipe_drop(&answer->bytes, piece.length);
    return piece;
}
