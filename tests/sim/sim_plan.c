/* What a client is going to do, thrown before it does anything. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "sim_client.h"

#define BODY_BYTES_MAX   300000
#define SURPLUS_BODY_MAX 2000
#define LARGE_ONE_IN     5

const char *sim_plan_server_name(enum sim_listener listener)
{
    static const char *const names[] = {
        [SIM_LISTENER_STRICT] = "strict.example.com",
        [SIM_LISTENER_PASS] = "pass.example.com",
        [SIM_LISTENER_OPEN] = "open.example.com",
        [SIM_LISTENER_UNKNOWN] = "unknown.example.net",
    };
    return names[listener];
}

static bool is_refused(const struct sim_plan *plan)
{
    return plan->listener == SIM_LISTENER_STRICT && plan->certificate != SIM_CERTIFICATE_GOOD;
}

/* Requests. */

static void throw_method(struct sim_request *request, struct dice *dice)
{
    static const struct {
        const char *name;
        bool is_safe;
        bool has_body;
    } methods[] = {
        {"GET", true, false},     {"GET", true, false},    {"GET", true, false},
        {"HEAD", true, false},    {"POST", false, true},   {"POST", false, true},
        {"PUT", true, true},      {"DELETE", true, false}, {"PATCH", false, true},
        {"OPTIONS", true, false}, {"POST", false, false},
    };
    size_t row = dice_below(dice, sizeof(methods) / sizeof(methods[0]));
    request->method = methods[row].name;
    if (methods[row].has_body) {
        request->body_bytes = dice_size(dice, BODY_BYTES_MAX);
        request->is_chunked = dice_one_in(dice, 3);
        request->expects_continue = dice_one_in(dice, 5);
    }
    request->may_be_sent_twice =
        methods[row].is_safe && request->body_bytes == 0 && !request->is_chunked;
}

static void throw_request(struct sim_request *request, struct sim_world *world, bool is_last)
{
    struct dice *dice = &world->dice;
    uint32_t behaviours = world->settings.is_fair ? SIM_ANSWER_FAULTS : SIM_ANSWER_COUNT;
    bool is_fair = world->settings.is_fair || dice_one_in(dice, 2);
    throw_method(request, dice);
    request->behaviour =
        (enum sim_behaviour)dice_below(dice, is_fair ? SIM_ANSWER_FAULTS : behaviours);
    request->answer_bytes = dice_size(
        dice, request->behaviour == SIM_ANSWER_AND_SURPLUS ? SURPLUS_BODY_MAX : BODY_BYTES_MAX);
    if (is_last) {
        request->is_last = dice_one_in(dice, 3);
        request->is_old =
            dice_one_in(dice, 6) && !request->is_chunked && !request->expects_continue;
        request->is_tunnel = !request->is_old && !request->is_last && dice_one_in(dice, 6);
    }
    if (request->is_tunnel) {
        request->method = "GET";
        request->may_be_sent_twice = true;
        request->is_chunked = false;
        request->expects_continue = false;
        request->body_bytes = dice_size(dice, BODY_BYTES_MAX);
        request->behaviour = SIM_ANSWER_LENGTH;
        request->answer_bytes =
            dice_one_in(dice, 2 * LARGE_ONE_IN) ? SIM_LARGE_BODY_BYTES : request->answer_bytes;
    }
}

/* On the wire. */

static void add(struct fake_pipe *wire, const char *words)
{
    fake_pipe_append(wire, bytes_from_string(words));
}

static void add_body(struct fake_pipe *wire, const struct sim_request *request, struct dice *dice)
{
    uint8_t *pattern = malloc(request->body_bytes + 1);
    CHECK(pattern != NULL);
    for (uint32_t i = 0; i < request->body_bytes; i++) {
        pattern[i] = sim_request_byte(request->id, i);
    }
    uint32_t done = 0;
    while (request->is_chunked && done < request->body_bytes) {
        char line[64];
        uint32_t left = request->body_bytes - done;
        uint32_t length = 1 + dice_size(dice, 30000);
        length = length < left ? length : left;
        (void)snprintf(line, sizeof(line), dice_one_in(dice, 5) ? "%x;a=b\r\n" : "%X\r\n", length);
        add(wire, line);
        fake_pipe_append(wire, bytes_from(pattern + done, length));
        add(wire, "\r\n");
        done += length;
    }
    if (request->is_chunked) {
        add(wire, dice_one_in(dice, 5) ? "0\r\nX-Trailer: t\r\n\r\n" : "0\r\n\r\n");
    } else {
        fake_pipe_append(wire, bytes_from(pattern, request->body_bytes));
    }
    free(pattern);
}

