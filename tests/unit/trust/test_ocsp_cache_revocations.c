/* What a cache that is full does with revocations: whoever forgets one may let somebody in. */
#include "../../fake/dice.h"
#include "ocsp_cache_fixture.h"

#define SMALL_COUNT 64

/* Others begin here. */
#define OTHERS 100000

static uint64_t lost_count(const struct fixture *fixture)
{
    return ocsp_cache_usage(fixture->cache).lost_revocation_count;
}

static uint64_t known_count(const struct fixture *fixture, uint64_t count)
{
    uint64_t known = 0;
    for (uint64_t i = 0; i < count; i++) {
        const struct ocsp_record *record = peek(fixture, i);
        known += record != NULL && record->state.answer.status == OCSP_REVOKED;
    }
    return known;
}

typedef struct ocsp_record *(*make_record)(uint64_t number, int64_t at_seconds);

static const make_record of_no_weight[] = {failed, answered};

/* Revocations, the stalest of all, and then far more of the others than there is room for. */
static void expect_kept(uint64_t revoked_count, make_record make)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    for (uint64_t i = 0; i < revoked_count; i++) {
        (void)put(fixture, revoked(i, NOW));
        turn(fixture);
    }
    uint64_t lost_before = lost_count(fixture);
    assert_int_equal(known_count(fixture, revoked_count), revoked_count - lost_before);
    for (uint64_t i = 0; i < 10 * SMALL_COUNT; i++) {
        (void)put(fixture, make(OTHERS + i, NOW + 1 + (int64_t)i));
        if (i % 3 == 0) {
            turn(fixture);
        }
    }
    assert_int_equal(lost_count(fixture), lost_before);
    assert_int_equal(known_count(fixture, revoked_count), revoked_count - lost_before);
    stop(fixture);
}

static void nothing_else_pushes_out_a_revocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        expect_kept(1, of_no_weight[i]);
        expect_kept(SMALL_COUNT / 2, of_no_weight[i]);
    }
}

static void nothing_else_pushes_one_out_of_a_cache_of_revocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        expect_kept(10 * SMALL_COUNT, of_no_weight[i]);
        expect_kept(10 * SMALL_COUNT, of_no_weight[i]);
    }
}

/* Too many in one bucket, or in all: for what else comes there is no room, and it is said. */
static void what_finds_only_revocations_is_not_put_in(void **state)
{
    struct fixture *fixture = start(OCSP_CACHE_COUNT_MIN, ROOMY_BYTES);
    uint64_t refused_count = 0;
    (void)state;
    for (uint64_t i = 0; i < 10 * OCSP_CACHE_COUNT_MIN; i++) {
        (void)put(fixture, revoked(i, NOW));
        turn(fixture);
    }
    uint64_t rejected_before = ocsp_cache_usage(fixture->cache).rejected_count;
    for (uint64_t i = 0; i < 100; i++) {
        bool is_in = put(fixture, answered(OTHERS + i, NOW));
        assert_int_equal(is_in, peek(fixture, OTHERS + i) != NULL);
        refused_count += !is_in;
        turn(fixture);
    }
    assert_int_equal(ocsp_cache_usage(fixture->cache).rejected_count - rejected_before,
                     refused_count);
    stop(fixture);
}

static void a_revocation_pushes_out_whatever_is_none(void **state)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    (void)state;
    for (uint64_t i = 0; i < 10 * SMALL_COUNT; i++) {
        (void)put(fixture, answered(OTHERS + i, NOW + 1000)); /* touched later than they */
        turn(fixture);
    }
    for (uint64_t i = 0; i < SMALL_COUNT / 4; i++) {
        assert_true(put(fixture, revoked(i, NOW)));
        turn(fixture);
    }
    assert_int_equal(known_count(fixture, SMALL_COUNT / 4) + lost_count(fixture), SMALL_COUNT / 4);
    assert_in_range(lost_count(fixture), 0, 1); /* a bucket may be full of them */
    stop(fixture);
}

/* Whatever comes with them and in whatever order. */
static void every_revocation_is_there_or_counted_as_lost(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
        struct dice dice = {.state = seed};
        uint64_t revoked_count = 0;
        for (uint64_t i = 0; i < 1000; i++) {
            int64_t now_seconds = NOW + (int64_t)dice_below(&dice, 1000);
            if (dice_one_in(&dice, 4)) {
                (void)put(fixture, revoked(revoked_count++, now_seconds));
            } else {
                (void)put(fixture, of_no_weight[dice_below(&dice, 2)](OTHERS + i, now_seconds));
            }
            if (dice_one_in(&dice, 5)) {
                turn(fixture);
            }
        }
        uint64_t known = known_count(fixture, revoked_count);
        if (known + lost_count(fixture) != revoked_count) {
            fail_msg("seed %llu: of %llu revocations %llu are known and %llu lost",
                     (unsigned long long)seed, (unsigned long long)revoked_count,
                     (unsigned long long)known, (unsigned long long)lost_count(fixture));
        }
        stop(fixture);
    }
}

/* What was replaced waits for quiet points, until there is no room at all. */
static struct fixture *start_without_room(struct ocsp_record *kept)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    assert_true(put(fixture, kept));
    for (uint64_t i = 1; i < SMALL_COUNT; i++) {
        assert_true(put(fixture, answered(OTHERS, NOW)));
    }
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, SMALL_COUNT);
    return fixture;
}

static void a_failure_without_room_leaves_what_is_known(void **state)
{
    static const make_record kept[] = {answered, revoked};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture *fixture = start_without_room(kept[i](1, NOW));
        uint64_t revision = ocsp_cache_revision(fixture->cache);
        assert_false(put(fixture, failed(1, NOW + 60)));
        assert_non_null(peek(fixture, 1));
        assert_int_equal(peek(fixture, 1)->state.failure, OCSP_FAULT_NONE);
        assert_int_equal(ocsp_cache_revision(fixture->cache), revision);
        assert_int_equal(lost_count(fixture), 0);
        stop(fixture);
    }
}

static void a_revocation_without_room_leaves_another_one_and_nothing_else(void **state)
{
    (void)state;
    struct fixture *fixture = start_without_room(revoked(1, NOW));
    assert_false(put(fixture, revoked(1, NOW + 60)));
    assert_int_equal(peek(fixture, 1)->state.received_at_seconds, NOW);
    assert_int_equal(lost_count(fixture), 0);
    stop(fixture);
    fixture = start_without_room(answered(1, NOW));
    assert_false(put(fixture, revoked(1, NOW + 60)));
    assert_null(peek(fixture, 1));
    assert_int_equal(lost_count(fixture), 1);
    stop(fixture);
}

/* It was signed after the revocation, or nobody would put it in. */
static void a_good_answer_without_room_takes_the_revocation_with_it(void **state)
{
    (void)state;
    struct fixture *fixture = start_without_room(revoked(1, NOW));
    assert_false(put(fixture, answered(1, NOW + 60)));
    assert_null(peek(fixture, 1));
    assert_int_equal(lost_count(fixture), 0);
    stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_pushes_out_a_revocation),
        cmocka_unit_test(nothing_else_pushes_one_out_of_a_cache_of_revocations),
        cmocka_unit_test(what_finds_only_revocations_is_not_put_in),
        cmocka_unit_test(a_revocation_pushes_out_whatever_is_none),
        cmocka_unit_test(every_revocation_is_there_or_counted_as_lost),
        cmocka_unit_test(a_failure_without_room_leaves_what_is_known),
        cmocka_unit_test(a_revocation_without_room_leaves_another_one_and_nothing_else),
        cmocka_unit_test(a_good_answer_without_room_takes_the_revocation_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
