/* What a start would fail for: errors where every start does, warnings where it depends on who
 * starts. */
#include "control_fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "../../../src/control/start_check.h"

static char folder[] = "/tmp/sallyport-start-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0 || chmod(".", 0755) != 0 ||
           mkdir("logs", 0700) != 0;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return chdir("/") != 0 || system(command) != 0;
}

/* Of a configuration with these lines in [gateway], and that address. */
static struct diagnostics check_with(const char *settings, const char *address)
{
    char text[1024];
    struct diagnostics found;
    struct config *config = NULL;
    (void)snprintf(text, sizeof(text),
                   "[gateway]\n%s\n[listener edge]\naddress = %s\ncertificate = p256.pem\n"
                   "certificate_key = p256.key\nssl_profile = devices\nbackend = app\n" //
                   FIXTURE_PROFILE FIXTURE_BACKEND,
                   settings, address);
    fixture_write("start.ini", text);
    diagnostics_init(&found);
    assert_true(result_is_ok(config_load("start.ini", &found, &config)));
    assert_int_equal(found.count, 0);
    start_check_tell(config, &found);
    config_destroy(config);
    return found;
}

static void expect(struct diagnostics found, enum diagnostic_severity severity, int line,
                   const char *part)
{
    assert_int_equal(found.count, 1);
    assert_true(fixture_was_told(&found, severity, line, part));
    diagnostics_deinit(&found);
}

static void expect_nothing(struct diagnostics found)
{
    assert_int_equal(found.count, 0);
    diagnostics_deinit(&found);
}

static void what_can_be_had_is_not_spoken_of(void **state)
{
    (void)state;
    expect_nothing(
        check_with("access_log = logs/a\nerror_log = logs/e\nstats_socket = s", "127.0.0.1:8443"));
    expect_nothing(check_with("access_log = off\nerror_log = -\nstats_socket = off", "[::]:8443"));
    expect_nothing(check_with("stats_address = 127.0.0.1:9180", "0.0.0.0:10443"));
}

static void a_place_that_nobody_can_write_to_is_an_error(void **state)
{
    (void)state;
    expect(check_with("access_log = absent/a", "127.0.0.1:8443"), DIAGNOSTIC_ERROR, 2,
           "absent/a: No such file or directory; make its folder first");
    expect(check_with("error_log = logs", "127.0.0.1:8443"), DIAGNOSTIC_ERROR, 2,
           "Is a directory; name a file in that folder");
    expect(check_with("error_log = start.ini/e", "127.0.0.1:8443"), DIAGNOSTIC_ERROR, 2,
           "Not a directory");
    expect(check_with("stats_socket = start.ini", "127.0.0.1:8443"), DIAGNOSTIC_ERROR, 2,
           "[gateway] stats_socket = ");
    expect(check_with("stats_socket = absent/s", "127.0.0.1:8443"), DIAGNOSTIC_ERROR, 2,
           "make its folder first");
}

static void all_of_it_comes_in_one_run(void **state)
{
    (void)state;
    struct diagnostics found = check_with(
        "access_log = absent/a\nerror_log = absent/e\nstats_socket = absent/s", "192.0.2.1:8443");
    assert_int_equal(found.error_count, 4);
    assert_true(fixture_was_told(&found, DIAGNOSTIC_ERROR, 2, "access_log"));
    assert_true(fixture_was_told(&found, DIAGNOSTIC_ERROR, 3, "error_log"));
    assert_true(fixture_was_told(&found, DIAGNOSTIC_ERROR, 4, "stats_socket"));
    assert_true(fixture_was_told(&found, DIAGNOSTIC_ERROR, 6, "[listener edge] address"));
    diagnostics_deinit(&found);
}

static void a_folder_that_the_service_manager_may_make_is_warned_of(void **state)
{
    (void)state;
    expect(check_with("stats_socket = /run/no-such-service/s", "127.0.0.1:8443"),
           DIAGNOSTIC_WARNING, 2, "unless the service manager makes it");
    expect(check_with("access_log = /var/log/no-such-service/a", "127.0.0.1:8443"),
           DIAGNOSTIC_WARNING, 2, "unless the service manager makes it");
    expect(check_with("access_log = /runs/a", "127.0.0.1:8443"), DIAGNOSTIC_ERROR, 2, "folder");
}

static void an_address_of_another_machine_is_an_error(void **state)
{
    (void)state;
    expect(check_with("", "192.0.2.1:8443"), DIAGNOSTIC_ERROR, 4,
           "[listener edge] address = 192.0.2.1:8443: the address is not on this machine");
    expect(check_with("", "[2001:db8::1]:8443"), DIAGNOSTIC_ERROR, 4, "not on this machine");
}

