/* Readings that are waited for, given up and left behind; the name server is the test's. */
#include "control_fixture.h"

#include <netdb.h>
#include <stdatomic.h>
#include <time.h>

#include "../live_threads.h"
#include "base/clock.h"
#include "control/generation_builder.h"
#include "control/generation_reading.h"

static _Atomic bool is_name_server_silent;
static _Atomic unsigned question_count;

/* In place of the system's: knows every name, or hangs. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    (void)node;
    (void)service;
    (void)hints;
    (void)found;
    question_count++;
    while (is_name_server_silent) {
        (void)nanosleep(&pause, NULL);
    }
    return EAI_AGAIN;
}

struct owner {
    unsigned look_count;
    unsigned wanted_count;  /* looks that say so */
    unsigned awaited_count; /* of questions: until then, too */
};

static bool look(void *owner)
{
    struct owner *wanted = owner;
    return wanted->look_count++ < wanted->wanted_count || question_count < wanted->awaited_count;
}

static struct result read_text(const char *text, generation_reading_look asked, void *owner,
                               struct diagnostics *diagnostics)
{
    struct generation *generation = NULL;
    fixture_write("edge.ini", text);
    diagnostics_init(diagnostics);
    struct result result =
        generation_reading_run("edge.ini", asked, owner, diagnostics, &generation);
    assert_int_equal(result_is_ok(result), generation != NULL);
    generation_builder_destroy(generation);
    return result;
}

/* Every mistake as generation_builder_build() tells it; that of the name is the last of them. */
static void what_is_read_is_handed_over_with_its_mistakes(void **state)
{
    struct diagnostics diagnostics;
    (void)state;
    is_name_server_silent = false;
    assert_int_equal(read_text(FIXTURE_WHOLE, NULL, NULL, &diagnostics).code,
                     ERROR_NAME_UNRESOLVED);
    assert_int_equal(diagnostics.error_count, 1);
    assert_true(fixture_was_told(&diagnostics, DIAGNOSTIC_ERROR, 10, "cannot be resolved"));
    diagnostics_deinit(&diagnostics);
    assert_int_equal(read_text("[nonsense]\n", NULL, NULL, &diagnostics).code, ERROR_BAD_CONFIG);
    assert_true(diagnostics.error_count > 0);
    diagnostics_deinit(&diagnostics);
}

static void a_reading_that_ends_soon_is_not_given_up(void **state)
{
    struct diagnostics diagnostics;
    struct owner owner = {.wanted_count = 0};
    (void)state;
    is_name_server_silent = false;
    assert_int_equal(read_text("[nonsense]\n", look, &owner, &diagnostics).code, ERROR_BAD_CONFIG);
    assert_true(diagnostics.error_count > 0);
    diagnostics_deinit(&diagnostics);
}

static void a_reading_that_hangs_is_left_behind_and_ends_by_itself(void **state)
{
    struct diagnostics diagnostics;
    struct owner owner = {.wanted_count = 5, .awaited_count = question_count + 1};
    const struct timespec pause = {.tv_nsec = 1000000};
    size_t threads = live_threads_count();
    uint64_t begin_ms = clock_monotonic_ms();
    (void)state;
    is_name_server_silent = true;
    assert_int_equal(read_text(FIXTURE_WHOLE, look, &owner, &diagnostics).code, ERROR_CANCELLED);
    assert_int_equal(diagnostics.count, 0); /* what it finds later is nobody's */
    assert_true(clock_monotonic_ms() - begin_ms >= GENERATION_READING_GRACE_MS);
    assert_true(owner.look_count > owner.wanted_count);
    assert_int_equal(question_count, owner.awaited_count);
    assert_int_equal(live_threads_count(), threads + 1);
    is_name_server_silent = false;
    for (unsigned looks = 0; live_threads_count() > threads; looks++) {
        assert_true(looks < 30000);
        (void)nanosleep(&pause, NULL);
    }
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_handed_over_with_its_mistakes),
        cmocka_unit_test(a_reading_that_ends_soon_is_not_given_up),
        cmocka_unit_test(a_reading_that_hangs_is_left_behind_and_ends_by_itself),
    };
    return cmocka_run_group_tests_name("generation_reading", tests, fixture_make, fixture_remove);
}
