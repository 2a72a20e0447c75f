/* Commands that speak to a running gateway: whom they ask, what they print, and liars at the other
 * end. */
#include "cli_fixture.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

/* One who answers once with the same text, whatever is asked. */
struct stand_in {
    pthread_t thread;
    int listening;
    const char *answer;
    char asked[1024];
};

static void *serve(void *argument)
{
    struct stand_in *stand_in = argument;
    int client = accept(stand_in->listening, NULL, NULL);
    ssize_t length = recv(client, stand_in->asked, sizeof(stand_in->asked) - 1, 0);
    stand_in->asked[length > 0 ? length : 0] = '\0';
    (void)send(client, stand_in->answer, strlen(stand_in->answer), MSG_NOSIGNAL);
    (void)close(client);
    return NULL;
}

static void begin(struct stand_in *stand_in, const char *answer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "s.sock"};
    stand_in->answer = answer;
    stand_in->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)unlink("s.sock");
    assert_int_equal(bind(stand_in->listening, (const struct sockaddr *)&address, sizeof(address)),
                     0);
    assert_int_equal(listen(stand_in->listening, 1), 0);
    assert_int_equal(pthread_create(&stand_in->thread, NULL, serve, stand_in), 0);
}

static void end(struct stand_in *stand_in)
{
    (void)pthread_join(stand_in->thread, NULL);
    (void)close(stand_in->listening);
}

static void status_prints_what_the_gateway_says(void **state)
{
    (void)state;
    struct stand_in stand_in;
    begin(&stand_in, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nwell!\n");
    assert_int_equal(RUN("status", "--socket", "s.sock"), CLI_DONE);
    end(&stand_in);
    assert_string_equal(fixture_said, "well!\n");
    assert_string_equal(fixture_complained, "");
    assert_int_equal(strncmp(stand_in.asked, "GET /status HTTP/1.1\r\n", 22), 0);
}

static void status_in_json_is_another_path(void **state)
{
    (void)state;
    struct stand_in stand_in;
    begin(&stand_in, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n");
    fixture_write("edge.ini", "[gateway]\nstats_socket = s.sock\nmistake = 1\n");
    assert_int_equal(RUN("status", "--json", "-c", "edge.ini"), CLI_DONE);
    end(&stand_in);
    assert_string_equal(fixture_said, "{}\n");
    assert_int_equal(strncmp(stand_in.asked, "GET /stats HTTP/1.1\r\n", 21), 0);
}

static void a_failed_reload_says_why_and_fails(void **state)
{
    (void)state;
    struct stand_in stand_in;
    begin(&stand_in, "HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 5\r\n\r\nbad!\n");
    assert_int_equal(RUN("reload", "--socket", "s.sock"), CLI_FAILED);
    end(&stand_in);
    assert_string_equal(fixture_said, "");
    assert_string_equal(fixture_complained, "sallyport reload: bad!\n");
    assert_int_equal(strncmp(stand_in.asked, "POST /reload HTTP/1.1\r\n", 23), 0);
}

static void whoever_does_not_speak_http_is_found_out(void **state)
{
    (void)state;
    static const char *const answers[] = {"", "hello\n", "HTTP/1.1 200 OK\r\n",
                                          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                                          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"};
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct stand_in stand_in;
        begin(&stand_in, answers[i]);
        assert_int_equal(RUN("status", "--socket", "s.sock"), CLI_FAILED);
        end(&stand_in);
        assert_string_equal(fixture_said, "");
        assert_complained("sallyport status: ");
    }
}

static void a_gateway_that_does_not_run_is_said(void **state)
{
    (void)state;
    (void)unlink("s.sock");
    assert_int_equal(RUN("reload", "--socket", "s.sock"), CLI_FAILED);
    assert_string_equal(fixture_complained, "sallyport reload: s.sock: no gateway runs there\n");
    assert_int_equal(RUN("drain", "--socket", "s.sock"), CLI_FAILED);
    assert_int_equal(RUN("stop", "--socket", "s.sock"), CLI_FAILED);
}

static void somebody_must_be_named(void **state)
{
    (void)state;
    char path[200] = "/";
    assert_int_equal(RUN("status"), CLI_WRONG_USAGE);
    assert_complained("give -c FILE or --socket PATH");
    fixture_write("edge.ini", "[gateway]\n");
    assert_int_equal(RUN("status", "-c", "edge.ini"), CLI_FAILED);
    assert_complained("no stats_socket is configured there");
    assert_int_equal(RUN("status", "-c", "none.ini"), CLI_FAILED);
    assert_complained("none.ini: error: cannot be opened");
    assert_null(strstr(fixture_complained, "stats_socket")); /* whether there is one nobody knows */
    memset(path + 1, 'x', 150);
    assert_int_equal(RUN("status", "--socket", path), CLI_FAILED);
    assert_complained("too long for a socket");
}

static void a_socket_that_nobody_serves_any_more_is_said(void **state)
{
    (void)state;
    struct stand_in stand_in;
    begin(&stand_in, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(RUN("status", "--socket", "s.sock"), CLI_DONE);
    end(&stand_in); /* the file stays */
    assert_int_equal(RUN("stop", "--socket", "s.sock"), CLI_FAILED);
    assert_complained("no gateway runs there");
}

/* Its queue is full: it has not taken anybody for long. */
static void a_gateway_that_takes_nobody_is_not_waited_for(void **state)
{
    (void)state;
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "s.sock"};
    int waiting[64];
    size_t count = 0;
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)unlink("s.sock");
    assert_int_equal(bind(listening, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listening, 1), 0);
    do {
        assert_true(count < sizeof(waiting) / sizeof(waiting[0]));
        waiting[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    } while (connect(waiting[count++], (const struct sockaddr *)&address, sizeof(address)) == 0);
    (void)alarm(30); /* a test that hangs fails */
    assert_int_equal(RUN("status", "--socket", "s.sock"), CLI_FAILED);
    assert_complained("s.sock: the gateway does not answer in time");
    (void)alarm(0);
    while (count-- > 0) {
        (void)close(waiting[count]);
    }
    (void)close(listening);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_prints_what_the_gateway_says),
        cmocka_unit_test(status_in_json_is_another_path),
        cmocka_unit_test(a_failed_reload_says_why_and_fails),
        cmocka_unit_test(whoever_does_not_speak_http_is_found_out),
        cmocka_unit_test(a_gateway_that_does_not_run_is_said),
        cmocka_unit_test(somebody_must_be_named),
        cmocka_unit_test(a_socket_that_nobody_serves_any_more_is_said),
        cmocka_unit_test(a_gateway_that_takes_nobody_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
