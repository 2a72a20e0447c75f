/*
 * A cache, a folder of its own and short words for storing the one in the other. A certificate is a
 * number, its response what tests/fake/ocsp_fakes.h takes for one. One include a program.
 */
#ifndef TESTS_UNIT_OCSP_STORE_FIXTURE_H
#define TESTS_UNIT_OCSP_STORE_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../src/ocsp/ocsp_store_file.h"
#include "../../../src/ocsp/ocsp_store_load.h"
#include "../../../src/ocsp/ocsp_store_write.h"
#include "../../fake/ocsp_fakes.h"

#define NOW           INT64_C(1700000000)
#define LIFE          INT64_C(86400)
#define ENTRY_COUNT   8192 /* so many that no bucket overflows */
#define FILE_SIZE_MAX (4 << 20)

struct fixture {
    char folder[32];
    char path[64];
    char new_path[64];
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct reclaim_member *writer; /* of the cache; awake */
    struct reclaim_member *store;  /* asleep */
    struct ocsp_store_outcome outcome;
};

static inline void open_cache(struct fixture *fixture, size_t entry_count_max)
{
    struct ocsp_cache_settings settings = {entry_count_max, (size_t)64 << 20};
    assert_true(result_is_ok(reclaim_create(3, &fixture->reclaim)));
    assert_true(result_is_ok(ocsp_cache_create(&settings, &fixture->cache)));
    fixture->writer = reclaim_join(fixture->reclaim);
    fixture->store = reclaim_join(fixture->reclaim);
    reclaim_wake(fixture->writer);
}

static inline void close_cache(struct fixture *fixture)
{
    reclaim_sleep(fixture->writer);
    reclaim_destroy(fixture->reclaim);
    ocsp_cache_destroy(fixture->cache);
}

static inline int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/ocsp_store.XXXXXX"};
    assert_non_null(mkdtemp(fixture.folder));
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/cache", fixture.folder);
    (void)snprintf(fixture.new_path, sizeof(fixture.new_path), "%s.new", fixture.path);
    open_cache(&fixture, ENTRY_COUNT);
    *state = &fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_cache(fixture);
    (void)unlink(fixture->path);
    (void)unlink(fixture->new_path);
    (void)rmdir(fixture->new_path);
    assert_int_equal(rmdir(fixture->folder), 0);
    return 0;
}

/* As after a restart. */
static inline void restart(struct fixture *fixture)
{
    close_cache(fixture);
    open_cache(fixture, ENTRY_COUNT);
}

static inline struct ocsp_manner manner_of(uint64_t number)
{
    struct ocsp_manner manner = {
        .timeout_ms = 5000 + (uint32_t)number,
        .connect_timeout_ms = 2000,
        .read_timeout_ms = 3000,
        .retry_after_ms = 10000,
        .max_age_ms = 2 * LIFE * 1000,
        .stale_grace_ms = 60000,
        .has_nonce = number % 2 == 0,
        .is_get = number % 3 == 0,
    };
    if (number % 2 == 0) {
        (void)snprintf(manner.url, sizeof(manner.url), "http://override.test/%llu",
                       (unsigned long long)number);
    }
    return manner;
}

/* The parts of a record; a test changes some before it puts it in. */
struct draft {
    char serial[24];
    char response[OCSP_FAKES_LINE_SIZE];
    struct ocsp_state state;
    struct ocsp_manner manner;
};

static inline struct draft draft_of(uint64_t number, const char *status)
{
    struct draft draft = {.manner = manner_of(number)};
    (void)snprintf(draft.serial, sizeof(draft.serial), "%llu", (unsigned long long)number);
    (void)snprintf(draft.response, sizeof(draft.response), "%s %s %lld %lld %lld and more", status,
                   draft.serial, (long long)NOW, (long long)(NOW + LIFE),
                   (long long)(NOW + 10 * LIFE));
    draft.state = (struct ocsp_state){.has_answer = true, .received_at_seconds = NOW};
    return draft;
}

static inline struct ocsp_record *record_of_draft(const struct draft *draft)
{
    struct ocsp_question *question;
    struct ocsp_record *record;
    assert_true(
        result_is_ok(ocsp_question_restore(bytes_from_string(draft->serial), BYTES_OF("the issuer"),
                                           BYTES_OF("http://ocsp.test/"), &question)));
    assert_true(result_is_ok(ocsp_record_create(&draft->state, question, &draft->manner,
                                                bytes_from_string(draft->response), &record)));
    return record;
}

static inline void put_draft(struct fixture *fixture, const struct draft *draft)
{
    assert_true(ocsp_cache_put(fixture->cache, fixture->writer, record_of_draft(draft)));
    reclaim_quiet(fixture->writer);
}

static inline void put(struct fixture *fixture, uint64_t number, const char *status)
{
    struct draft draft = draft_of(number, status);
    put_draft(fixture, &draft);
}

static inline const struct ocsp_record *peek(const struct fixture *fixture, uint64_t number)
{
    struct draft draft = draft_of(number, "good");
    struct ocsp_id id = ocsp_fakes_id(bytes_from_string(draft.serial), BYTES_OF("the issuer"));
    return ocsp_cache_peek(fixture->cache, &id);
}

static inline enum error save(struct fixture *fixture)
{
    return ocsp_store_write(fixture->path, fixture->cache, fixture->store).code;
}

static inline enum error load_at(struct fixture *fixture, int64_t now_seconds)
{
    restart(fixture);
    fixture->outcome = (struct ocsp_store_outcome){99, 99, 99};
    return ocsp_store_load(fixture->path, fixture->cache, fixture->writer, now_seconds,
                           &fixture->outcome)
        .code;
}

/* Loads after a restart and compares what came of it. */
static inline void expect_loaded(struct fixture *fixture, size_t loaded, size_t expired, size_t bad)
{
    assert_int_equal(load_at(fixture, NOW + 10), ERROR_NONE);
    assert_int_equal(fixture->outcome.loaded_count, loaded);
    assert_int_equal(fixture->outcome.expired_count, expired);
    assert_int_equal(fixture->outcome.bad_count, bad);
}

static inline size_t read_file(const char *path, uint8_t *content)
{
    int descriptor = open(path, O_RDONLY);
    assert_true(descriptor >= 0);
    ssize_t length = read(descriptor, content, FILE_SIZE_MAX);
    assert_true(length >= 0);
    assert_int_equal(close(descriptor), 0);
    return (size_t)length;
}

static inline void write_file(const char *path, const uint8_t *content, size_t length)
{
    (void)unlink(path);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, length), length);
    assert_int_equal(close(descriptor), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
