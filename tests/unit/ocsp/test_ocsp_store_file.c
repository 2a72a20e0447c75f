/* The frames of the OCSP cache's file: what is damaged is lost alone, and is seen. */
#include "store_fixture.h"

#define RECORD_COUNT 5

static uint8_t content[FILE_SIZE_MAX];
static uint8_t damaged[FILE_SIZE_MAX];
static size_t starts[RECORD_COUNT + 1]; /* of each frame; the last is the end's */
static size_t length;

/* A file of five records. */
static int write_content(void **state)
{
    length = 0;
    for (uint64_t i = 0; i < RECORD_COUNT; i++) {
        struct draft draft = draft_of(i, "good");
        struct ocsp_record *record = record_of_draft(&draft);
        starts[i] = length;
        ocsp_store_file_write_record(record, content + length);
        length += ocsp_store_file_record_size(record);
        ocsp_record_destroy(record);
    }
    starts[RECORD_COUNT] = length;
    ocsp_store_file_write_end(RECORD_COUNT, content + length);
    length += OCSP_STORE_FILE_END_SIZE;
    memcpy(damaged, content, length);
    (void)state;
    return 0;
}

struct tally {
    size_t record_count;
    size_t bad_count;
};

static struct tally read_all(const uint8_t *file, size_t size)
{
    struct ocsp_store_file_reader reader = ocsp_store_file_reader_over(bytes_from(file, size));
    struct ocsp_store_item item;
    struct tally tally = {0};
    enum ocsp_store_piece piece;
    while ((piece = ocsp_store_file_next(&reader, &item)) != OCSP_STORE_END) {
        tally.record_count += piece == OCSP_STORE_RECORD;
        tally.bad_count += piece == OCSP_STORE_BAD;
        assert_true(tally.record_count + tally.bad_count <= size + 2);
    }
    assert_int_equal(ocsp_store_file_next(&reader, &item), OCSP_STORE_END);
    return tally;
}

static void expect(size_t size, size_t record_count, size_t bad_count)
{
    struct tally tally = read_all(damaged, size);
    assert_int_equal(tally.record_count, record_count);
    assert_int_equal(tally.bad_count, bad_count);
}

static void a_whole_file_has_all_its_records(void **state)
{
    (void)state;
    expect(length, RECORD_COUNT, 0);
}

static void the_size_of_a_record_is_what_is_written(void **state)
{
    struct draft draft = draft_of(2, "good");
    struct ocsp_record *record = record_of_draft(&draft);
    (void)state;
    size_t size = ocsp_store_file_record_size(record);
    memset(damaged, 0xEE, size + 1);
    ocsp_store_file_write_record(record, damaged);
    assert_int_equal(damaged[size], 0xEE);
    /* Alone it has no end. */
    expect(size, 1, 1);
    ocsp_record_destroy(record);
}

static void any_flipped_bit_costs_one_record_and_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < length; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            damaged[i] ^= (uint8_t)(1U << bit);
            expect(length, i < starts[RECORD_COUNT] ? RECORD_COUNT - 1 : RECORD_COUNT, 1);
            damaged[i] = content[i];
        }
    }
}

static void a_file_that_is_cut_off_anywhere_keeps_what_is_whole(void **state)
{
    (void)state;
    for (size_t size = 0; size < length; size++) {
        size_t whole_count = 0;
        while (whole_count < RECORD_COUNT && starts[whole_count + 1] <= size) {
            whole_count++;
        }
        expect(size, whole_count, 1);
    }
}

static void a_stretch_that_is_missing_in_the_middle_is_seen(void **state)
{
    (void)state;
    /* A whole record, and half of two. */
    memmove(damaged + starts[1], content + starts[2], length - starts[2]);
    expect(length - (starts[2] - starts[1]), RECORD_COUNT - 1, 1);
    size_t from = (starts[1] + starts[2]) / 2;
    size_t to = (starts[2] + starts[3]) / 2;
    memcpy(damaged, content, from);
    memmove(damaged + from, content + to, length - to);
    struct tally tally = read_all(damaged, length - (to - from));
    assert_in_range(tally.record_count, RECORD_COUNT - 3, RECORD_COUNT - 2);
    assert_true(tally.bad_count >= 1);
}

static void a_stretch_of_rubbish_is_passed_over(void **state)
{
    const size_t rubbish_length = 1000;
    (void)state;
    memset(damaged + starts[2], 'S', rubbish_length);
    memcpy(damaged + starts[2] + rubbish_length, content + starts[2], length - starts[2]);
    expect(length + rubbish_length, RECORD_COUNT, 1);
}

static void what_comes_after_the_end_is_bad_and_not_read(void **state)
{
    (void)state;
    memcpy(damaged + length, content, length);
    expect(2 * length, RECORD_COUNT, 1);
    damaged[length] = 0;
    expect(length + 1, RECORD_COUNT, 1);
}

static void a_file_of_another_version_is_not_read(void **state)
{
    (void)state;
    for (size_t i = 0; i <= RECORD_COUNT; i++) {
        damaged[starts[i] + 4] = 2;
    }
    expect(length, 0, 1);
}

static void what_is_too_large_is_not_stored(void **state)
{
    struct draft draft = draft_of(1, "good");
    struct ocsp_record *record = record_of_draft(&draft);
    struct bytes whole = record->question->serial;
    (void)state;
    assert_true(ocsp_store_file_record_size(record) > 0);
    record->question->serial.length = OCSP_SERIAL_SIZE_MAX + 1;
    assert_int_equal(ocsp_store_file_record_size(record), 0);
    record->question->serial = whole;
    whole = record->question->issuer;
    record->question->issuer.length = OCSP_STORE_FILE_ISSUER_SIZE_MAX + 1;
    assert_int_equal(ocsp_store_file_record_size(record), 0);
    record->question->issuer = whole;
    record->question->url.length = OCSP_STORE_FILE_URL_SIZE_MAX + 1;
    assert_int_equal(ocsp_store_file_record_size(record), 0);
    ocsp_record_destroy(record);
}

static void a_forest_of_marks_costs_no_time(void **state)
{
    (void)state;
    for (size_t i = 0; i + 4 <= FILE_SIZE_MAX; i += 4) {
        memcpy(damaged + i, content, 4);
    }
    expect(FILE_SIZE_MAX, 0, 1); /* the test's limit of time is what judges */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_whole_file_has_all_its_records, write_content),
        cmocka_unit_test_setup(the_size_of_a_record_is_what_is_written, write_content),
        cmocka_unit_test_setup(any_flipped_bit_costs_one_record_and_is_seen, write_content),
        cmocka_unit_test_setup(a_file_that_is_cut_off_anywhere_keeps_what_is_whole, write_content),
        cmocka_unit_test_setup(a_stretch_that_is_missing_in_the_middle_is_seen, write_content),
        cmocka_unit_test_setup(a_stretch_of_rubbish_is_passed_over, write_content),
        cmocka_unit_test_setup(what_comes_after_the_end_is_bad_and_not_read, write_content),
        cmocka_unit_test_setup(a_file_of_another_version_is_not_read, write_content),
        cmocka_unit_test_setup(what_is_too_large_is_not_stored, write_content),
        cmocka_unit_test_setup(a_forest_of_marks_costs_no_time, write_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
