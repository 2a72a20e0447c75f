/*
 * What tests expect of reading a message; each is read whole, byte by byte and cut once at every
 * place, and must say the same. For the tests of http1_parser.
 */
#ifndef TESTS_UNIT_HTTP_EXPECTATION_H
#define TESTS_UNIT_HTTP_EXPECTATION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "reading.h"

#define HEAD_OF(line) line "\r\nHost: a\r\n"

struct cut {
    size_t first;
};

static inline size_t cut_once(void *state, size_t left)
{
    struct cut *cut = state;
    size_t length = cut->first > 0 && cut->first < left ? cut->first : left;
    cut->first = 0;
    return length;
}

static inline size_t cut_each_byte(void *state, size_t left)
{
    (void)state;
    (void)left;
    return 1;
}

/* Reads request as a whole, byte by byte and cut once at each place; all must say the same. */
static inline struct reading_result read_every_way(struct reading_request request)
{
    struct reading_result whole = reading_run(&request);
    request.piece_length = cut_each_byte;
    struct reading_result bytewise = reading_run(&request);
    assert_string_equal(whole.transcript, bytewise.transcript);
    free(bytewise.transcript);
    size_t step = request.input.length > 2000 ? request.input.length / 300 : 1;
    for (size_t i = 1; i < request.input.length; i += step) {
        struct cut cut = {i};
        request.piece_length = cut_once;
        request.state = &cut;
        struct reading_result cut_result = reading_run(&request);
        assert_string_equal(whole.transcript, cut_result.transcript);
        free(cut_result.transcript);
    }
    return whole;
}

static inline void expect_transcript(struct reading_request request, const char *const *parts)
{
    struct reading_result result = read_every_way(request);
    for (; *parts != NULL; parts++) {
        if (strstr(result.transcript, *parts) == NULL) {
            print_error("missing: %s\nin: %s\n", *parts, result.transcript);
            fail();
        }
    }
    free(result.transcript);
}

static inline void expect_fault_of(struct reading_request request, enum http1_fault fault)
{
    struct reading_result result = read_every_way(request);
    if (result.last != HTTP1_ERROR || result.fault != fault) {
        print_error("%.*s\nexpected %s, got event %d fault %s\n", (int)request.input.length,
                    (const char *)request.input.at, http1_fault_word(fault), (int)result.last,
                    http1_fault_word(result.fault));
        fail();
    }
    free(result.transcript);
}

static inline void expect_request(const char *input, const char *const *parts)
{
    expect_transcript(
        (struct reading_request){.kind = HTTP1_REQUEST, .input = bytes_from_string(input)}, parts);
}

static inline void expect_response(const char *input, const char *const *parts)
{
    expect_transcript(
        (struct reading_request){.kind = HTTP1_RESPONSE, .input = bytes_from_string(input)}, parts);
}

struct bad {
    const char *input;
    enum http1_fault fault;
};

static inline void expect_bad_requests(const struct bad *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_fault_of((struct reading_request){.kind = HTTP1_REQUEST,
                                                 .input = bytes_from_string(rows[i].input)},
                        rows[i].fault);
    }
}

static inline void expect_bad_responses(const struct bad *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_fault_of((struct reading_request){.kind = HTTP1_RESPONSE,
                                                 .input = bytes_from_string(rows[i].input),
                                                 .finishes = true},
                        rows[i].fault);
    }
}

#define PARTS(...)             ((const char *const[]){__VA_ARGS__, NULL})
#define EXPECT_REQUESTS(rows)  expect_bad_requests(rows, sizeof(rows) / sizeof((rows)[0]))
#define EXPECT_RESPONSES(rows) expect_bad_responses(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
