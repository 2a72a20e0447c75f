/* What open() and bind() would fail with, found out without either, by oneself and as another user.
 */
#include "control_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "../../../src/control/write_trial.h"

static char folder[] = "/tmp/sallyport-trial-XXXXXX";

static int make_folder(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || mkdir("locked", 0700) != 0 ||
        mkdir("open", 0777) != 0 || chmod("open", 0777) != 0 || chmod(".", 0755) != 0 ||
        bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        return -1;
    }
    fixture_write("file", "kept");
    return close(descriptor) != 0 || symlink("absent/file", "dangling") != 0;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return chdir("/") != 0 || system(command) != 0;
}

static int try(const char *path, bool is_socket)
{
    struct write_trial trial = {.path = path, .is_socket = is_socket, .reason = 0};
    write_trial_look(&trial, 1);
    return trial.reason;
}

static void what_may_be_written_shows_nothing(void **state)
{
    (void)state;
    assert_int_equal(try("file", false), 0);
    assert_int_equal(try("new", false), 0);
    assert_int_equal(try("open/new", false), 0);
    assert_int_equal(try("/dev/null", false), 0);
    assert_int_equal(try("new", true), 0);
    assert_int_equal(try("socket", true), 0);
}

static void what_cannot_be_written_has_its_reason(void **state)
{
    (void)state;
    char far[5000];
    memset(far, 'x', sizeof(far) - 1);
    far[sizeof(far) - 1] = '\0';
    assert_int_equal(try("absent/new", false), ENOENT);
    assert_int_equal(try("file/new", false), ENOTDIR);
    assert_int_equal(try("open", false), EISDIR);
    assert_int_equal(try("/", false), EISDIR);
    assert_int_equal(try(far, false), ENAMETOOLONG);
    assert_int_equal(try("absent/socket", true), ENOENT);
    assert_int_equal(try("file/socket", true), ENOTDIR);
    assert_int_equal(try("file", true), ENOTSOCK);
    assert_int_equal(try("open", true), ENOTSOCK);
    assert_int_equal(try("dangling", true), ENOTSOCK); /* bind() does not follow it */
}

static void nothing_is_made_or_changed(void **state)
{
    struct stat status;
    (void)state;
    assert_int_equal(try("new", false), 0);
    assert_int_equal(try("new", true), 0);
    assert_int_not_equal(stat("new", &status), 0);
    assert_int_equal(stat("file", &status), 0);
    assert_int_equal(status.st_size, 4);
    assert_int_equal(lstat("socket", &status), 0);
}

static void a_trial_without_a_path_is_none(void **state)
{
    (void)state;
    assert_int_equal(try(NULL, false), 0);
    assert_int_equal(try(NULL, true), 0);
}

static void another_user_is_asked_in_another_process(void **state)
{
    const struct privileges nobody = {.user_name = "nobody", .user = 65534, .group = 65534};
    struct write_trial trials[] = {{.path = "file"},     {.path = "locked/new"},
                                   {.path = "open/new"}, {.path = "new", .is_socket = true},
                                   {.path = NULL},       {.path = "absent/new"}};
    static const int reasons[] = {EACCES, EACCES, 0, EACCES, 0, ENOENT};
    size_t count = sizeof(trials) / sizeof(trials[0]);
    uid_t before = geteuid();
    (void)state;
    bool is_done = write_trial_look_as(&nobody, trials, count);
    assert_int_equal(geteuid(), before);
    assert_int_equal(is_done, before == 0 || before == 65534);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(trials[i].reason, is_done ? reasons[i] : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_written_shows_nothing),
        cmocka_unit_test(what_cannot_be_written_has_its_reason),
        cmocka_unit_test(nothing_is_made_or_changed),
        cmocka_unit_test(a_trial_without_a_path_is_none),
        cmocka_unit_test(another_user_is_asked_in_another_process),
    };
    return cmocka_run_group_tests_name("write_trial", tests, make_folder, remove_folder);
}
