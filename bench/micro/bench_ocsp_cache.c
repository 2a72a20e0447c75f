/*
 * What finding and putting in cost in the OCSP cache; neither a hit nor a miss writes shared
 * memory, the quiet points between them included.
 */
#include "../../tests/fake/ocsp_fakes.h"
#include "base/check.h"
#include "bench.h"
#include "trust/ocsp_cache.h"

#define RECORD_COUNT    1000
#define RESPONSE_SIZE   2000
#define ENTRY_COUNT     4096
#define START_SECONDS   1700000000
#define PUTS_FOR_SECOND 10000

struct user {
    struct reclaim_member *member;
    uint32_t number;
};

static struct reclaim *reclaim;
static struct ocsp_cache *cache;
static struct ocsp_id ids[RECORD_COUNT];

static struct ocsp_record *make_record(uint64_t number, int64_t now_seconds)
{
    static const uint8_t response[RESPONSE_SIZE];
    static const struct ocsp_manner manner;
    struct ocsp_state state = {.has_answer = true, .received_at_seconds = now_seconds};
    struct ocsp_question *question;
    struct ocsp_record *record;
    CHECK(result_is_ok(ocsp_question_restore(bytes_from(&number, sizeof(number)),
                                             BYTES_OF("issuer"), (struct bytes){0}, &question)));
    CHECK(result_is_ok(ocsp_record_create(&state, question, &manner,
                                          bytes_from(response, sizeof(response)), &record)));
    return record;
}

static void find_any(void *own, uint64_t step)
{
    const struct user *user = own;
    size_t index = (step * 7 + user->number * 131) % RECORD_COUNT;
    CHECK(ocsp_cache_find(cache, &ids[index], START_SECONDS) != NULL);
}

static void find_one(void *own, uint64_t step)
{
    (void)own;
    (void)step;
    CHECK(ocsp_cache_find(cache, &ids[0], START_SECONDS) != NULL);
}

static void miss(void *own, uint64_t step)
{
    const struct user *user = own;
    struct ocsp_id id = {{(uint8_t)user->number}};
    memcpy(id.bytes + 8, &step, sizeof(step));
    CHECK(ocsp_cache_find(cache, &id, START_SECONDS) == NULL);
}

/* There is one writer. */
static void put_new(void *own, uint64_t step)
{
    const struct user *user = own;
    int64_t now_seconds = START_SECONDS + (int64_t)(step / PUTS_FOR_SECOND);
    (void)ocsp_cache_put(cache, user->member, make_record((UINT64_C(1) << 40) + step, now_seconds));
}

static void put_again(void *own, uint64_t step)
{
    const struct user *user = own;
    (void)ocsp_cache_put(cache, user->member, make_record(step % RECORD_COUNT, START_SECONDS));
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"find, 1000 records",             find_any,  BENCH_OWN_WRITES},
    {"find, all threads the same",     find_one,  BENCH_OWN_WRITES},
    {"miss",                           miss,      BENCH_OWN_WRITES},
    {"make and put, pushing one out",  put_new,   BENCH_ONE_THREAD | BENCH_ALLOCATES},
    {"make and put, replacing one",    put_again, BENCH_ONE_THREAD | BENCH_ALLOCATES},
};
/* clang-format on */

static void rest(void *own)
{
    reclaim_quiet(((struct user *)own)->member);
}

static void *start_own(uint32_t thread)
{
    struct user *user = calloc(1, sizeof(*user));
    CHECK(user != NULL);
    *user = (struct user){reclaim_join(reclaim), thread};
    reclaim_wake(user->member);
    return user;
}

static void stop_own(void *own)
{
    reclaim_sleep(((struct user *)own)->member);
    free(own);
}

static void start(void)
{
    static const struct ocsp_cache_settings settings = {ENTRY_COUNT, (size_t)64 << 20};
    CHECK(result_is_ok(reclaim_create(BENCH_THREAD_COUNT_MAX + 1, &reclaim)));
    CHECK(result_is_ok(ocsp_cache_create(&settings, &cache)));
    struct user *founder = start_own(BENCH_THREAD_COUNT_MAX);
    for (uint64_t i = 0; i < RECORD_COUNT; i++) {
        struct ocsp_record *record = make_record(i, START_SECONDS);
        ids[i] = record->question->id;
        CHECK(ocsp_cache_put(cache, founder->member, record));
    }
    stop_own(founder);
}

static void stop(void)
{
    reclaim_destroy(reclaim);
    ocsp_cache_destroy(cache);
}

const struct bench bench_subject = {BENCH_ROWS(rows),       .start = start,       .stop = stop,
                                    .start_own = start_own, .stop_own = stop_own, .rest = rest};
