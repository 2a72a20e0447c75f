/*
 * Files of the OCSP cache: whatever the bytes, what is loaded is an answer that holds now, of the
 * certificate that it is kept for, and comes back the same from a file that is written of it.
 *
 * Input: a byte, then, if it is even, a file; if it is odd, bodies of records, each after its
 * length in two bytes, that are put into frames with right checksums, which no mutation would find.
 */
#include <stdlib.h>

#include "../../src/ocsp/ocsp_store_file.h"
#include "../../src/ocsp/ocsp_store_load.h"
#include "base/check.h"
#include "trust/ocsp_life.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW           INT64_C(1749945600)
#define FILE_SIZE_MAX (1 << 20)

struct world {
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct reclaim_member *member;
};

static uint8_t file[FILE_SIZE_MAX];

static void open_world(struct world *world)
{
    static const struct ocsp_cache_settings settings = {64, (size_t)16 << 20};
    CHECK(result_is_ok(reclaim_create(1, &world->reclaim)));
    CHECK(result_is_ok(ocsp_cache_create(&settings, &world->cache)));
    world->member = reclaim_join(world->reclaim);
    reclaim_wake(world->member);
}

static void close_world(struct world *world)
{
    reclaim_sleep(world->member);
    reclaim_destroy(world->reclaim);
    ocsp_cache_destroy(world->cache);
}

/* FNV-1a, 64 bits, as the file has it. */
static uint64_t checksum(const uint8_t *at, size_t length)
{
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < length; i++) {
        sum = (sum ^ at[i]) * UINT64_C(0x100000001B3);
    }
    return sum;
}

static void put_number(uint8_t *at, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(number >> (8 * i));
    }
}

/* Returns the size of the frame. */
static size_t put_frame(uint8_t *at, struct bytes body)
{
    memcpy(at, "SPOC\x01\x00\x01\x00", 8);
    put_number(at + 8, body.length, 4);
    if (body.length > 0) {
        memcpy(at + OCSP_STORE_FILE_HEADER_SIZE, body.at, body.length);
    }
    put_number(at + 12, checksum(at + OCSP_STORE_FILE_HEADER_SIZE, body.length), 8);
    put_number(at + 20, checksum(at, 20), 8);
    return OCSP_STORE_FILE_HEADER_SIZE + body.length;
}

static struct bytes frame_all(struct bytes input)
{
    struct bytes_reader reader = bytes_reader_over(input);
    size_t length = 0;
    uint64_t count = 0;
    while (bytes_reader_left(&reader) > 2 && length < FILE_SIZE_MAX - (1 << 17)) {
        size_t body_length = bytes_reader_u16(&reader);
        size_t left = bytes_reader_left(&reader);
        length += put_frame(file + length,
                            bytes_reader_take(&reader, body_length < left ? body_length : left));
        count++;
    }
    ocsp_store_file_write_end(count, file + length);
    return bytes_from(file, length + OCSP_STORE_FILE_END_SIZE);
}

/* Whether the response says at that moment what the record says. */
static bool holds_at(const struct ocsp_record *record, int64_t seconds)
{
    struct ocsp_answer answer;
    return ocsp_response_judge(record->response, record->question, (struct bytes){0}, seconds,
                               &answer) == OCSP_FAULT_NONE &&
           answer.status == record->state.answer.status;
}

static bool holds_now(const struct ocsp_record *record)
{
    const struct ocsp_state *state = &record->state;
    return state->received_at_seconds <= NOW && holds_at(record, NOW) &&
           ocsp_life_is_current(state, record->manner.max_age_ms, NOW);
}

/* A revocation may be of another time. */
static void check_record(const struct ocsp_record *record)
{
    struct ocsp_question *question;
    const struct ocsp_state *state = &record->state;
    CHECK(holds_now(record) ||
          (state->answer.status == OCSP_REVOKED && holds_at(record, state->received_at_seconds)));
    CHECK(!state->answer.has_nonce);
    CHECK(state->has_answer && state->failure == OCSP_FAULT_NONE);
    CHECK(memchr(record->manner.url, '\0', sizeof(record->manner.url)) != NULL);
    CHECK(result_is_ok(ocsp_question_restore(record->question->serial, record->question->issuer,
                                             record->question->url, &question)));
    CHECK(ocsp_id_equal(&question->id, &record->question->id));
    ocsp_question_destroy(question);
}

/* Writes what the cache holds to file; returns its length. */
static size_t write_again(const struct ocsp_cache *cache, size_t *ret_count)
{
    const struct ocsp_record *record;
    size_t position = 0;
    size_t length = 0;
    size_t count = 0;
    while ((record = ocsp_cache_next(cache, &position)) != NULL) {
        size_t size = ocsp_store_file_record_size(record);
        check_record(record);
        CHECK(size > 0 && size <= OCSP_STORE_FILE_RECORD_SIZE_MAX);
        if (size > FILE_SIZE_MAX - OCSP_STORE_FILE_END_SIZE - length) {
            break;
        }
        ocsp_store_file_write_record(record, file + length);
        length += size;
        count++;
    }
    ocsp_store_file_write_end(count, file + length);
    *ret_count = count;
    return length + OCSP_STORE_FILE_END_SIZE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ocsp_store_outcome outcome;
    struct world world;
    size_t count = 0;
    if (size == 0) {
        return 0;
    }
    struct bytes input = bytes_from(data + 1, size - 1);
    input = (data[0] & 1) != 0 ? frame_all(input) : input;
    open_world(&world);
    CHECK(result_is_ok(ocsp_store_load_bytes(input, world.cache, world.member, NOW, &outcome)));
    size_t length = write_again(world.cache, &count);
    CHECK(count <= outcome.loaded_count);
    close_world(&world);
    open_world(&world);
    CHECK(result_is_ok(
        ocsp_store_load_bytes(bytes_from(file, length), world.cache, world.member, NOW, &outcome)));
    CHECK(outcome.loaded_count == count && outcome.bad_count == 0 && outcome.expired_count == 0);
    close_world(&world);
    return 0;
}
