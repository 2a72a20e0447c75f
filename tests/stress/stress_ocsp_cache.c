/*
 * One writer, several readers and a thread that stores it all, on one OCSP cache. To be run under
 * ThreadSanitizer and AddressSanitizer: a record that is found or walked over is whole and of its
 * certificate, and the bounds hold at every moment.
 *
 * Usage: stress_ocsp_cache [operations of each thread]
 */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "../../src/ocsp/ocsp_store_write.h"
#include "../fake/ocsp_fakes.h"
#include "base/check.h"

#define READER_COUNT      3
#define CERTIFICATE_COUNT 400 /* more than there is room for */
#define HOT_COUNT         5
#define ENTRY_COUNT       256
#define SIZE_BYTES        400000
#define RESPONSE_SIZE_MAX 3000
#define START_SECONDS     1700000000

struct run {
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct ocsp_id ids[CERTIFICATE_COUNT];
    _Atomic int64_t now_seconds;
    atomic_uint running_count; /* of readers */
    uint64_t operation_count;
};

struct worker {
    struct run *run;
    struct reclaim_member *member;
    struct dice dice;
    uint64_t seen_count;
    pthread_t thread;
};

static struct ocsp_question *question_of(uint64_t number)
{
    struct ocsp_question *question;
    CHECK(result_is_ok(ocsp_question_restore(bytes_from(&number, sizeof(number)),
                                             BYTES_OF("issuer"), (struct bytes){0}, &question)));
    return question;
}

/* All bytes of a response are alike, and all that is said of it follows from them. */
static struct ocsp_record *make_record(uint64_t number, int64_t now_seconds, struct dice *dice)
{
    static const struct ocsp_manner manner = {.timeout_ms = 5000};
    uint8_t response[RESPONSE_SIZE_MAX];
    struct ocsp_record *record;
    uint8_t byte = (uint8_t)dice_throw(dice);
    size_t length = dice_below(dice, RESPONSE_SIZE_MAX);
    struct ocsp_state state = {
        .has_answer = length > 0,
        .answer = {.produced_at_seconds = byte, .this_update_seconds = (int64_t)length},
        .received_at_seconds = now_seconds,
        .failure = length > 0 ? OCSP_FAULT_NONE : OCSP_FAULT_TIMEOUT,
        .failed_at_seconds = now_seconds,
    };
    memset(response, byte, sizeof(response));
    CHECK(result_is_ok(ocsp_record_create(&state, question_of(number), &manner,
                                          bytes_from(response, length), &record)));
    return record;
}

static void check_whole(const struct ocsp_record *record)
{
    CHECK((size_t)record->state.answer.this_update_seconds == record->response.length);
    CHECK(record->state.has_answer == (record->response.length > 0));
    for (size_t i = 0; i < record->response.length; i++) {
        CHECK(record->response.at[i] == record->state.answer.produced_at_seconds);
    }
    CHECK(record->manner.timeout_ms == 5000 && record->question->serial.length == sizeof(uint64_t));
}

static void check_bounds(const struct ocsp_cache *cache)
{
    struct ocsp_cache_usage usage = ocsp_cache_usage(cache);
    CHECK(usage.entry_count <= ENTRY_COUNT && usage.size_bytes <= SIZE_BYTES);
}

/* A few are wanted often. */
static uint64_t choose_number(struct dice *dice)
{
    return dice_below(dice, dice_one_in(dice, 2) ? HOT_COUNT : CERTIFICATE_COUNT);
}

static void find_one(struct worker *worker)
{
    struct run *run = worker->run;
    uint64_t number = choose_number(&worker->dice);
    const struct ocsp_record *record =
        dice_one_in(&worker->dice, 4)
            ? ocsp_cache_peek(run->cache, &run->ids[number])
            : ocsp_cache_find(run->cache, &run->ids[number], atomic_load(&run->now_seconds));
    if (record != NULL) {
        CHECK(bytes_equal(record->question->serial, bytes_from(&number, sizeof(number))));
        check_whole(record);
        worker->seen_count++;
    }
}

static void walk(struct worker *worker)
{
    const struct ocsp_record *record;
    size_t position = 0;
    (void)ocsp_cache_revision(worker->run->cache);
    while ((record = ocsp_cache_next(worker->run->cache, &position)) != NULL) {
        check_whole(record);
        worker->seen_count++;
    }
}

