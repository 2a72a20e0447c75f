/* Who is found, who is refused, and that without root nobody else can be become. */
#include "control_fixture.h"

#include <pwd.h>
#include <sys/wait.h>

#include "control/privileges.h"

#define NAMED(name)                               \
    {                                             \
        .text = (name), .place = {"edge.ini", 3}, \
    }

static struct diagnostics found;

static int begin(void **state)
{
    (void)state;
    diagnostics_init(&found);
    return 0;
}

static int end(void **state)
{
    (void)state;
    diagnostics_deinit(&found);
    return 0;
}

static void a_user_is_found_with_its_group_or_another(void **state)
{
    struct config_gateway gateway = {.user = NAMED("nobody")};
    struct privileges privileges;
    (void)state;
    assert_true(result_is_ok(privileges_find(&gateway, &found, &privileges)));
    assert_string_equal(privileges.user_name, "nobody");
    assert_int_equal(privileges.user, getpwnam("nobody")->pw_uid);
    assert_int_equal(privileges.group, getpwnam("nobody")->pw_gid);
    gateway.group = (struct config_text)NAMED("daemon");
    assert_true(result_is_ok(privileges_find(&gateway, &found, &privileges)));
    assert_int_not_equal(privileges.group, getpwnam("nobody")->pw_gid);
    assert_int_equal(found.count, 0);
}

static void without_a_user_nothing_is_given_up(void **state)
{
    const struct config_gateway gateway = {0};
    struct privileges privileges;
    (void)state;
    assert_true(result_is_ok(privileges_find(&gateway, &found, &privileges)));
    assert_null(privileges.user_name);
    bool was_root = privileges_are_root();
    assert_true(result_is_ok(privileges_drop(&privileges)));
    assert_int_equal(privileges_are_root(), was_root);
}

static void strangers_root_and_a_group_alone_are_refused(void **state)
{
    static const struct {
        struct config_gateway gateway;
        const char *message;
    } cases[] = {
        {{.user = NAMED("no-such-user")}, "[gateway] user = no-such-user: expected a user"},
        {{.user = NAMED("nobody"), .group = NAMED("no-such-group")}, "expected a group of this"},
        {{.user = NAMED("root")}, "not root"},
        {{.user = NAMED("nobody"), .group = NAMED("root")}, "not root"},
        {{.group = NAMED("daemon")}, "expected a user beside it"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct privileges privileges = {.user_name = "untouched"};
        assert_int_equal(privileges_find(&cases[i].gateway, &found, &privileges).code,
                         ERROR_BAD_CONFIG);
        assert_int_equal(found.error_count, i + 1);
        assert_non_null(strstr(found.items[i].message, cases[i].message));
        assert_int_equal(found.items[i].place.line, 3);
        assert_string_equal(privileges.user_name, "untouched");
    }
}

/* The exit status of a child that is nobody and then wants to be user. */
static int try_as_nobody(uid_t user)
{
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct privileges privileges = {.user_name = "somebody", .user = user};
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) {
            _exit(99);
        }
        _exit((int)privileges_drop(&privileges).code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void without_root_one_can_only_be_whom_one_is(void **state)
{
    (void)state;
    assert_int_equal(try_as_nobody(geteuid() == 0 ? 65534 : geteuid()), ERROR_NONE);
    assert_int_equal(try_as_nobody(1), ERROR_NOT_PERMITTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_user_is_found_with_its_group_or_another, begin, end),
        cmocka_unit_test_setup_teardown(without_a_user_nothing_is_given_up, begin, end),
        cmocka_unit_test_setup_teardown(strangers_root_and_a_group_alone_are_refused, begin, end),
        cmocka_unit_test(without_root_one_can_only_be_whom_one_is),
    };
    return cmocka_run_group_tests_name("privileges", tests, NULL, NULL);
}