static void add_head(struct fake_pipe *wire, const struct sim_request *request, const char *host)
{
    char line[512];
    bool has_body = strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0 &&
                    strcmp(request->method, "DELETE") != 0 &&
                    strcmp(request->method, "OPTIONS") != 0;
    (void)snprintf(line, sizeof(line),
                   "%s /%u/path?q=%u HTTP/1.%d\r\nHost: %s\r\nX-Client-Cert: evil-spoof\r\n",
                   request->method, request->id, request->id, request->is_old ? 0 : 1, host);
    add(wire, line);
    add(wire, request->is_tunnel          ? "Connection: upgrade\r\nUpgrade: sim\r\n"
              : request->is_last          ? "Connection: close\r\n"
              : request->expects_continue ? "Expect: 100-continue\r\n"
                                          : "");
    if (request->expects_continue && request->is_last) {
        add(wire, "Expect: 100-continue\r\n");
    }
    if (request->is_chunked) {
        add(wire, "Transfer-Encoding: chunked\r\n");
    } else if (has_body) {
        (void)snprintf(line, sizeof(line), "Content-Length: %u\r\n", request->body_bytes);
        add(wire, line);
    }
    add(wire, "\r\n");
}

static void write_request(struct sim_planned *planned, struct dice *dice, const char *host)
{
    struct fake_pipe wire = {0};
    add_head(&wire, planned->request, host);
    planned->head_length = wire.end;
    planned->line_length = bytes_find(fake_pipe_bytes(&wire), '\r') + 1;
    if (!planned->request->is_tunnel) {
        add_body(&wire, planned->request, dice);
    }
    planned->wire = wire.memory;
    planned->wire_length = wire.end;
}

