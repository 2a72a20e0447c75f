/*
 * A stats server over sources that a test fills in, on a socket in a folder of its own, and a
 * client for it that says exactly what it is told.
 */
#ifndef TESTS_UNIT_CONTROL_STATS_FIXTURE_H
#define TESTS_UNIT_CONTROL_STATS_FIXTURE_H

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/stats_server.h"

static char stats_folder[] = "/tmp/sallyport-stats-XXXXXX";
static char stats_path[64];

/* What the server reads; zeroed by stats_start(). */
static struct counters stats_counters[2];
static struct trust_cache_counters stats_cache_counters[2];
static struct log_queue stats_queues[2];
static struct ocsp_counters stats_ocsp;
static struct traffic_labels stats_labels;
static struct stats_worker_source stats_workers[2];
static char stats_reason[512]; /* why the latest start failed */

static inline int stats_make_folder(void **state)
{
    (void)state;
    if (mkdtemp(stats_folder) == NULL) {
        return -1;
    }
    (void)snprintf(stats_path, sizeof(stats_path), "%s/s.sock", stats_folder);
    return chdir(stats_folder);
}

static inline int stats_remove_folder(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", stats_folder);
    return chdir("/") != 0 || system(command) != 0;
}

static inline struct stats_sources stats_make_sources(void)
{
    memset(stats_counters, 0, sizeof(stats_counters));
    memset(stats_cache_counters, 0, sizeof(stats_cache_counters));
    memset(stats_queues, 0, sizeof(stats_queues));
    memset(&stats_ocsp, 0, sizeof(stats_ocsp));
    memset(&stats_labels, 0, sizeof(stats_labels));
    for (size_t i = 0; i < 2; i++) {
        stats_workers[i] = (struct stats_worker_source){&stats_counters[i],
                                                        &stats_cache_counters[i], &stats_queues[i]};
    }
    return (struct stats_sources){
        .workers = stats_workers, .worker_count = 2, .ocsp = &stats_ocsp, .labels = &stats_labels};
}

static inline struct result stats_try(struct stats_server_settings settings,
                                      struct stats_server **ret_server)
{
    struct text reason = text_over(stats_reason, sizeof(stats_reason));
    settings.sources = stats_make_sources();
    settings.socket_path = stats_path;
    settings.client_count_max =
        settings.client_count_max == 0 ? STATS_CLIENT_COUNT_MAX : settings.client_count_max;
    struct result result = stats_server_start(&settings, &reason, ret_server);
    (void)text_terminate(&reason);
    return result;
}

static inline struct stats_server *stats_start(struct stats_server_settings settings)
{
    struct stats_server *server = NULL;
    assert_true(result_is_ok(stats_try(settings, &server)));
    return server;
}

static inline int stats_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", stats_path);
    assert_true(descriptor >= 0);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
    return descriptor;
}

static inline void stats_send(int descriptor, const char *text)
{
    size_t length = strlen(text);
    assert_int_equal(send(descriptor, text, length, MSG_NOSIGNAL), length);
}

/* Until the server closes; the caller frees it. */
static inline char *stats_receive_all(int descriptor)
{
    static char *text; /* kept by the stream until it is closed */
    static size_t length;
    char part[4096];
    ssize_t received;
    FILE *stream = open_memstream(&text, &length);
    while ((received = recv(descriptor, part, sizeof(part), 0)) > 0) {
        (void)fwrite(part, 1, (size_t)received, stream);
    }
    assert_int_equal(fclose(stream), 0);
    (void)close(descriptor);
    return text;
}

static inline char *stats_ask(const char *request)
{
    int descriptor = stats_connect();
    stats_send(descriptor, request);
    return stats_receive_all(descriptor);
}

#define STATS_REQUEST(line) line " HTTP/1.1\r\nHost: localhost\r\n\r\n"

static inline void assert_begins(const char *text, const char *beginning)
{
    if (strncmp(text, beginning, strlen(beginning)) != 0) {
        fail_msg("expected '%s...', got '%.200s'", beginning, text);
    }
}

static inline void assert_holds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("'%s' is not in '%.2000s'", part, text);
    }
}

#endif
