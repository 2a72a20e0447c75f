/* The stats server: what it answers, to whom, and what hostile clients cannot do to it. */
#include "stats_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"

/* What is to come has come by then. */
#define LIMIT_MS 30000

static unsigned action_count;
static struct result action_answer;
static int action_gate[2]; /* read from before an action goes on; when open */

static struct result act(void *owner, struct text *report)
{
    char byte;
    action_count++;
    if (action_gate[0] > 0) {
        (void)!read(action_gate[0], &byte, 1);
    }
    text_append_format(report, "%s: done\n", (const char *)owner);
    return action_answer;
}

static struct stats_actions actions(void)
{
    action_count = 0;
    action_answer = RESULT_OK;
    action_gate[0] = action_gate[1] = 0;
    return (struct stats_actions){.owner = "me", .reload = act};
}

static void expect(const char *request, const char *beginning, const char *part)
{
    char *answer = stats_ask(request);
    assert_begins(answer, beginning);
    assert_holds(answer, part);
    free(answer);
}

static void each_path_answers(void **state)
{
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    expect(STATS_REQUEST("GET /metrics"), "HTTP/1.1 200 OK\r\n", "\nsallyport_build_info{");
    expect(STATS_REQUEST("GET /stats"), "HTTP/1.1 200 OK\r\n", "\"state\": \"starting\"");
    expect(STATS_REQUEST("GET /status?x=1"), "HTTP/1.1 200 OK\r\n", "since the start\n");
    expect(STATS_REQUEST("GET /profiles"), "HTTP/1.1 200 OK\r\n", "[\n]\n");
    expect(STATS_REQUEST("GET /certificates"), "HTTP/1.1 200 OK\r\n", "\r\n\r\n[]\n");
    expect(STATS_REQUEST("GET /backends"), "HTTP/1.1 200 OK\r\n", "\r\n\r\n[\n]\n");
    expect(STATS_REQUEST("GET /servers"), "HTTP/1.1 200 OK\r\n", "\r\n\r\nservers ");
    expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 OK\r\n", "\r\n\r\nok\n");
    expect(STATS_REQUEST("GET /help"), "HTTP/1.1 200 OK\r\n", "POST /reload");
    expect(STATS_REQUEST("GET /"), "HTTP/1.1 200 OK\r\n", "\r\n\r\n<!doctype html>\n");
    stats_server_stop(server);
}

/* RFC 9112 3.2.2: a server must accept it. */
static void a_path_may_come_in_the_absolute_form(void **state)
{
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    expect(STATS_REQUEST("GET http://localhost/metrics"), "HTTP/1.1 200 OK\r\n",
           "\nsallyport_build_info{");
    expect(STATS_REQUEST("GET HTTP://LOCALHOST:80/status?x=1"), "HTTP/1.1 200 OK\r\n",
           "since the start\n");
    expect(STATS_REQUEST("GET http://localhost"), "HTTP/1.1 200 OK\r\n", "<!doctype html>\n");
    expect(STATS_REQUEST("GET http://localhost?x=1"), "HTTP/1.1 200 OK\r\n", "<!doctype html>\n");
    expect(STATS_REQUEST("GET http://localhost/metric"), "HTTP/1.1 404 ", "GET  /metrics");
    expect(STATS_REQUEST("POST http://localhost/metrics"), "HTTP/1.1 405 ", "GET, HEAD\r\n");
    expect(STATS_REQUEST("GET http:///metrics"), "HTTP/1.1 400 ", "cannot be taken");
    expect(STATS_REQUEST("GET http://other/metrics"), "HTTP/1.1 400 ", "cannot be taken");
    expect(STATS_REQUEST("GET localhost/metrics"), "HTTP/1.1 400 ", "cannot be taken");
    expect(STATS_REQUEST("OPTIONS *"), "HTTP/1.1 404 ", "GET  /metrics");
    stats_server_stop(server);
}

static void readiness_follows_the_phase(void **state)
{
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    expect(STATS_REQUEST("GET /readyz"), "HTTP/1.1 503 ", "\r\n\r\nstarting\n");
    stats_server_enter(server, STATS_READY);
    expect(STATS_REQUEST("GET /readyz"), "HTTP/1.1 200 ", "\r\n\r\nready\n");
    stats_server_enter(server, STATS_DRAINING);
    expect(STATS_REQUEST("GET /readyz"), "HTTP/1.1 503 ", "\r\n\r\ndraining\n");
    expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 ", "ok");
    stats_server_stop(server);
}

