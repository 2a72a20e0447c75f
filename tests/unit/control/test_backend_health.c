/*
 * Accounts of servers through generations, and servers that somebody takes out of service. The
 * thread is started in the last test alone: the others look at what it would see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../../../src/control/backend_health.h"
#include "../../../src/control/backend_switch.h"
#include "../../../src/control/backend_view.h"
#include "base/clock.h"

#define BACKENDS_MAX 3
#define SERVERS_MAX  4
#define LIMIT_MS     30000

/* A generation by hand: "app=a:1,b:1 api=c:1". An address is what is written, unless "a:1@x". */
struct made {
    struct generation generation;
    struct config config;
    struct config_backend backends[BACKENDS_MAX];
    struct config_server servers[BACKENDS_MAX][SERVERS_MAX];
    struct backend_address items[BACKENDS_MAX][SERVERS_MAX];
    struct backend_addresses addresses[BACKENDS_MAX];
    char memory[256];
};

static struct backend_health *health;

static void keep_silent(const char *line)
{
    (void)line;
}

static int begin(void **state)
{
    struct backend_health_settings settings = {
        .worker_count = 2, .probe_count_max = 4, .say = keep_silent};
    (void)state;
    return !result_is_ok(backend_health_create(&settings, &health));
}

static int end(void **state)
{
    (void)state;
    backend_health_stop(health);
    backend_health_destroy(health);
    return 0;
}

static void fill_servers(struct made *made, size_t backend, char *list)
{
    size_t count = 0;
    for (char *text = strsep(&list, ","); text != NULL; text = strsep(&list, ",")) {
        char *address = strchr(text, '@');
        if (address != NULL) {
            *address++ = '\0';
        }
        struct backend_address *item = &made->items[backend][count];
        made->servers[backend][count].source.text = text;
        item->server = &made->servers[backend][count++];
        (void)snprintf(item->text, sizeof(item->text), "%s", address == NULL ? text : address);
    }
    made->addresses[backend] = (struct backend_addresses){made->items[backend], count};
}

static struct made *make(const char *text)
{
    struct made *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    (void)snprintf(made->memory, sizeof(made->memory), "%s", text);
    char *rest = made->memory;
    for (char *part = strsep(&rest, " "); part != NULL; part = strsep(&rest, " ")) {
        size_t index = made->config.backend_count++;
        made->backends[index].name = strsep(&part, "=");
        fill_servers(made, index, part);
    }
    made->config.backends = made->backends;
    made->generation.config = &made->config;
    made->generation.backends = made->addresses;
    assert_true(result_is_ok(backend_health_adopt(health, &made->generation)));
    return made;
}

static void drop(struct made *made)
{
    backend_health_release(health, &made->generation);
    free(made);
}

/* The next generation, in use; the former is gone. */
static struct made *replace(struct made *former, const char *text)
{
    struct made *made = make(text);
    backend_health_publish(health, &made->generation);
    if (former != NULL) {
        drop(former);
    }
    return made;
}

static void append_view(void *owner, const struct backend_view *view)
{
    text_append_format(owner, "%s/%s %s; ", view->backend, view->server, view->state);
}

static void copy_view(void *owner, const struct backend_view *view)
{
    *(struct backend_view *)owner = *view;
}

static void expect(const char *wanted)
{
    char memory[512];
    struct text text = text_over(memory, sizeof(memory));
    backend_view_visit(health, append_view, &text);
    assert_string_equal(text_terminate(&text), wanted);
}

static const char *set(const char *target, bool is_disabled, enum error code)
{
    static char memory[512];
    struct text report = text_over(memory, sizeof(memory));
    struct result result =
        backend_switch_set(health, bytes_from_string(target), is_disabled, &report);
    assert_int_equal(result.code, code);
    return text_terminate(&report);
}

