/* Random bytes: never the same twice, neither in one process nor in a child, nor in another thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"

#define SAMPLE_BYTES 32

static void outputs_of_every_length_are_filled(void **state)
{
    static const size_t lengths[] = {0, 1, 31, 1023, 1024, 1025, 4096, 4097, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        uint8_t *output = calloc(1, lengths[i] + 1);
        assert_non_null(output);
        assert_true(result_is_ok(random_fill(output, lengths[i])));
        assert_int_equal(output[lengths[i]], 0); /* not a byte more */
        size_t zero_count = 0;
        for (size_t at = 0; at < lengths[i]; at++) {
            zero_count += output[at] == 0;
        }
        assert_true(zero_count <= 8 + lengths[i] / 32); /* by chance: less than once in 10^12 */
        free(output);
    }
}

static void no_two_outputs_are_alike(void **state)
{
    static uint8_t outputs[1000][SAMPLE_BYTES];
    (void)state;
    for (size_t i = 0; i < 1000; i++) { /* over many refills of the block */
        assert_true(result_is_ok(random_fill(outputs[i], SAMPLE_BYTES)));
    }
    for (size_t i = 0; i < 1000; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(outputs[i], outputs[j], SAMPLE_BYTES);
        }
    }
}

/* Forks; the child fills sample and sends it up. */
static void fill_in_child(uint8_t *ret_sample)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint8_t sample[SAMPLE_BYTES];
        bool is_good = result_is_ok(random_fill(sample, sizeof(sample))) &&
                       write(ends[1], sample, sizeof(sample)) == SAMPLE_BYTES;
        _exit(is_good ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(read(ends[0], ret_sample, SAMPLE_BYTES), SAMPLE_BYTES);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_child_never_hands_out_what_its_parent_will(void **state)
{
    uint8_t samples[4][SAMPLE_BYTES];
    uint8_t byte;
    (void)state;
    assert_true(result_is_ok(random_fill(&byte, 1))); /* the block is filled, and most of it left */
    fill_in_child(samples[0]);
    fill_in_child(samples[1]);
    assert_true(result_is_ok(random_fill(samples[2], SAMPLE_BYTES)));
    fill_in_child(samples[3]);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(samples[i], samples[j], SAMPLE_BYTES);
        }
    }
}

static void *fill_in_thread(void *sample)
{
    return result_is_ok(random_fill(sample, SAMPLE_BYTES)) ? sample : NULL;
}

static void threads_do_not_share_their_bytes(void **state)
{
    uint8_t samples[8][SAMPLE_BYTES];
    pthread_t threads[8];
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, fill_in_thread, samples[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        void *filled = NULL;
        assert_int_equal(pthread_join(threads[i], &filled), 0);
        assert_non_null(filled);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(samples[i], samples[j], SAMPLE_BYTES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_of_every_length_are_filled),
        cmocka_unit_test(no_two_outputs_are_alike),
        cmocka_unit_test(a_child_never_hands_out_what_its_parent_will),
        cmocka_unit_test(threads_do_not_share_their_bytes),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