static void write_bad_request(struct sim_planned *planned, struct dice *dice)
{
    static const char *const kinds[] = {
        "GET /%u/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /%u/ HTTP/1.1\r\n\r\n",
        "POST /%u/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /%u/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3x\r\n\r\nabc",
        "GET /%u/ HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET /%u/ HTTP/1.1\nHost: a\n\n",
        "G@T /%u/ HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    struct fake_pipe wire = {0};
    char line[256];
    (void)snprintf(line, sizeof(line), kinds[dice_below(dice, sizeof(kinds) / sizeof(kinds[0]))],
                   planned->request->id);
    add(&wire, line);
    planned->wire = wire.memory;
    planned->wire_length = wire.end;
    planned->head_length = wire.end;
    planned->own_status = 400;
    planned->request->must_not_pass = true;
    planned->request->method = "GET";
    planned->request->body_bytes = 0;
}

static void plan_request(struct sim_plan *plan, struct sim_world *world, bool is_last)
{
    struct dice *dice = &world->dice;
    struct sim_planned *planned = &plan->requests[plan->request_count++];
    planned->request = sim_add_request(world);
    planned->stop_at = SIZE_MAX;
    throw_request(planned->request, world, is_last);
    planned->request->must_not_pass = is_refused(plan);
    planned->own_status = is_refused(plan) ? 400 : 0;
    if (is_last && dice_one_in(dice, 12)) {
        planned->request->is_tunnel = false;
        write_bad_request(planned, dice);
        return;
    }
    enum sim_listener host = plan->listener;
    if (!is_refused(plan) && dice_one_in(dice, 15)) {
        host = (enum sim_listener)((plan->listener + 1) % SIM_LISTENER_UNKNOWN);
        planned->request->must_not_pass = true;
        planned->request->body_bytes =
            planned->request->is_tunnel ? 0 : planned->request->body_bytes;
        planned->request->is_tunnel = false;
        planned->own_status = 421;
    }
    write_request(planned, dice, sim_plan_server_name(host));
    if (!world->settings.is_fair && dice_one_in(dice, 30)) {
        planned->stop_at = dice_below(dice, (uint32_t)planned->wire_length);
    }
}

/* More than the gateway may ever hold, to a backend that reads slowly. */
static void plan_large_upload(struct sim_plan *plan, struct sim_world *world)
{
    struct sim_planned *planned = &plan->requests[plan->request_count++];
    struct sim_request *request = sim_add_request(world);
    plan->kind = SIM_CLIENT_TLS;
    plan->listener = SIM_LISTENER_OPEN;
    request->method = "POST";
    request->is_read_slowly = true;
    request->is_chunked = dice_one_in(&world->dice, 2);
    request->body_bytes = SIM_LARGE_BODY_BYTES;
    *planned = (struct sim_planned){.request = request, .stop_at = SIZE_MAX};
    write_request(planned, &world->dice, sim_plan_server_name(plan->listener));
}

/* The end of a long answer is still queued when the gateway has nothing more to do for it. */
static void plan_slow_download(struct sim_plan *plan, struct sim_world *world)
{
    struct sim_planned *planned = &plan->requests[plan->request_count++];
    struct sim_request *request = sim_add_request(world);
    plan->kind = SIM_CLIENT_TLS;
    plan->listener = SIM_LISTENER_OPEN;
    plan->read_bytes_max = dice_between(&world->dice, 500, 1000);
    plan->pause_ms_max = dice_between(&world->dice, 30, 60);
    request->method = "GET";
    request->may_be_sent_twice = true;
    request->is_last = true;
    request->answer_bytes = dice_one_in(&world->dice, LARGE_ONE_IN)
                                ? SIM_LARGE_BODY_BYTES
                                : dice_between(&world->dice, BODY_BYTES_MAX / 2, BODY_BYTES_MAX);
    *planned = (struct sim_planned){.request = request, .stop_at = SIZE_MAX};
    write_request(planned, &world->dice, sim_plan_server_name(plan->listener));
}

void sim_plan_make(struct sim_plan *plan, struct sim_world *world)
{
    static const enum sim_client_kind kinds[] = {SIM_CLIENT_PLAIN_HTTP, SIM_CLIENT_GARBAGE,
                                                 SIM_CLIENT_SILENT, SIM_CLIENT_HALF_HELLO};
    struct dice *dice = &world->dice;
    *plan = (struct sim_plan){
        .kind = dice_one_in(dice, 12) ? kinds[dice_below(dice, 4)] : SIM_CLIENT_TLS,
        .listener = dice_one_in(dice, 25)
                        ? SIM_LISTENER_UNKNOWN
                        : (enum sim_listener)dice_below(dice, SIM_LISTENER_UNKNOWN),
        .certificate = dice_one_in(dice, 4)
                           ? (enum sim_certificate)dice_below(dice, SIM_CERTIFICATE_COUNT)
                           : SIM_CERTIFICATE_GOOD,
        .is_tls12 = dice_one_in(dice, 3),
        .pipeline_depth = dice_one_in(dice, 3) ? dice_between(dice, 2, SIM_CLIENT_REQUEST_MAX) : 1,
        .read_bytes_max = dice_one_in(dice, 4) ? dice_between(dice, 500, 3000) : 65536,
        .pause_ms_max = dice_one_in(dice, 3) ? dice_between(dice, 1, 60) : 0,
        .think_ms_max = dice_one_in(dice, 4) ? dice_between(dice, 1, 30000) : 0,
        .goodbye = (enum sim_goodbye)dice_below(dice, SIM_GOODBYE_NONE + 1),
    };
    if (!world->settings.is_fair && dice_one_in(dice, 5)) {
        plan->abort = (enum sim_abort)dice_between(dice, SIM_ABORT_FIN, SIM_ABORT_VANISH);
        plan->abort_at_bytes = dice_size(dice, 200000);
    }
    if (dice_one_in(dice, 25)) {
        plan_slow_download(plan, world);
        return;
    }
    if (dice_one_in(dice, 25 * LARGE_ONE_IN)) {
        plan_large_upload(plan, world);
        return;
    }
    size_t count = dice_between(dice, 1, SIM_CLIENT_REQUEST_MAX);
    for (size_t i = 0; i < count && plan->kind == SIM_CLIENT_TLS; i++) {
        plan_request(plan, world, i + 1 == count);
    }
}

void sim_plan_free(struct sim_plan *plan)
{
    for (size_t i = 0; i < plan->request_count; i++) {
        free(plan->requests[i].wire);
    }
}
