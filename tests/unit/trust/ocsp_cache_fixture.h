/*
 * An OCSP cache with its writer and a reader, and short words for what is done to it. A certificate
 * is a number. One include a program.
 */
#ifndef TESTS_UNIT_TRUST_OCSP_CACHE_FIXTURE_H
#define TESTS_UNIT_TRUST_OCSP_CACHE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fake/ocsp_fakes.h"
#include "trust/ocsp_cache.h"

#define NOW         INT64_C(1700000000)
#define ENTRY_COUNT 1024
#define ROOMY_BYTES ((size_t)64 << 20)

struct fixture {
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct reclaim_member *writer;
    struct reclaim_member *reader; /* awake, too */
};

static inline struct fixture *start(size_t entry_count_max, size_t size_bytes_max)
{
    static struct fixture fixture;
    struct ocsp_cache_settings settings = {entry_count_max, size_bytes_max};
    memset(&fixture, 0, sizeof(fixture));
    assert_true(result_is_ok(reclaim_create(2, &fixture.reclaim)));
    assert_true(result_is_ok(ocsp_cache_create(&settings, &fixture.cache)));
    fixture.writer = reclaim_join(fixture.reclaim);
    fixture.reader = reclaim_join(fixture.reclaim);
    reclaim_wake(fixture.writer);
    reclaim_wake(fixture.reader);
    return &fixture;
}

static inline void stop(struct fixture *fixture)
{
    reclaim_sleep(fixture->writer);
    reclaim_sleep(fixture->reader);
    reclaim_destroy(fixture->reclaim);
    ocsp_cache_destroy(fixture->cache);
}

static inline int set_up(void **state)
{
    *state = start(ENTRY_COUNT, ROOMY_BYTES);
    return 0;
}

static inline int tear_down(void **state)
{
    stop(*state);
    return 0;
}

/* Both pass a quiet point, and the writer destroys. */
static inline void turn(struct fixture *fixture)
{
    reclaim_quiet(fixture->reader);
    reclaim_quiet(fixture->writer);
}

static inline struct ocsp_question *question_of(uint64_t number)
{
    char serial[24];
    struct ocsp_question *question;
    (void)snprintf(serial, sizeof(serial), "%llu", (unsigned long long)number);
    assert_true(result_is_ok(ocsp_question_restore(bytes_from_string(serial), BYTES_OF("issuer"),
                                                   BYTES_OF("http://ocsp.test/"), &question)));
    return question;
}

static inline struct ocsp_id id_of(uint64_t number)
{
    struct ocsp_question *question = question_of(number);
    struct ocsp_id id = question->id;
    ocsp_question_destroy(question);
    return id;
}

static inline struct ocsp_record *record_with(uint64_t number, const struct ocsp_state *state,
                                              struct bytes response)
{
    struct ocsp_manner manner = {.timeout_ms = 5000, .url = "http://override.test/"};
    struct ocsp_record *record;
    assert_true(
        result_is_ok(ocsp_record_create(state, question_of(number), &manner, response, &record)));
    return record;
}

static inline struct ocsp_record *answered(uint64_t number, int64_t at_seconds)
{
    struct ocsp_state state = {.has_answer = true, .received_at_seconds = at_seconds};
    return record_with(number, &state, BYTES_OF("an answer"));
}

static inline struct ocsp_record *revoked(uint64_t number, int64_t at_seconds)
{
    struct ocsp_state state = {
        .has_answer = true, .answer.status = OCSP_REVOKED, .received_at_seconds = at_seconds};
    return record_with(number, &state, BYTES_OF("a revocation"));
}

static inline struct ocsp_record *failed(uint64_t number, int64_t at_seconds)
{
    struct ocsp_state state = {.failure = OCSP_FAULT_TIMEOUT,
                               .failed_at_seconds = at_seconds,
                               .retry_at_seconds = at_seconds + 10};
    return record_with(number, &state, (struct bytes){0});
}

static inline bool put(struct fixture *fixture, struct ocsp_record *record)
{
    return ocsp_cache_put(fixture->cache, fixture->writer, record);
}

static inline const struct ocsp_record *find(const struct fixture *fixture, uint64_t number,
                                             int64_t now_seconds)
{
    struct ocsp_id id = id_of(number);
    return ocsp_cache_find(fixture->cache, &id, now_seconds);
}

static inline const struct ocsp_record *peek(const struct fixture *fixture, uint64_t number)
{
    struct ocsp_id id = id_of(number);
    return ocsp_cache_peek(fixture->cache, &id);
}

static inline void take_out(struct fixture *fixture, uint64_t number)
{
    struct ocsp_id id = id_of(number);
    ocsp_cache_remove(fixture->cache, fixture->writer, &id);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