static void *read_cache(void *argument)
{
    struct worker *worker = argument;
    reclaim_wake(worker->member);
    for (uint64_t i = 0; i < worker->run->operation_count; i++) {
        if (dice_one_in(&worker->dice, 200)) {
            walk(worker);
        } else {
            find_one(worker);
        }
        check_bounds(worker->run->cache);
        if (dice_one_in(&worker->dice, 8)) {
            reclaim_quiet(worker->member);
        }
        if (dice_one_in(&worker->dice, 50)) {
            reclaim_sleep(worker->member);
            (void)sched_yield();
            reclaim_wake(worker->member);
        }
    }
    reclaim_sleep(worker->member);
    atomic_fetch_sub(&worker->run->running_count, 1);
    return NULL;
}

static void write_one(struct worker *worker)
{
    struct run *run = worker->run;
    uint64_t number = choose_number(&worker->dice);
    if (dice_one_in(&worker->dice, 10)) {
        ocsp_cache_remove(run->cache, worker->member, &run->ids[number]);
        CHECK(ocsp_cache_peek(run->cache, &run->ids[number]) == NULL);
        return;
    }
    int64_t now_seconds = atomic_load(&run->now_seconds);
    struct ocsp_record *record = make_record(number, now_seconds, &worker->dice);
    bool is_in = ocsp_cache_put(run->cache, worker->member, record);
    CHECK((ocsp_cache_peek(run->cache, &run->ids[number]) == record) == is_in);
    worker->seen_count += is_in;
}

/* Writes as long as anybody reads. */
static void *write_cache(void *argument)
{
    struct worker *worker = argument;
    reclaim_wake(worker->member);
    while (atomic_load(&worker->run->running_count) > 0) {
        write_one(worker);
        check_bounds(worker->run->cache);
        if (dice_one_in(&worker->dice, 3)) {
            reclaim_quiet(worker->member);
        }
        if (dice_one_in(&worker->dice, 20)) {
            atomic_fetch_add(&worker->run->now_seconds, 1);
        }
    }
    reclaim_sleep(worker->member);
    return NULL;
}

/* The reader that is awake in its batches only. */
static void *store_cache(void *argument)
{
    struct worker *worker = argument;
    while (atomic_load(&worker->run->running_count) > 0) {
        char path[] = "/tmp/stress_ocsp_cache.XXXXXX";
        int descriptor = mkstemp(path);
        CHECK(descriptor >= 0 && close(descriptor) == 0);
        CHECK(result_is_ok(ocsp_store_write(path, worker->run->cache, worker->member)));
        CHECK(unlink(path) == 0);
        worker->seen_count++;
    }
    return NULL;
}

int main(int argument_count, char **arguments)
{
    static const struct ocsp_cache_settings settings = {ENTRY_COUNT, SIZE_BYTES};
    static struct worker workers[READER_COUNT + 2];
    static struct run run = {.now_seconds = START_SECONDS, .running_count = READER_COUNT};
    run.operation_count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 100000;
    CHECK(result_is_ok(reclaim_create(READER_COUNT + 2, &run.reclaim)));
    CHECK(result_is_ok(ocsp_cache_create(&settings, &run.cache)));
    for (uint64_t i = 0; i < CERTIFICATE_COUNT; i++) {
        run.ids[i] = ocsp_fakes_id(bytes_from(&i, sizeof(i)), BYTES_OF("issuer"));
    }
    for (size_t i = 0; i < READER_COUNT + 2; i++) {
        void *(*work)(void *) = i == 0 ? write_cache : i == 1 ? store_cache : read_cache;
        workers[i] =
            (struct worker){.run = &run, .member = reclaim_join(run.reclaim), .dice.state = i + 1};
        CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    uint64_t read_count = 0;
    for (size_t i = 0; i < READER_COUNT + 2; i++) {
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
        read_count += i > 1 ? workers[i].seen_count : 0;
    }
    struct ocsp_cache_usage usage = ocsp_cache_usage(run.cache);
    (void)printf("stress_ocsp_cache: %llu put in, %llu pushed out, %llu without room; %llu found "
                 "whole, stored %llu times\n",
                 (unsigned long long)workers[0].seen_count, (unsigned long long)usage.evicted_count,
                 (unsigned long long)usage.rejected_count, (unsigned long long)read_count,
                 (unsigned long long)workers[1].seen_count);
    reclaim_destroy(run.reclaim);
    ocsp_cache_destroy(run.cache);
    return 0;
}