static void other_paths_and_methods_are_told_the_right_ones(void **state)
{
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    expect(STATS_REQUEST("GET /metric"), "HTTP/1.1 404 Not Found\r\n", "GET  /metrics");
    expect(STATS_REQUEST("GET /metrics/"), "HTTP/1.1 404 Not Found\r\n", "GET  /metrics");
    expect(STATS_REQUEST("POST /metrics"), "HTTP/1.1 405 ", "\r\nAllow: GET, HEAD\r\n");
    expect(STATS_REQUEST("GET /reload"), "HTTP/1.1 405 ", "\r\nAllow: POST\r\n");
    expect(STATS_REQUEST("DELETE /stats"), "HTTP/1.1 405 ", "\r\nAllow: GET, HEAD\r\n");
    char *answer = stats_ask(STATS_REQUEST("HEAD /healthz"));
    assert_begins(answer, "HTTP/1.1 200 OK\r\n");
    assert_holds(answer, "\r\nContent-Length: 3\r\n");
    assert_string_equal(answer + strlen(answer) - 4, "\r\n\r\n");
    free(answer);
    stats_server_stop(server);
}

static void what_is_no_request_is_refused(void **state)
{
    (void)state;
    static char large[STATS_REQUEST_BYTES_MAX + 4096];
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    expect("nonsense\r\n\r\n", "HTTP/1.1 400 ", "cannot be taken");
    expect("GET /stats HTTP/2.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 ", "cannot be taken");
    expect("GET /stats HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "cannot be taken");
    size_t length = (size_t)snprintf(large, sizeof(large), "GET /stats HTTP/1.1\r\nHost: a\r\nA: ");
    memset(large + length, 'x', sizeof(large) - length - 1);
    char *answer = stats_ask(large);
    assert_true(strncmp(answer, "HTTP/1.1 431 ", 13) == 0 ||
                strncmp(answer, "HTTP/1.1 413 ", 13) == 0);
    free(answer);
    expect("POST /reload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 501 ",
           "restart it");
    stats_server_stop(server);
}

static void a_request_may_come_in_pieces(void **state)
{
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    int descriptor = stats_connect();
    for (const char *at = STATS_REQUEST("GET /healthz"); *at != '\0'; at++) {
        assert_int_equal(send(descriptor, at, 1, MSG_NOSIGNAL), 1);
    }
    char *answer = stats_receive_all(descriptor);
    assert_begins(answer, "HTTP/1.1 200 OK\r\n");
    free(answer);
    stats_server_stop(server);
}

static void an_action_reports_what_came_of_it(void **state)
{
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){.actions = actions()});
    expect(STATS_REQUEST("POST /reload"), "HTTP/1.1 200 OK\r\n", "\r\n\r\nme: done\n");
    action_answer = result_failure(ERROR_BAD_CONFIG);
    expect(STATS_REQUEST("POST /reload"), "HTTP/1.1 422 Unprocessable Content\r\n", "me: done\n");
    assert_int_equal(action_count, 2);
    expect(STATS_REQUEST("POST /drain"), "HTTP/1.1 501 ", "restart it\n");
    stats_server_stop(server);
}

static void only_failures_of_the_gateway_itself_are_answered_with_500(void **state)
{
    static const struct {
        enum error error;
        const char *beginning;
    } rows[] = {
        {ERROR_BAD_CONFIG, "HTTP/1.1 422 "},
        {ERROR_BAD_INPUT, "HTTP/1.1 422 "},
        {ERROR_FILE, "HTTP/1.1 422 "},
        {ERROR_NOT_PERMITTED, "HTTP/1.1 422 "},
        {ERROR_ADDRESS_IN_USE, "HTTP/1.1 422 "},
        {ERROR_NAME_UNRESOLVED, "HTTP/1.1 422 "},
        {ERROR_ADDRESS_UNAVAILABLE, "HTTP/1.1 422 "},
        {ERROR_NOT_FOUND, "HTTP/1.1 404 "},
        {ERROR_CANCELLED, "HTTP/1.1 503 "},
        {ERROR_OUT_OF_MEMORY, "HTTP/1.1 500 "},
        {ERROR_LIMIT_REACHED, "HTTP/1.1 500 "},
        {ERROR_NO_RING, "HTTP/1.1 500 "},
        {ERROR_TLS_LIBRARY, "HTTP/1.1 500 "},
        {ERROR_THREAD, "HTTP/1.1 500 "},
        {ERROR_SYSTEM, "HTTP/1.1 500 "},
    };
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){.actions = actions()});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        action_answer = result_failure(rows[i].error);
        expect(STATS_REQUEST("POST /reload"), rows[i].beginning, "me: done\n");
    }
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), ERROR_COUNT - 1); /* all there are */
    stats_server_stop(server);
}

