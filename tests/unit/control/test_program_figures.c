/* What the kernel says of this program, also when it holds as many descriptors as a crowd takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../../../src/control/program_figures.h"

enum { FEW = 5, CROWD_MAX = 15000, LOOKS = 5 };

/* Some milliseconds, were each of them to be listed. */
#define NS_OF_DESCRIPTOR_MAX 500

static int opened[CROWD_MAX];

static size_t open_descriptors(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        opened[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (opened[i] < 0) {
            return i;
        }
    }
    return count;
}

static void close_descriptors(size_t count)
{
    while (count-- > 0) {
        (void)close(opened[count]);
    }
}

static uint64_t count_descriptors(void)
{
    struct program_figures figures;
    program_figures_read(&figures);
    return figures.descriptor_count;
}

static void every_descriptor_is_counted(void **state)
{
    uint64_t before = count_descriptors();
    (void)state;
    assert_true(before >= 3);
    assert_int_equal(open_descriptors(FEW), FEW);
    assert_int_equal(count_descriptors(), before + FEW);
    (void)close(opened[1]); /* a gap is none */
    assert_int_equal(count_descriptors(), before + FEW - 1);
    opened[1] = -1;
    close_descriptors(FEW);
    assert_int_equal(count_descriptors(), before);
}

static void an_older_kernel_is_asked_for_each(void **state)
{
    (void)state;
    assert_int_equal(open_descriptors(FEW), FEW);
    assert_int_equal(program_figures_probe_descriptors(), count_descriptors());
    close_descriptors(FEW);
    assert_int_equal(program_figures_probe_descriptors(), count_descriptors());
}

static uint64_t thread_time_ns(void)
{
    struct timespec time;
    assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The least of some looks: the machine may be busy. */
static uint64_t look_ns(uint64_t (*count)(void))
{
    uint64_t least_ns = UINT64_MAX;
    for (size_t i = 0; i < LOOKS; i++) {
        uint64_t begin_ns = thread_time_ns();
        (void)count();
        uint64_t took_ns = thread_time_ns() - begin_ns;
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    return least_ns;
}

/* Whoever asks whether the gateway is ready waits for it, and a reload waits for the lock. */
static void a_crowd_of_descriptors_costs_next_to_nothing(void **state)
{
    struct rlimit limit;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    size_t count = open_descriptors(CROWD_MAX);
    uint64_t told_ns = look_ns(count_descriptors);
    uint64_t probed_ns = look_ns(program_figures_probe_descriptors);
    close_descriptors(count);
    assert_true(count > CROWD_MAX / 16); /* else nothing is proven */
    assert_in_range(told_ns, 0, count * NS_OF_DESCRIPTOR_MAX);
    assert_in_range(probed_ns, 0, count * NS_OF_DESCRIPTOR_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_descriptor_is_counted),
        cmocka_unit_test(an_older_kernel_is_asked_for_each),
        cmocka_unit_test(a_crowd_of_descriptors_costs_next_to_nothing),
    };
    return cmocka_run_group_tests_name("program_figures", tests, NULL, NULL);
}
