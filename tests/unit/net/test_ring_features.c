/* Where io_uring cannot be had, one sentence says why. Each prohibition is made in a child process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/ring_features.h"

/* IORING_REGISTER_PBUF_RING of linux/io_uring.h. */
#define REGISTER_BUFFER_RING 22

static bool filter_calls(struct sock_filter *filter, unsigned short length)
{
    struct sock_fprog program = {.len = length, .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* From now on the system call number fails with error. */
static bool forbid(uint32_t number, uint32_t error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return filter_calls(filter, sizeof(filter) / sizeof(filter[0]));
}

static bool forbid_as_a_container_does(void)
{
    return forbid(SYS_io_uring_setup, EPERM);
}

static bool be_an_old_kernel(void)
{
    return forbid(SYS_io_uring_setup, ENOSYS);
}

static bool know_no_deferred_work(void)
{
    return forbid(SYS_io_uring_setup, EINVAL);
}

static bool refuse_locked_memory(void)
{
    return forbid(SYS_io_uring_setup, ENOMEM);
}

/* The ring itself is allowed, and then its buffers are too much. */
static bool refuse_locked_memory_for_buffers(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_register, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REGISTER_BUFFER_RING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return filter_calls(filter, sizeof(filter) / sizeof(filter[0]));
}

static bool leave_no_descriptor(void)
{
    struct rlimit none = {0};
    return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

/* In a child: prohibits, checks, and sends the reason up. Returns whether the check failed as it
 * should. */
static bool check_in_child(bool (*prohibit)(void), char *ret_reason, size_t capacity)
{
    int ends[2];
    int status = -1;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char memory[512];
        struct text reason = text_over(memory, sizeof(memory));
        if (!prohibit()) {
            _exit(77);
        }
        struct result result = ring_features_check(&reason);
        bool is_told = write(ends[1], reason.at, reason.length) == (ssize_t)reason.length;
        _exit(result.code == ERROR_NO_RING && is_told && !reason.overflowed ? 0 : 1);
    }
    (void)close(ends[1]);
    ssize_t length = read(ends[0], ret_reason, capacity - 1);
    ret_reason[length > 0 ? length : 0] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        skip(); /* filters are forbidden themselves */
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void every_prohibition_is_named_with_its_remedy(void **state)
{
    static const struct {
        bool (*prohibit)(void);
        const char *cause;
        const char *remedy;
    } rows[] = {
        {forbid_as_a_container_does, "seccomp", "io_uring_setup"},
        {be_an_old_kernel, "no io_uring", "6.1"},
        {know_no_deferred_work, "too old", "6.1"},
        {refuse_locked_memory, "lock", "LimitMEMLOCK"},
        {refuse_locked_memory_for_buffers, "lock", "LimitMEMLOCK"},
        {leave_no_descriptor, "descriptor", "LimitNOFILE"},
    };
    char reason[512];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(check_in_child(rows[i].prohibit, reason, sizeof(reason)));
        if (strstr(reason, rows[i].cause) == NULL || strstr(reason, rows[i].remedy) == NULL) {
            print_error("row %zu: %s\n", i, reason);
            fail();
        }
    }
}

static void where_it_is_allowed_there_is_no_reason(void **state)
{
    char memory[512];
    struct text reason = text_over(memory, sizeof(memory));
    (void)state;
    assert_true(result_is_ok(ring_features_check(&reason)));
    assert_int_equal(reason.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_is_allowed_there_is_no_reason),
        cmocka_unit_test(every_prohibition_is_named_with_its_remedy),
    };
    return cmocka_run_group_tests_name("ring_features", tests, NULL, NULL);
}
