/* One check against servers of every kind, over loopback. */
#include "health_fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../src/control/health_probe.h"

#define LIMIT_MS 30000

struct scene {
    struct town *town;
    int listening;
    int served; /* the server's end; -1: none */
    struct health_probe probe;
};

static struct scene *make_scene(void)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    assert_non_null(scene);
    scene->town = town_make(1);
    scene->served = -1;
    scene->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(scene->listening, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(scene->listening, 1), 0);
    assert_int_equal(getsockname(scene->listening, (struct sockaddr *)&address, &length), 0);
    memcpy(&scene->town->addresses[0].socket_address, &address, length);
    scene->town->addresses[0].length_bytes = length;
    return scene;
}

static void free_scene(struct scene *scene)
{
    health_probe_close(&scene->probe);
    health_probe_close(&scene->probe); /* harmless */
    if (scene->served >= 0) {
        (void)close(scene->served);
    }
    (void)close(scene->listening);
    town_free(scene->town);
    free(scene);
}

static void start(struct scene *scene)
{
    assert_true(result_is_ok(health_probe_start(&scene->probe, &scene->town->servers[0], 0)));
}

/* Lets it go on while something happens to it; the clock stands. */
static void go_on(struct scene *scene)
{
    struct pollfd entry = {scene->probe.descriptor, health_probe_events(&scene->probe), 0};
    if (scene->probe.state != HEALTH_PROBE_OVER && poll(&entry, 1, LIMIT_MS) > 0) {
        health_probe_look(&scene->probe, entry.revents, 0);
    }
}

/* Until the server has the connection and, of HTTP, the request in memory. */
static void serve(struct scene *scene, char *memory, size_t size)
{
    start(scene);
    scene->served = accept(scene->listening, NULL, NULL);
    assert_true(scene->served >= 0);
    while (scene->probe.state < HEALTH_PROBE_READING) {
        go_on(scene);
    }
    if (scene->probe.state == HEALTH_PROBE_READING) {
        ssize_t length = recv(scene->served, memory, size - 1, 0);
        assert_true(length > 0);
        memory[length] = '\0';
    }
}

/* The server answers with that, then closes if it does; the check must end. */
static void answer(struct scene *scene, const char *text, bool closes)
{
    char request[4096];
    serve(scene, request, sizeof(request));
    if (text[0] != '\0') {
        assert_int_equal(send(scene->served, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    }
    if (closes) {
        (void)shutdown(scene->served, SHUT_WR);
    }
    while (scene->probe.state != HEALTH_PROBE_OVER) {
        go_on(scene);
    }
}

static void the_request_is_what_the_configuration_says(void **state)
{
    struct scene *scene = make_scene();
    char request[4096];
    (void)state;
    serve(scene, request, sizeof(request));
    assert_string_equal(request, "GET /up HTTP/1.1\r\nHost: s:80\r\nUser-Agent: sallyport\r\n"
                                 "Accept: */*\r\nConnection: close\r\n\r\n");
    free_scene(scene);
    scene = make_scene();
    scene->town->config.health_check.host.text = "app.example.com";
    serve(scene, request, sizeof(request));
    assert_non_null(strstr(request, "\r\nHost: app.example.com\r\n"));
    free_scene(scene);
}

static void a_status_in_the_range_is_good(void **state)
{
    static const struct {
        const char *text;
        bool closes;
        bool is_good;
        const char *reason;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", false, true, NULL},
        {"HTTP/1.0 399 Odd\r\n\r\n", true, true, NULL},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n", false, true, NULL},
        {"HTTP/1.1 400 Bad\r\n\r\n", false, false, "it answered with 400, expected 200-399"},
        {"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n", false, false,
         "it answered with 503, expected 200-399"},
        {"SSH-2.0-server\r\n", false, false, "its answer is not HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", false, false,
         "its answer is not HTTP"},
        {"", true, false, "it closed before its answer"},
        {"HTTP/1.1 200", true, false, "it closed before its answer"},
        {"HTTP/1.1 103 Hints\r\n\r\n", true, false, "it closed before its answer"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *scene = make_scene();
        answer(scene, rows[i].text, rows[i].closes);
        assert_int_equal(scene->probe.is_good, rows[i].is_good);
        if (rows[i].reason != NULL) {
            assert_string_equal(scene->probe.reason, rows[i].reason);
        }
        free_scene(scene);
    }
}

static void a_connection_is_all_that_tcp_wants(void **state)
{
    struct scene *scene = make_scene();
    (void)state;
    scene->town->config.health_check.kind = CONFIG_CHECK_TCP;
    answer(scene, "", false);
    assert_true(scene->probe.is_good);
    free_scene(scene);
}

static void nobody_there_is_bad(void **state)
{
    struct scene *scene = make_scene();
    (void)state;
    (void)close(scene->listening);
    scene->listening = -1;
    start(scene);
    while (scene->probe.state != HEALTH_PROBE_OVER) {
        go_on(scene);
    }
    assert_false(scene->probe.is_good);
    assert_string_equal(scene->probe.reason, "Connection refused");
    free_scene(scene);
}

static void silence_ends_with_the_time(void **state)
{
    struct scene *scene = make_scene();
    char request[4096];
    (void)state;
    serve(scene, request, sizeof(request));
    health_probe_look(&scene->probe, 0, 499);
    assert_int_equal(scene->probe.state, HEALTH_PROBE_READING);
    health_probe_look(&scene->probe, 0, 500);
    assert_int_equal(scene->probe.state, HEALTH_PROBE_OVER);
    assert_string_equal(scene->probe.reason, "it does not answer in time");
    free_scene(scene);
}

/* A byte at a time, and heads without end: neither more time nor more memory. */
static void whoever_never_comes_to_an_end_is_cut_off(void **state)
{
    struct scene *scene = make_scene();
    char request[4096];
    static const char interim[] = "HTTP/1.1 103 Hints\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n";
    (void)state;
    serve(scene, request, sizeof(request));
    for (int i = 0; i < 10000 && scene->probe.state != HEALTH_PROBE_OVER; i++) {
        assert_true(send(scene->served, interim, sizeof(interim) - 1, MSG_NOSIGNAL) > 0);
        go_on(scene);
    }
    assert_false(scene->probe.is_good);
    assert_string_equal(scene->probe.reason, "the head of its answer is too large");
    assert_true(scene->probe.received_bytes < 32768);
    free_scene(scene);
}

/* An address that no socket here can reach is the server's misfortune, at once. */
static void an_address_that_cannot_be_is_bad(void **state)
{
    struct scene *scene = make_scene();
    (void)state;
    scene->town->addresses[0].socket_address.ss_family = AF_UNSPEC;
    start(scene);
    assert_int_equal(scene->probe.state, HEALTH_PROBE_OVER);
    assert_false(scene->probe.is_good);
    free_scene(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_what_the_configuration_says),
        cmocka_unit_test(a_status_in_the_range_is_good),
        cmocka_unit_test(a_connection_is_all_that_tcp_wants),
        cmocka_unit_test(nobody_there_is_bad),
        cmocka_unit_test(silence_ends_with_the_time),
        cmocka_unit_test(whoever_never_comes_to_an_end_is_cut_off),
        cmocka_unit_test(an_address_that_cannot_be_is_bad),
    };
    return cmocka_run_group_tests_name("health_probe", tests, NULL, NULL);
}
