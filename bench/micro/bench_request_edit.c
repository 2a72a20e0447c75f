/*
 * What becomes of a head on its way: parsing it, composing the edits (identity removed and set,
 * X-Forwarded-*, a rewrite rule), writing it for the backend; and the same of the answer.
 */
#include "../../tests/unit/proxy/exchange_fixture.h"

#include "base/check.h"
#include "bench.h"

#define HEAD_SIZE_MAX 65536
#define RULES         "request_header = X-Subject: {var_client_certificate_subject}\n"
#define REQUEST                                                                                \
    "GET /telemetry/v2/readings?device=4711 HTTP/1.1\r\nHost: edge.example.com\r\n"            \
    "User-Agent: sensor/2.1\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n"          \
    "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\nX-Client-Cert: forged\r\n"      \
    "Content-Type: application/json\r\nX-Request-Id: 0123456789abcdef\r\nCookie: a=b; c=d\r\n" \
    "\r\n"
#define ANSWER                                                                                \
    "HTTP/1.1 200 OK\r\nServer: backend\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n"           \
    "Content-Type: application/json\r\nContent-Length: 300\r\nETag: \"0123456789abcdef\"\r\n" \
    "Cache-Control: no-store\r\n\r\n"

struct user {
    struct fixture *fixture;
    char head[HEAD_SIZE_MAX];
};

static void parse_request(void *own, uint64_t step)
{
    struct http1_parser *parser = &((struct user *)own)->fixture->exchange.request;
    (void)step;
    http1_parser_reset(parser);
    read_message(parser, BYTES_OF(REQUEST));
}

static void parse_answer(void *own, uint64_t step)
{
    struct http1_parser *parser = &((struct user *)own)->fixture->exchange.answer;
    (void)step;
    http1_parser_reset(parser);
    read_message(parser, BYTES_OF(ANSWER));
}

static void edit_request(void *own, uint64_t step)
{
    struct user *user = own;
    struct exchange *exchange = &user->fixture->exchange;
    const struct http1_head *head = exchange_request(exchange);
    struct head_writer_options options = {.framing = head->framing};
    struct text text = text_over(user->head, sizeof(user->head));
    (void)step;
    CHECK(result_is_ok(request_edit_compose(exchange, &options.edits, &options.edit_count)));
    head_writer_write_request(&text, head, &options);
    CHECK(!text.overflowed);
}

static void edit_answer(void *own, uint64_t step)
{
    struct user *user = own;
    struct exchange *exchange = &user->fixture->exchange;
    const struct http1_head *head = http1_parser_head(&exchange->answer);
    struct head_writer_options options = {.framing = head->framing, .content_length = 300};
    struct text text = text_over(user->head, sizeof(user->head));
    (void)step;
    CHECK(result_is_ok(request_edit_compose_answer(exchange, &options.edits, &options.edit_count)));
    head_writer_write_response(&text, head, &options);
    CHECK(!text.overflowed);
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"parse a request's head, 10 fields",         parse_request, BENCH_OWN_WRITES},
    {"compose its edits and write it",            edit_request,  BENCH_OWN_WRITES},
    {"parse an answer's head, 6 fields",          parse_answer,  BENCH_OWN_WRITES},
    {"write it",                                  edit_answer,   BENCH_OWN_WRITES},
};
/* clang-format on */

static void *start_own(uint32_t thread)
{
    struct user *user = malloc(sizeof(*user));
    (void)thread;
    CHECK(user != NULL);
    user->fixture = make_fixture(RULES, REQUEST);
    parse_answer(user, 0);
    return user;
}

static void stop_own(void *own)
{
    free_fixture(((struct user *)own)->fixture);
    free(own);
}

const struct bench bench_subject = {BENCH_ROWS(rows), .start_own = start_own, .stop_own = stop_own};
