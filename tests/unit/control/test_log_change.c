/* Logs that go elsewhere while they are written: each line once, where lines went when it was put.
 */
#include "log_fixture.h"

static void put_many(const char *word, int count)
{
    char line[64];
    for (int i = 0; i < count; i++) {
        (void)snprintf(line, sizeof(line), "%s %d\n", word, i);
        put((size_t)i % 2, line);
    }
}

static size_t count_lines_of(const char *path)
{
    size_t count = 0;
    for (const char *at = content_of(path); *at != '\0'; at++) {
        count += *at == '\n';
    }
    return count;
}

static void fence_all(void)
{
    log_queue_fence(queues[0]);
    log_queue_fence(queues[1]);
}

static void lines_before_the_change_go_to_the_former_place_and_others_to_the_new(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    struct config_gateway other = logging_to("other.log");
    put_many("before", 100);
    fence_all();
    put_many("behind", 50);
    assert_string_equal(change_to(writer, &other), "");
    put_many("behind", 50);
    log_writer_stop(writer);
    assert_int_equal(count_lines_of("access.log"), 100);
    assert_null(strstr(content_of("access.log"), "behind"));
    assert_int_equal(count_lines_of("other.log"), 100);
    assert_null(strstr(content_of("other.log"), "before"));
    log_writer_destroy(writer);
}

static void a_change_that_cannot_be_made_leaves_all_as_it_was(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    struct config_gateway other = logging_to("absent/other.log");
    put(0, "one\n");
    assert_string_equal(change_to(writer, &other),
                        "edge.ini:3: [gateway] access_log = absent/other.log: No such file or "
                        "directory; make its folder first");
    put(1, "two\n");
    expect_content("access.log", "one\ntwo\n");
    log_writer_stop(writer);
    log_writer_destroy(writer);
}

static void a_log_may_be_switched_off_and_on(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    struct config_gateway on = logging_to("access.log");
    struct config_gateway off = {.access_log.kind = CONFIG_LOG_OFF};
    put(0, "one\n");
    fence_all();
    assert_string_equal(change_to(writer, &off), "");
    expect_content("access.log", "one\n");
    fence_all();
    put(0, "two\n");
    assert_string_equal(change_to(writer, &on), "");
    expect_content("access.log", "one\ntwo\n");
    log_writer_stop(writer);
    assert_int_equal(lost_bytes(writer), 0);
    log_writer_destroy(writer);
}

/* As a reload does that changes something else: it is not opened anew either. */
static void a_place_that_stays_is_written_on(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    struct config_gateway same = logging_to("access.log");
    put(0, "one\n");
    expect_content("access.log", "one\n");
    assert_int_equal(rename("access.log", "access.log.1"), 0);
    for (int i = 0; i < 20; i++) {
        fence_all();
        assert_string_equal(change_to(writer, &same), "");
    }
    put(0, "two\n");
    expect_content("access.log.1", "one\ntwo\n");
    assert_int_equal(access("access.log", F_OK), -1);
    log_writer_stop(writer);
    log_writer_destroy(writer);
}

static void a_change_that_was_prepared_may_be_given_up(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    struct config_gateway other = logging_to("other.log");
    struct log_change change;
    assert_true(result_is_ok(log_writer_prepare(writer, &other, NULL, &change)));
    log_writer_discard(&change);
    log_writer_discard(&change);
    put(0, "one\n");
    expect_content("access.log", "one\n");
    log_writer_stop(writer);
    log_writer_destroy(writer);
}

static void a_full_disk_is_left_by_a_change(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("/dev/full");
    struct config_gateway other = logging_to("other.log");
    put(0, "lost\n");
    fence_all();
    put(0, "written\n");
    assert_string_equal(change_to(writer, &other), "");
    expect_content("other.log", "written\n");
    log_writer_stop(writer);
    assert_int_equal(log_writer_lost_lines(writer, LOG_ACCESS), 1);
    log_writer_destroy(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(lines_before_the_change_go_to_the_former_place_and_others_to_the_new),
        EACH(a_change_that_cannot_be_made_leaves_all_as_it_was),
        EACH(a_log_may_be_switched_off_and_on),
        EACH(a_place_that_stays_is_written_on),
        EACH(a_change_that_was_prepared_may_be_given_up),
        EACH(a_full_disk_is_left_by_a_change),
    };
    return cmocka_run_group_tests_name("log_change", tests, enter_folder, leave_folder);
}