static void expect_not(const char *request, const char *part)
{
    char *answer = stats_ask(request);
    assert_null(strstr(answer, part));
    free(answer);
}

static void why_a_reload_failed_is_told_until_one_succeeds(void **state)
{
    const struct reload_failure failure = {"a.ini:7: \"b\\c\" <i> & so on", 2};
    (void)state;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    expect(STATS_REQUEST("GET /stats"), "HTTP/1.1 200 ",
           "\"last_reload_error\": null, \"last_reload_further_errors\": 0,");
    expect(STATS_REQUEST("GET /status"), "HTTP/1.1 200 ", " was good; 0 reloads, 0 failed\nnow\n");
    stats_server_note_reload(server, &failure);
    expect(STATS_REQUEST("GET /stats"), "HTTP/1.1 200 ",
           "\"last_reload_error\": \"a.ini:7: \\\"b\\\\c\\\" <i> & so on\", "
           "\"last_reload_further_errors\": 2,");
    expect(STATS_REQUEST("GET /status"), "HTTP/1.1 200 ",
           " 1 reload, 1 failed\n  a.ini:7: \"b\\c\" <i> & so on\n"
           "  and 2 more, which the error log has\nnow\n");
    expect(STATS_REQUEST("GET /"), "HTTP/1.1 200 ",
           "<td id=\"reload-error\">a.ini:7: &quot;b\\c&quot; &lt;i&gt; &amp; so on (and 2 more)"
           "</td>");
    stats_server_note_reload(server, NULL);
    expect_not(STATS_REQUEST("GET /stats"), "a.ini");
    expect_not(STATS_REQUEST("GET /status"), "a.ini");
    expect_not(STATS_REQUEST("GET /"), "a.ini");
    expect(STATS_REQUEST("GET /stats"), "HTTP/1.1 200 ",
           "\"last_reload_error\": null, \"last_reload_further_errors\": 0,");
    stats_server_stop(server);
}

static char disable_target[64];

static struct result disable(void *owner, struct bytes target, bool is_disabled,
                             struct text *report)
{
    (void)owner;
    (void)snprintf(disable_target, sizeof(disable_target), "%.*s", (int)target.length,
                   (const char *)target.at);
    text_append_string(report, is_disabled ? "disabled\n" : "enabled\n");
    return action_answer;
}

static void a_server_is_named_behind_the_question_mark(void **state)
{
    static const struct {
        const char *path;
        const char *target;
    } rows[] = {
        {"/backends/disable?app/[::1]:80", "app/[::1]:80"},
        {"/backends/disable?app%2F127.0.0.1%3a80", "app/127.0.0.1:80"},
        {"/backends/disable?a?b", "a?b"},
        {"/backends/disable?100%", "100%"},
        {"/backends/disable?%4", "%4"},
        {"/backends/disable?%zz%41", "%zzA"},
        {"http://a/backends/disable?app/[::1]:80", "app/[::1]:80"},
        {"/backends/disable?", ""},
        {"/backends/disable", ""},
    };
    (void)state;
    struct stats_actions with_disable = actions();
    with_disable.disable = disable;
    struct stats_server *server =
        stats_start((struct stats_server_settings){.actions = with_disable});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char request[128];
        (void)snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\nHost: a\r\n\r\n",
                       rows[i].path);
        expect(request, "HTTP/1.1 200 OK\r\n", "\r\n\r\ndisabled\n");
        assert_string_equal(disable_target, rows[i].target);
    }
    expect(STATS_REQUEST("POST /backends/enable?app"), "HTTP/1.1 200 OK\r\n", "enabled\n");
    action_answer = result_failure(ERROR_NOT_FOUND);
    expect(STATS_REQUEST("POST /backends/enable?app"), "HTTP/1.1 404 Not Found\r\n", "enabled\n");
    expect(STATS_REQUEST("GET /backends/enable?app"), "HTTP/1.1 405 ", "\r\nAllow: POST\r\n");
    stats_server_stop(server);
}

static struct result tell_of_files(void *owner, struct text *report)
{
    (void)owner;
    text_append_string(report, "/a\x1B[2J/\xC2\x9B/\x9B/\xC3\xBC.pem\nsecond\n");
    return RESULT_OK;
}

