/*
 * A writer of the OCSP cache's file that is killed at random moments. After each kill the file is
 * loaded: it is whole, of the last writing that had ended or of the one that was under way, never
 * older and never a mixture. The writer is this program again, in a process of its own.
 *
 * Usage: stress_ocsp_store [kills]
 *        stress_ocsp_store --write PATH FIRST    writes contents FIRST, FIRST + 1 ... to PATH and
 *                                                says to standard output which has ended
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/ocsp/ocsp_store_load.h"
#include "../../src/ocsp/ocsp_store_write.h"
#include "../fake/ocsp_fakes.h"
#include "base/check.h"

#define RECORD_COUNT  200
#define RESPONSE_SIZE 2000
#define NOW           INT64_C(1700000000)
#define DELAY_US_MAX  15000
#define WAIT_LIMIT_MS 60000

struct world {
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct reclaim_member *writer;
    struct reclaim_member *store;
};

static void open_world(struct world *world)
{
    /* So large that no bucket ever has more records than slots: nothing is pushed out by chance. */
    static const struct ocsp_cache_settings settings = {65536, (size_t)64 << 20};
    CHECK(result_is_ok(reclaim_create(2, &world->reclaim)));
    CHECK(result_is_ok(ocsp_cache_create(&settings, &world->cache)));
    world->writer = reclaim_join(world->reclaim);
    world->store = reclaim_join(world->reclaim);
    reclaim_wake(world->writer);
}

static void close_world(struct world *world)
{
    reclaim_sleep(world->writer);
    reclaim_destroy(world->reclaim);
    ocsp_cache_destroy(world->cache);
}

/* Which content it is of is in the time of its thisUpdate. */
static void put(struct world *world, uint64_t number, uint64_t content)
{
    static char response[RESPONSE_SIZE];
    static const struct ocsp_manner manner = {.max_age_ms = UINT32_MAX};
    struct ocsp_state state = {.has_answer = true, .received_at_seconds = NOW};
    struct ocsp_question *question;
    struct ocsp_record *record;
    char serial[24];
    memset(response, ' ', sizeof(response));
    int length = snprintf(serial, sizeof(serial), "%llu", (unsigned long long)number);
    CHECK(length > 0);
    length = snprintf(response, sizeof(response), "good %s %llu 0 %lld", serial,
                      (unsigned long long)content, (long long)INT64_MAX);
    CHECK(length > 0);
    CHECK(result_is_ok(ocsp_question_restore(bytes_from_string(serial), BYTES_OF("issuer"),
                                             (struct bytes){0}, &question)));
    CHECK(result_is_ok(ocsp_record_create(&state, question, &manner,
                                          bytes_from(response, sizeof(response)), &record)));
    CHECK(ocsp_cache_put(world->cache, world->writer, record));
    reclaim_quiet(world->writer);
}

/* The child, until it is killed. */
static void write_for_ever(const char *path, uint64_t content)
{
    struct world world;
    open_world(&world);
    for (;; content++) {
        for (uint64_t i = 0; i < RECORD_COUNT; i++) {
            put(&world, i, content);
        }
        CHECK(result_is_ok(ocsp_store_write(path, world.cache, world.store)));
        CHECK(write(STDOUT_FILENO, &content, sizeof(content)) == sizeof(content));
    }
}

/* Returns the content that all records are of; 0 when there are none. */
static uint64_t load(const char *path)
{
    struct ocsp_store_outcome outcome;
    struct world world;
    const struct ocsp_record *record;
    size_t position = 0;
    uint64_t content = 0;
    size_t count = 0;
    open_world(&world);
    CHECK(result_is_ok(ocsp_store_load(path, world.cache, world.writer, NOW + 1, &outcome)));
    CHECK(outcome.bad_count == 0 && outcome.expired_count == 0);
    while ((record = ocsp_cache_next(world.cache, &position)) != NULL) {
        uint64_t own = (uint64_t)record->state.answer.this_update_seconds;
        CHECK(count == 0 || own == content);
        CHECK(record->response.length == RESPONSE_SIZE);
        content = own;
        count++;
    }
    CHECK(count == 0 || count == RECORD_COUNT);
    close_world(&world);
    return content;
}

/* Contents that were written to the end, as the child says; ended is the last known. */
static uint64_t read_ended(int descriptor, uint64_t ended)
{
    uint64_t content;
    while (read(descriptor, &content, sizeof(content)) == sizeof(content)) {
        ended = content;
    }
    return ended;
}

static pid_t start_writer(const char *path, uint64_t first, int *ret_descriptor)
{
    char number[24];
    int pipes[2];
    CHECK(pipe(pipes) == 0);
    (void)snprintf(number, sizeof(number), "%llu", (unsigned long long)first);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        (void)dup2(pipes[1], STDOUT_FILENO);
        (void)close(pipes[0]);
        (void)close(pipes[1]);
        (void)execl("/proc/self/exe", "stress_ocsp_store", "--write", path, number, (char *)NULL);
        _exit(127);
    }
    CHECK(close(pipes[1]) == 0);
    *ret_descriptor = pipes[0];
    return child;
}

/* Kills a writer some time after its first content, or at once; what the file then has. */
static uint64_t kill_one(const char *path, uint64_t before, struct dice *dice)
{
    int descriptor;
    int status;
    pid_t child = start_writer(path, before + 1, &descriptor);
    struct pollfd first = {.fd = descriptor, .events = POLLIN};
    CHECK(dice_one_in(dice, 10) || poll(&first, 1, WAIT_LIMIT_MS) == 1);
    (void)usleep(dice_below(dice, DELAY_US_MAX));
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    uint64_t ended = read_ended(descriptor, before);
    CHECK(close(descriptor) == 0);
    uint64_t content = load(path);
    /* It may have been killed between the rename and its word of it. */
    CHECK(content == ended || content == ended + 1);
    return content;
}

/* In a folder of its own below parent. */
static void kill_many(const char *parent, uint64_t kill_count, struct dice *dice)
{
    char folder[64];
    char path[80];
    char new_path[96];
    uint64_t content = 0;
    uint64_t torn_count = 0;
    (void)snprintf(folder, sizeof(folder), "%s/stress_ocsp_store.XXXXXX", parent);
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/cache", folder);
    (void)snprintf(new_path, sizeof(new_path), "%s.new", path);
    for (uint64_t i = 0; i < kill_count; i++) {
        content = kill_one(path, content, dice);
        torn_count += access(new_path, F_OK) == 0;
    }
    (void)printf("  %s: %llu kills, %llu of them in the middle of a writing; the last of %llu "
                 "contents is whole\n",
                 parent, (unsigned long long)kill_count, (unsigned long long)torn_count,
                 (unsigned long long)content);
    (void)unlink(new_path);
    CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

int main(int argument_count, char **arguments)
{
    struct dice dice = {.state = (uint64_t)getpid()};
    if (argument_count == 4 && strcmp(arguments[1], "--write") == 0) {
        write_for_ever(arguments[2], strtoull(arguments[3], NULL, 10));
    }
    uint64_t kill_count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 200;
    (void)printf("stress_ocsp_store: seed %llu\n", (unsigned long long)dice.state);
    /* Where a writing is mostly waiting for the disk, and where it is mostly writing. */
    kill_many("/tmp", kill_count / 4, &dice);
    kill_many(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", kill_count - kill_count / 4,
              &dice);
    return 0;
}