static void a_line_with_an_error_gets_no_second_one(void **state)
{
    (void)state;
    const struct config_address address = {
        .socket_address = {.ss_family = AF_INET6},
        .length_bytes = 1, /* nonsense that must not be looked at */
        .source = {"[::]:1", {"start.ini", 3}},
    };
    struct config_address addresses[] = {address};
    struct config_listener listener = {.name = "edge", .addresses = addresses, .address_count = 1};
    const struct config config = {
        .gateway = {.access_log = {{"x", {"start.ini", 2}}, CONFIG_LOG_FILE, "/no/such/folder"}},
        .listeners = &listener,
        .listener_count = 1,
    };
    struct diagnostics found;
    diagnostics_init(&found);
    diagnostics_add(&found, DIAGNOSTIC_ERROR, (struct config_place){"start.ini", 2}, "wrong");
    diagnostics_add(&found, DIAGNOSTIC_ERROR, (struct config_place){"start.ini", 3}, "wrong");
    start_check_tell(&config, &found);
    assert_int_equal(found.count, 2);
    diagnostics_deinit(&found);
}

static void an_empty_draft_is_not_spoken_of(void **state)
{
    (void)state;
    struct diagnostics found;
    const struct config config = {0};
    diagnostics_init(&found);
    start_check_tell(&config, &found);
    expect_nothing(found);
}

static void a_user_is_tried_where_this_process_can_become_it(void **state)
{
    (void)state;
    struct diagnostics found = check_with("access_log = logs/a\nuser = nobody", "127.0.0.1:8443");
    if (geteuid() == 0) {
        expect(found, DIAGNOSTIC_ERROR, 2, "Permission denied; let the gateway's user write there");
    } else {
        expect_nothing(found);
    }
}

/* Runs in a child that is nobody, who is root no more: what it finds is its exit status. */
static void expect_of_nobody(const char *settings, const char *address,
                             enum diagnostic_severity severity, const char *part)
{
    int status = -1;
    fixture_write("start.ini", "");
    assert_int_equal(chmod("start.ini", 0666), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) {
            _exit(99);
        }
        struct diagnostics found = check_with(settings, address);
        bool is_told = part == NULL ? found.count == 0
                                    : found.count == 1 && found.items[0].severity == severity &&
                                          strstr(found.items[0].message, part) != NULL;
        diagnostics_deinit(&found);
        _exit(is_told ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_rights_of_who_asks_are_no_more_than_a_hint(void **state)
{
    (void)state;
    expect_of_nobody("access_log = /etc/no-such-log", "127.0.0.1:8443", DIAGNOSTIC_WARNING,
                     "for the user of this check: Permission denied");
    expect_of_nobody("stats_socket = /etc/no-such-socket", "127.0.0.1:8443", DIAGNOSTIC_WARNING,
                     "for the user of this check: Permission denied");
    expect_of_nobody("access_log = absent/a", "127.0.0.1:8443", DIAGNOSTIC_ERROR, "folder first");
}

static void who_is_the_user_of_the_configuration_knows_it(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        return; /* nobody else can become nobody */
    }
    expect_of_nobody("access_log = /etc/no-such-log\nuser = nobody", "127.0.0.1:8443",
                     DIAGNOSTIC_ERROR, "Permission denied");
    /* Of a third one neither. */
    expect_of_nobody("access_log = /etc/no-such-log\nuser = daemon", "127.0.0.1:8443",
                     DIAGNOSTIC_ERROR, NULL);
}

static void a_low_port_is_warned_of_where_it_needs_a_capability(void **state)
{
    (void)state;
    fixture_write("start.ini", "");
    FILE *setting = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
    int first = 1024;
    if (setting != NULL) {
        assert_int_equal(fscanf(setting, "%d", &first), 1);
        assert_int_equal(fclose(setting), 0);
    }
    bool is_low = 443 < first;
    expect_of_nobody("", "127.0.0.1:443", DIAGNOSTIC_WARNING,
                     is_low ? "needs CAP_NET_BIND_SERVICE" : NULL);
    expect_of_nobody("", "127.0.0.1:65535", DIAGNOSTIC_WARNING, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_had_is_not_spoken_of),
        cmocka_unit_test(a_place_that_nobody_can_write_to_is_an_error),
        cmocka_unit_test(all_of_it_comes_in_one_run),
        cmocka_unit_test(a_folder_that_the_service_manager_may_make_is_warned_of),
        cmocka_unit_test(an_address_of_another_machine_is_an_error),
        cmocka_unit_test(a_line_with_an_error_gets_no_second_one),
        cmocka_unit_test(an_empty_draft_is_not_spoken_of),
        cmocka_unit_test(a_user_is_tried_where_this_process_can_become_it),
        cmocka_unit_test(the_rights_of_who_asks_are_no_more_than_a_hint),
        cmocka_unit_test(who_is_the_user_of_the_configuration_knows_it),
        cmocka_unit_test(a_low_port_is_warned_of_where_it_needs_a_capability),
    };
    return cmocka_run_group_tests_name("start_check", tests, make_folder, remove_folder);
}
