/* Writing the file: whole or not at all, ours alone, and only when something has changed. */
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "ocsp/ocsp_store.h"
#include "store_fixture.h"

#define WAIT_LIMIT_MS 20000

static uint8_t content[FILE_SIZE_MAX];
static uint8_t expected[FILE_SIZE_MAX];

static ino_t inode_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_ino : 0;
}

static void check_same(const struct fixture *fixture, size_t expected_length)
{
    assert_int_equal(read_file(fixture->path, content), expected_length);
    assert_memory_equal(content, expected, expected_length);
    assert_int_equal(access(fixture->new_path, F_OK), -1);
}

static void the_file_is_for_its_owner_alone(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    mode_t mask = umask(0);
    assert_int_equal(save(fixture), ERROR_NONE);
    (void)umask(mask);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(access(fixture->new_path, F_OK), -1);
}

static void the_same_content_gives_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < 20; i++) {
        put(fixture, i, "good");
    }
    assert_int_equal(save(fixture), ERROR_NONE);
    size_t length = read_file(fixture->path, expected);
    assert_int_equal(save(fixture), ERROR_NONE);
    check_same(fixture, length);
}

static void many_and_large_records_are_written_in_batches(void **state)
{
    static char padding[60000];
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < 500; i++) {
        struct draft draft = draft_of(i, "good");
        struct ocsp_record *record = record_of_draft(&draft);
        if (i % 10 == 0) {
            struct ocsp_record *large = NULL;
            struct ocsp_question *question = record->question;
            memset(padding, ' ', sizeof(padding));
            memcpy(padding, draft.response, strlen(draft.response));
            record->question = NULL;
            assert_true(
                result_is_ok(ocsp_record_create(&draft.state, question, &draft.manner,
                                                bytes_from(padding, sizeof(padding)), &large)));
            ocsp_record_destroy(record);
            record = large;
        }
        assert_true(ocsp_cache_put(fixture->cache, fixture->writer, record));
    }
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 500, 0, 0);
    for (uint64_t i = 0; i < 500; i++) {
        assert_non_null(peek(fixture, i));
        assert_true(i % 10 != 0 || peek(fixture, i)->response.length == sizeof(padding));
    }
}

static void what_a_crash_has_left_behind_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "good");
    write_file(fixture->new_path, (const uint8_t *)"half a fi", 9);
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(access(fixture->new_path, F_OK), -1);
    expect_loaded(fixture, 1, 0, 0);
}

static void a_link_in_the_way_is_not_followed(void **state)
{
    struct fixture *fixture = *state;
    char victim[80];
    (void)snprintf(victim, sizeof(victim), "%s/victim", fixture->folder);
    write_file(victim, (const uint8_t *)"precious", 8);
    assert_int_equal(symlink(victim, fixture->new_path), 0);
    put(fixture, 1, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(read_file(victim, content), 8);
    assert_memory_equal(content, "precious", 8);
    assert_int_equal(unlink(victim), 0);
    expect_loaded(fixture, 1, 0, 0);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before;
    put(fixture, 1, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    size_t length = read_file(fixture->path, expected);
    put(fixture, 2, "good");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = length + 10, .rlim_max = before.rlim_max};
    void (*former)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum error error = save(fixture);
    int reason = errno;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, former);
    assert_int_equal(error, ERROR_FILE);
    assert_int_equal(reason, EFBIG);
    check_same(fixture, length);
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 2, 0, 0);
}

static void what_cannot_be_written_leaves_the_old_file(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    ino_t inode = inode_of(fixture->path);
    assert_int_equal(mkdir(fixture->new_path, 0700), 0);
    assert_int_equal(save(fixture), ERROR_FILE);
    assert_int_equal(inode_of(fixture->path), inode);
    assert_int_equal(rmdir(fixture->new_path), 0);
    /* A folder in the place of the file itself: the new one goes. */
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(mkdir(fixture->path, 0700), 0);
    assert_int_equal(save(fixture), ERROR_FILE);
    assert_int_equal(access(fixture->new_path, F_OK), -1);
    assert_int_equal(rmdir(fixture->path), 0);
}

