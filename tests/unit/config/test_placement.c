/* Workers and CPUs, on machines of our choice. */
#include "loaded_config.h"

#include "../../../src/config/placement.h"

static uint32_t allowed_numbers[] = {2, 3, 5, 7};

/* Resolves for a process that may use CPUs 2, 3, 5 and 7; the outcome as `workers: cpus`. */
static void assert_placed(const char *workers, const char *affinity, const char *expected)
{
    struct arena *arena = arena_create();
    struct document document;
    struct diagnostics diagnostics;
    struct config config = {0};
    const struct placement_cpus allowed = {allowed_numbers, 4};
    const struct loading loading = {&config, &document, &diagnostics};
    document_init(&document, arena);
    diagnostics_init(&diagnostics);
    config.gateway.workers = (struct config_text){workers, {"a.ini", 1}};
    config.gateway.cpu_affinity = (struct config_text){affinity, {"a.ini", 2}};
    assert_true(result_is_ok(placement_resolve(&loading, &allowed)));
    char said[1024];
    size_t length = (size_t)snprintf(said, sizeof(said), "%u:", config.gateway.worker_count);
    for (uint32_t i = 0; config.gateway.cpus != NULL && i < config.gateway.worker_count && i < 4;
         i++) {
        length +=
            (size_t)snprintf(said + length, sizeof(said) - length, " %u", config.gateway.cpus[i]);
    }
    char *messages = print_diagnostics(&diagnostics);
    snprintf(said + length, sizeof(said) - length, "%s%s", messages[0] == '\0' ? "" : "\n",
             messages);
    if (diagnostics.error_count > 0) {
        assert_string_equal(messages, expected);
    } else {
        assert_string_equal(said, expected);
    }
    free(messages);
    diagnostics_deinit(&diagnostics);
    document_deinit(&document);
    arena_destroy(arena);
}

static void auto_uses_every_allowed_cpu(void **state)
{
    (void)state;
    assert_placed("auto", "auto", "4: 2 3 5 7");
    assert_placed("2", "auto", "2: 2 3");
}

static void off_pins_nothing(void **state)
{
    (void)state;
    assert_placed("auto", "off", "4:");
    assert_placed("256", "off", "256:");
}

static void list_is_taken_in_its_order(void **state)
{
    (void)state;
    assert_placed("auto", "7,2-3", "3: 7 2 3");
    assert_placed("2", "7,2-3", "2: 7 2");
    assert_placed("1", "5", "1: 5");
}

static void list_must_be_long_enough(void **state)
{
    (void)state;
    assert_placed("3", "2,3",
                  "a.ini:1: error: [gateway] workers = 3: expected 2 at most, one for each CPU of "
                  "cpu_affinity = 2,3\n");
}

static void list_must_be_of_allowed_cpus(void **state)
{
    (void)state;
    assert_placed("auto", "2-4",
                  "a.ini:2: error: [gateway] cpu_affinity = 2-4: CPU 4 is not one that this "
                  "process may use: expected one of its own (see nproc, taskset)\n");
    assert_placed("auto", "2,3,2",
                  "a.ini:2: error: [gateway] cpu_affinity = 2,3,2: CPU 2 stands twice in the list: "
                  "expected it once\n");
}

static void more_workers_than_cpus_are_not_pinned(void **state)
{
    (void)state;
    assert_placed("5", "auto",
                  "5:\na.ini:1: warning: [gateway] workers = 5: more than the 4 CPUs that this "
                  "process may use: workers are not pinned\n");
}

static void this_machine_has_cpus(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct placement_cpus cpus = {0};
    assert_true(result_is_ok(placement_find_cpus(arena, &cpus)));
    assert_true(cpus.count >= 1);
    for (size_t i = 1; i < cpus.count; i++) {
        assert_true(cpus.numbers[i - 1] < cpus.numbers[i]);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_uses_every_allowed_cpu),
        cmocka_unit_test(off_pins_nothing),
        cmocka_unit_test(list_is_taken_in_its_order),
        cmocka_unit_test(list_must_be_long_enough),
        cmocka_unit_test(list_must_be_of_allowed_cpus),
        cmocka_unit_test(more_workers_than_cpus_are_not_pinned),
        cmocka_unit_test(this_machine_has_cpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