static void what_is_in_use_is_shown_in_its_order(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=b:1,a:1 api=c:1");
    expect("app/b:1 up; app/a:1 up; api/c:1 up; ");
    struct made *prepared = make("new=d:1");
    expect("app/b:1 up; app/a:1 up; api/c:1 up; "); /* not published */
    drop(prepared);
    made = replace(made, "api=c:1,d:1 app=a:1,b:1");
    expect("api/c:1 up; api/d:1 up; app/a:1 up; app/b:1 up; ");
    drop(made);
    expect("");
}

static void what_is_known_stays_through_reloads(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=a:1,b:1");
    struct server_health *account = made->items[0][1].health;
    account->bars = SERVER_CHECKED_DOWN;
    account->figures[1].request_count = 7;
    made = replace(made, "other=x:1 app=c:1,b:1");
    assert_ptr_equal(made->items[1][1].health, account);
    expect("other/x:1 up; app/c:1 up; app/b:1 up; "); /* it is checked no more */
    account->bars = SERVER_EJECTED;
    made = replace(made, "app=b:1");
    expect("app/b:1 ejected; ");
    assert_int_equal(account->figures[1].request_count, 7);
    drop(made);
}

static void a_server_that_went_and_comes_back_begins_anew(void **state)
{
    (void)state;
    struct made *first = replace(NULL, "app=a:1,b:1");
    struct server_health *account = first->items[0][1].health;
    (void)set("app/b:1", true, ERROR_NONE);
    struct made *second = make("app=a:1");
    backend_health_publish(health, &second->generation); /* the first still serves somebody */
    expect("app/a:1 up; ");
    struct made *third = make("app=a:1,b:1");
    backend_health_publish(health, &third->generation);
    assert_ptr_equal(third->items[0][1].health, account);
    expect("app/a:1 up; app/b:1 up; ");
    drop(first);
    drop(second);
    drop(third);
}

static void a_server_is_disabled_by_either_name_and_stays_so(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=a:1@10.0.0.1:1,b:1@10.0.0.2:1");
    assert_string_equal(set("app/a:1", true, ERROR_NONE), "app/a:1 is disabled: 1 server\n");
    assert_string_equal(set("app/10.0.0.2:1", true, ERROR_NONE),
                        "app/10.0.0.2:1 is disabled: 1 server\n");
    expect("app/10.0.0.1:1 disabled; app/10.0.0.2:1 disabled; ");
    made = replace(made, "app=b:1@10.0.0.2:1,c:1@10.0.0.3:1,a:1@10.0.0.1:1");
    expect("app/10.0.0.2:1 disabled; app/10.0.0.3:1 up; app/10.0.0.1:1 disabled; ");
    assert_string_equal(set("app", false, ERROR_NONE), "app is enabled: 3 servers\n");
    expect("app/10.0.0.2:1 up; app/10.0.0.3:1 up; app/10.0.0.1:1 up; ");
    drop(made);
}

static void a_name_that_leads_elsewhere_stays_disabled(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=a:1@10.0.0.1:1,b:1@10.0.0.2:1");
    (void)set("app/a:1", true, ERROR_NONE);
    made = replace(made, "app=a:1@10.0.0.9:1,b:1@10.0.0.2:1");
    expect("app/10.0.0.9:1 disabled; app/10.0.0.2:1 up; ");
    drop(made);
}

static void a_disabled_backend_takes_newcomers_in_disabled(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=a:1 api=x:1");
    (void)set("app", true, ERROR_NONE);
    made = replace(made, "app=a:1,b:1 api=x:1,y:1");
    expect("app/a:1 disabled; app/b:1 disabled; api/x:1 up; api/y:1 up; ");
    (void)set("app/b:1", false, ERROR_NONE);
    made = replace(made, "app=a:1,b:1,c:1 api=x:1");
    expect("app/a:1 disabled; app/b:1 up; app/c:1 up; api/x:1 up; ");
    drop(made);
}