static void a_text_for_people_plays_with_no_terminal(void **state)
{
    (void)state;
    struct stats_server *server =
        stats_start((struct stats_server_settings){.actions = {.reload = tell_of_files}});
    expect(STATS_REQUEST("POST /reload"), "HTTP/1.1 200 OK\r\n",
           "\r\n\r\n/a\\x1B[2J/\\xC2\\x9B/\\x9B/\xC3\xBC.pem\nsecond\n");
    expect(STATS_REQUEST("POST /reload"), "HTTP/1.1 200 OK\r\n", "\r\nContent-Length: 38\r\n");
    stats_server_stop(server);
}

static void reports_go_on_during_an_action(void **state)
{
    (void)state;
    int waiting[3];
    struct stats_server *server = stats_start((struct stats_server_settings){.actions = actions()});
    assert_int_equal(pipe(action_gate), 0);
    for (size_t i = 0; i < 3; i++) {
        waiting[i] = stats_connect();
        stats_send(waiting[i], STATS_REQUEST("POST /reload"));
    }
    expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 ", "ok");
    /* One that does not wait is forgotten, the others get their turn. */
    (void)close(waiting[1]);
    expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 ", "ok");
    assert_int_equal(write(action_gate[1], "xxx", 3), 3);
    for (size_t i = 0; i < 3; i += 2) {
        char *answer = stats_receive_all(waiting[i]);
        assert_begins(answer, "HTTP/1.1 200 OK\r\n");
        free(answer);
    }
    stats_server_stop(server);
    (void)close(action_gate[0]);
    (void)close(action_gate[1]);
    assert_true(action_count == 2 || action_count == 3);
}

static void whoever_is_stuck_makes_room_for_the_next(void **state)
{
    (void)state;
    enum { STUCK = 100 };
    int stuck[STUCK];
    struct stats_server *server =
        stats_start((struct stats_server_settings){.client_count_max = 8});
    for (size_t i = 0; i < STUCK; i++) {
        stuck[i] = stats_connect();
        stats_send(stuck[i], i % 2 == 0 ? STATS_REQUEST("GET /metrics") : "GET /metrics HT");
    }
    for (size_t i = 0; i < 20; i++) {
        expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 ", "ok");
    }
    char *answer = stats_ask(STATS_REQUEST("GET /metrics"));
    const char *dropped = strstr(answer, "\nsallyport_stats_dropped_total ");
    assert_non_null(dropped);
    assert_true(atoi(dropped + strlen("\nsallyport_stats_dropped_total ")) >= STUCK / 2 - 8);
    free(answer);
    for (size_t i = 0; i < STUCK; i++) {
        (void)close(stuck[i]);
    }
    stats_server_stop(server);
}

static void fewer_descriptors_than_clients_at_most_are_enough(void **state)
{
    (void)state;
    struct rlimit former;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &former), 0);
    const struct rlimit few = {STATS_CLIENT_COUNT_MAX, former.rlim_max};
    struct stats_server *server =
        stats_start((struct stats_server_settings){.client_count_max = 4});
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 ", "ok");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &former), 0);
    stats_server_stop(server);
}

static void who_asks_for_nothing_is_dropped_in_time(void **state)
{
    (void)state;
    char byte;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    uint64_t begin_ms = clock_monotonic_ms();
    int descriptor = stats_connect();
    stats_send(descriptor, "GET /healthz HTTP/1.1\r\n");
    struct pollfd poll_entry = {.fd = descriptor, .events = POLLIN};
    assert_int_equal(poll(&poll_entry, 1, LIMIT_MS), 1);
    assert_true(clock_monotonic_ms() - begin_ms >= 5000);
    assert_true(recv(descriptor, &byte, 1, 0) <= 0);
    (void)close(descriptor);
    stats_server_stop(server);
}

static void the_socket_is_for_owner_and_group(void **state)
{
    (void)state;
    struct stat status;
    mode_t former = umask(077);
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    (void)umask(former);
    assert_int_equal(stat(stats_path, &status), 0);
    assert_int_equal(status.st_mode, S_IFSOCK | 0660);
    stats_server_stop(server);
    assert_int_equal(stat(stats_path, &status), -1);
    assert_int_equal(errno, ENOENT);
}

