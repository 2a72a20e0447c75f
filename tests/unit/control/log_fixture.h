/*
 * A folder for logs, two queues as of two workers, and a log writer over them. For the tests of
 * what writes logs.
 */
#ifndef TESTS_UNIT_CONTROL_LOG_FIXTURE_H
#define TESTS_UNIT_CONTROL_LOG_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/log_writer.h"

#define CAPACITY_BYTES 65536
#define PATIENCE_MS    30000

static struct log_queue *queues[2];
static char folder[] = "/tmp/test_logs_XXXXXX";

static inline int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static inline int leave_folder(void **state)
{
    (void)state;
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static inline int make_queues(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        queues[i] = aligned_alloc(_Alignof(struct log_queue), sizeof(*queues[i]));
        if (queues[i] == NULL || !result_is_ok(log_queue_init(queues[i], CAPACITY_BYTES))) {
            return -1;
        }
    }
    return 0;
}

static inline int free_queues(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        log_queue_deinit(queues[i]);
        free(queues[i]);
    }
    static const char *const names[] = {"access.log", "access.log.1", "other.log", "error.log",
                                        "logger"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(names[i]);
    }
    return 0;
}

/* A configuration with that access log and no other. */
static inline struct config_gateway logging_to(const char *path)
{
    bool is_dash = strcmp(path, "-") == 0;
    return (struct config_gateway){
        .access_log = {.source = {.text = path, .place = {.file = "edge.ini", .line = 3}},
                       .kind = is_dash ? CONFIG_LOG_STANDARD_OUTPUT : CONFIG_LOG_FILE,
                       .path = is_dash ? NULL : path}};
}

/* What is wrong with it, or "". */
static inline const char *change_to(struct log_writer *writer, const struct config_gateway *gateway)
{
    static char said[512];
    struct log_change change;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct result result = log_writer_prepare(writer, gateway, &diagnostics, &change);
    said[0] = '\0';
    if (result_is_ok(result)) {
        log_writer_publish(writer, &change);
    } else {
        assert_int_equal(result.code, ERROR_BAD_CONFIG);
        assert_int_equal(diagnostics.error_count, 1);
        (void)snprintf(said, sizeof(said), "%s:%d: %s", diagnostics.items[0].place.file,
                       diagnostics.items[0].place.line, diagnostics.items[0].message);
    }
    diagnostics_deinit(&diagnostics);
    return said;
}

static inline struct log_writer *create_writer(const char *path)
{
    struct config_gateway gateway = logging_to(path);
    struct log_writer *writer = NULL;
    assert_true(result_is_ok(log_writer_create(NULL, &writer)));
    assert_string_equal(change_to(writer, &gateway), "");
    return writer;
}

static inline struct log_writer *start_writer(const char *path)
{
    struct log_writer *writer = create_writer(path);
    assert_true(result_is_ok(log_writer_start(writer, queues, 2)));
    return writer;
}

static inline uint64_t lost_bytes(const struct log_writer *writer)
{
    return log_writer_lost_bytes(writer, LOG_ACCESS);
}

static inline void put(size_t queue, const char *line)
{
    assert_true(log_queue_put(queues[queue], bytes_from_string(line)));
}

/* What the file holds; "" when it is not there. */
static inline const char *content_of(const char *path)
{
    static char content[CAPACITY_BYTES];
    FILE *file = fopen(path, "r");
    size_t length = file == NULL ? 0 : fread(content, 1, sizeof(content) - 1, file);
    content[length] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    return content;
}

static inline void wait_a_little(void)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    (void)nanosleep(&pause, NULL);
}

/* Waits until the file holds that and nothing more. */
static inline void expect_content(const char *path, const char *content)
{
    for (int waited_ms = 0; waited_ms < PATIENCE_MS && strcmp(content_of(path), content) != 0;
         waited_ms += 5) {
        wait_a_little();
    }
    assert_string_equal(content_of(path), content);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make_queues, free_queues)

#endif