static void a_name_that_is_nobodys_is_refused_with_the_nearest(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=10.0.0.1:80 a/b=x:1");
    static const struct {
        const char *target;
        const char *report;
    } rows[] = {
        {"ap", "there is no backend 'ap' (did you mean 'app'?)\n"},
        {"quite-other", "there is no backend 'quite-other'\n"},
        {"app/10.0.0.2:80",
         "backend app has no server '10.0.0.2:80' (did you mean 'app/10.0.0.1:80'?)\n"},
        {"app/x", "backend app has no server 'x'\n"},
        {"", "say which one: BACKEND or BACKEND/SERVER\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(set(rows[i].target, true, ERROR_NOT_FOUND), rows[i].report);
    }
    (void)set("app/", true, ERROR_NOT_FOUND);
    char longest[600];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    (void)set(longest, true, ERROR_NOT_FOUND);
    (void)set("a/b", true, ERROR_NONE); /* a name may have a slash */
    (void)set("a/b/x:1", false, ERROR_NONE);
    expect("app/10.0.0.1:80 up; a/b/x:1 up; ");
    drop(made);
}

static void figures_are_those_of_all_workers(void **state)
{
    (void)state;
    struct made *made = replace(NULL, "app=a:1");
    struct server_health *account = made->items[0][0].health;
    for (size_t i = 0; i < 2; i++) {
        account->figures[i].request_count = 10 + i;
        account->figures[i].under_way_count = i;
        account->figures[i].failure_counts[SERVER_FAILURE_CLOSED] = 3;
    }
    struct backend_view view = {0};
    backend_view_visit(health, copy_view, &view);
    assert_int_equal(view.request_count, 21);
    assert_int_equal(view.under_way_count, 1);
    assert_int_equal(view.failure_counts[SERVER_FAILURE_CLOSED], 6);
    assert_int_equal(view.failure_counts[SERVER_FAILURE_CONNECT], 0);
    drop(made);
}

/* Reports of workers wake the thread. */
static void the_thread_acts_on_reports(void **state)
{
    const struct timespec look = {.tv_nsec = 1000000};
    (void)state;
    struct made *made = make("app=a:1,b:1");
    made->backends[0].ejection = (struct config_ejection){
        .failure_count = 2, .time_ms = 50, .time_max_ms = 50, .share_percent = 50};
    backend_health_publish(health, &made->generation);
    assert_true(result_is_ok(backend_health_start(health)));
    struct server_health *account = made->items[0][0].health;
    uint64_t end_ms = clock_monotonic_ms() + LIMIT_MS;
    server_health_fail(account, SERVER_FAILURE_CONNECT, 2);
    server_health_fail(account, SERVER_FAILURE_CONNECT, 2);
    while (server_health_bars(account) != (SERVER_EJECTED | SERVER_ON_TRIAL)) {
        assert_true(clock_monotonic_ms() < end_ms);
        (void)nanosleep(&look, NULL);
    }
    assert_true(server_health_take_trial(account));
    server_health_end_trial(account, SERVER_TRIAL_GOOD);
    while (server_health_bars(account) != 0) {
        assert_true(clock_monotonic_ms() < end_ms);
        (void)nanosleep(&look, NULL);
    }
    backend_health_stop(health);
    drop(made);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(what_is_in_use_is_shown_in_its_order),
        TEST(what_is_known_stays_through_reloads),
        TEST(a_server_that_went_and_comes_back_begins_anew),
        TEST(a_server_is_disabled_by_either_name_and_stays_so),
        TEST(a_name_that_leads_elsewhere_stays_disabled),
        TEST(a_disabled_backend_takes_newcomers_in_disabled),
        TEST(a_name_that_is_nobodys_is_refused_with_the_nearest),
        TEST(figures_are_those_of_all_workers),
        TEST(the_thread_acts_on_reports),
    };
    return cmocka_run_group_tests_name("backend_health", tests, NULL, NULL);
}