static void a_stale_socket_is_replaced_and_a_live_one_is_not(void **state)
{
    (void)state;
    struct stats_server *second = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", stats_path);
    assert_int_equal(bind(stale, (const struct sockaddr *)&address, sizeof(address)), 0);
    (void)close(stale); /* the file stays */
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    assert_int_equal(stats_try((struct stats_server_settings){0}, &second).code,
                     ERROR_ADDRESS_IN_USE);
    assert_holds(stats_reason, "another instance serves it");
    expect(STATS_REQUEST("GET /healthz"), "HTTP/1.1 200 ", "ok");
    stats_server_stop(server);
}

static void a_file_that_is_no_socket_is_never_removed(void **state)
{
    (void)state;
    struct stats_server *server = NULL;
    struct stat status;
    int file = open(stats_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    (void)close(file);
    assert_int_equal(stats_try((struct stats_server_settings){0}, &server).code, ERROR_FILE);
    assert_holds(stats_reason, "no socket");
    assert_int_equal(stat(stats_path, &status), 0);
    assert_int_equal(unlink(stats_path), 0);
}

static void a_socket_that_another_has_put_there_is_left_alone(void **state)
{
    (void)state;
    struct stat status;
    struct stats_server *server = stats_start((struct stats_server_settings){0});
    assert_int_equal(unlink(stats_path), 0);
    (void)close(open(stats_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    stats_server_stop(server);
    assert_int_equal(stat(stats_path, &status), 0);
    assert_int_equal(unlink(stats_path), 0);
}

static char *ask_address(const struct sockaddr_in *address, const char *request)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)address, sizeof(*address)), 0);
    stats_send(descriptor, request);
    return stats_receive_all(descriptor);
}

static void over_the_network_one_may_read_only(void **state)
{
    (void)state;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct config_address address = {.length_bytes = sizeof(name), .source.text = "loopback"};
    struct stats_server *server = NULL;
    for (in_port_t port = 20000; server == NULL && port < 20100; port++) {
        name.sin_port = htons(port);
        memcpy(&address.socket_address, &name, sizeof(name));
        (void)stats_try((struct stats_server_settings){.address = &address, .actions = actions()},
                        &server)
            .code;
    }
    assert_non_null(server);
    static const struct {
        const char *request;
        const char *beginning;
    } rows[] = {
        {"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9180\r\n\r\n", "HTTP/1.1 200 "},
        {"GET /metrics HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n", "HTTP/1.1 200 "},
        {"GET /metrics HTTP/1.1\r\nHost: [::1]:1\r\n\r\n", "HTTP/1.1 200 "},
        {"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 403 "},
        {"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", "HTTP/1.1 403 "},
        {"GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 403 "},
        {"GET http://127.0.0.1:9180/metrics HTTP/1.1\r\nHost: 127.0.0.1:9180\r\n\r\n",
         "HTTP/1.1 200 "},
        {"GET http://evil.example/metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 403 "},
        {"GET http://localhost/metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 400 "},
        {"POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 403 "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *answer = ask_address(&name, rows[i].request);
        assert_begins(answer, rows[i].beginning);
        free(answer);
    }
    assert_int_equal(action_count, 0);
    stats_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_answers),
        cmocka_unit_test(a_path_may_come_in_the_absolute_form),
        cmocka_unit_test(readiness_follows_the_phase),
        cmocka_unit_test(other_paths_and_methods_are_told_the_right_ones),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(a_request_may_come_in_pieces),
        cmocka_unit_test(an_action_reports_what_came_of_it),
        cmocka_unit_test(only_failures_of_the_gateway_itself_are_answered_with_500),
        cmocka_unit_test(why_a_reload_failed_is_told_until_one_succeeds),
        cmocka_unit_test(a_server_is_named_behind_the_question_mark),
        cmocka_unit_test(a_text_for_people_plays_with_no_terminal),
        cmocka_unit_test(reports_go_on_during_an_action),
        cmocka_unit_test(whoever_is_stuck_makes_room_for_the_next),
        cmocka_unit_test(fewer_descriptors_than_clients_at_most_are_enough),
        cmocka_unit_test(who_asks_for_nothing_is_dropped_in_time),
        cmocka_unit_test(the_socket_is_for_owner_and_group),
        cmocka_unit_test(a_stale_socket_is_replaced_and_a_live_one_is_not),
        cmocka_unit_test(a_file_that_is_no_socket_is_never_removed),
        cmocka_unit_test(a_socket_that_another_has_put_there_is_left_alone),
        cmocka_unit_test(over_the_network_one_may_read_only),
    };
    return cmocka_run_group_tests(tests, stats_make_folder, stats_remove_folder);
}