static void a_path_may_have_no_folder(void **state)
{
    struct fixture *fixture = *state;
    int working_folder = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(working_folder >= 0);
    assert_int_equal(chdir(fixture->folder), 0);
    enum error error = ocsp_store_write("cache", fixture->cache, fixture->store).code;
    assert_int_equal(fchdir(working_folder), 0);
    assert_int_equal(close(working_folder), 0);
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static struct ocsp_store *start_store(struct fixture *fixture, const char *path,
                                      uint32_t interval_ms)
{
    struct ocsp_store_settings settings = {path, fixture->cache, fixture->reclaim, interval_ms};
    struct ocsp_store *store = NULL;
    assert_true(result_is_ok(ocsp_store_start(&settings, &store)));
    return store;
}

static bool has_come(const char *path)
{
    uint64_t end_ms = clock_monotonic_ms() + WAIT_LIMIT_MS;
    while (access(path, F_OK) != 0 && clock_monotonic_ms() < end_ms) {
        (void)usleep(1000);
    }
    return access(path, F_OK) == 0;
}

static void the_thread_writes_what_has_changed(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_store *store = start_store(fixture, fixture->path, 5);
    put(fixture, 1, "good");
    assert_true(has_come(fixture->path));
    ocsp_store_stop(store);
    expect_loaded(fixture, 1, 0, 0);
}

static void the_thread_writes_once_more_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_store *store = start_store(fixture, fixture->path, 3600000);
    put(fixture, 1, "good");
    ocsp_store_stop(store);
    expect_loaded(fixture, 1, 0, 0);
    ocsp_store_stop(NULL);
}

static void nothing_is_written_when_nothing_has_changed(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_store *store = start_store(fixture, fixture->path, 5);
    put(fixture, 1, "good");
    assert_true(has_come(fixture->path));
    ocsp_store_stop(store); /* whether it was in time for the put or writes it now */
    restart(fixture);
    store = start_store(fixture, fixture->path, 1);
    ino_t inode = inode_of(fixture->path);
    struct draft failure = draft_of(2, "good");
    failure.state = (struct ocsp_state){.failure = OCSP_FAULT_TIMEOUT};
    put_draft(fixture, &failure);
    ocsp_store_stop(store);
    assert_int_equal(inode_of(fixture->path), inode);
    expect_loaded(fixture, 1, 0, 0);
}

static void a_writing_that_failed_is_counted_and_tried_again(void **state)
{
    struct fixture *fixture = *state;
    char folder[64];
    char path[80];
    (void)snprintf(folder, sizeof(folder), "%s/later", fixture->folder);
    (void)snprintf(path, sizeof(path), "%s/cache", folder);
    struct ocsp_store *store = start_store(fixture, path, 1);
    assert_int_equal(ocsp_store_failed_count(store), 0);
    put(fixture, 1, "good");
    uint64_t end_ms = clock_monotonic_ms() + WAIT_LIMIT_MS;
    while (ocsp_store_failed_count(store) == 0 && clock_monotonic_ms() < end_ms) {
        (void)usleep(1000);
    }
    assert_true(ocsp_store_failed_count(store) > 0);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(has_come(path));
    ocsp_store_stop(store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_file_is_for_its_owner_alone),
        TEST(the_same_content_gives_the_same_bytes),
        TEST(many_and_large_records_are_written_in_batches),
        TEST(what_a_crash_has_left_behind_is_replaced),
        TEST(a_link_in_the_way_is_not_followed),
        TEST(a_full_disk_leaves_the_old_file),
        TEST(what_cannot_be_written_leaves_the_old_file),
        TEST(a_path_may_have_no_folder),
        TEST(the_thread_writes_what_has_changed),
        TEST(the_thread_writes_once_more_at_the_end),
        TEST(nothing_is_written_when_nothing_has_changed),
        TEST(a_writing_that_failed_is_counted_and_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
