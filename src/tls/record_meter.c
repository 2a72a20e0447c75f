/* Counting records against the data they bring; see the header. Called for all input of a session.
 */
#include "record_meter.h"

#include "base/clock.h"

enum { RECORD_HEADER_SIZE = 5, RECORD_TYPE_DATA = 23 };

void record_meter_init(struct record_meter *meter)
{
    *meter = (struct record_meter){.limit = RECORD_METER_HANDSHAKE_MAX};
}

void record_meter_end_handshake(struct record_meter *meter, uint64_t now_ms)
{
    meter->forgiven_ms = now_ms;
    meter->balance = 0;
    meter->limit = RECORD_METER_SERVING_MAX;
}

static size_t skip_body(struct record_meter *meter, size_t available)
{
    size_t skipped = available < meter->body_left ? available : meter->body_left;
    meter->body_left = (uint16_t)(meter->body_left - skipped);
    return skipped;
}

/* What time has paid; the clock is read only by who owes too much. */
static void forgive(struct record_meter *meter)
{
    if (meter->limit != RECORD_METER_SERVING_MAX || meter->balance <= meter->limit) {
        return;
    }
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t seconds = (now_ms - meter->forgiven_ms) / 1000;
    uint64_t records = seconds * RECORD_METER_FORGIVEN_PER_SECOND;
    meter->forgiven_ms += seconds * 1000;
    meter->balance = records < meter->balance ? meter->balance - (uint32_t)records : 0;
}

/* Any number of records may begin in the bytes; the loop goes from header to header. */
enum tls_failure record_meter_count(struct record_meter *meter, struct bytes ciphertext)
{
    size_t at = 0;
    enum tls_failure failure = TLS_FAILURE_NONE;
    while (at < ciphertext.length) {
        if (meter->body_left > 0) {
            at += skip_body(meter, ciphertext.length - at);
            continue;
        }
        uint8_t byte = ciphertext.at[at++];
        meter->header_size++;
        if (meter->header_size == RECORD_HEADER_SIZE - 1) {
            meter->length_high = byte;
        } else if (meter->header_size == RECORD_HEADER_SIZE) {
            meter->header_size = 0;
            meter->body_left = (uint16_t)(meter->length_high << 8 | byte);
            meter->body_size = meter->body_left;
            meter->balance++;
            failure =
                meter->body_left > RECORD_METER_BODY_MAX ? TLS_FAILURE_RECORD_TOO_LARGE : failure;
        }
    }
    forgive(meter);
    return meter->balance > meter->limit ? TLS_FAILURE_RECORD_FLOOD : failure;
}

struct bytes record_meter_first(struct bytes input)
{
    struct bytes_reader reader = bytes_reader_over(input);
    bool is_data = bytes_reader_u8(&reader) == RECORD_TYPE_DATA;
    (void)bytes_reader_u16(&reader); /* version */
    size_t size = RECORD_HEADER_SIZE + (size_t)bytes_reader_u16(&reader);
    bool is_whole = is_data && !reader.failed && size <= input.length;
    return bytes_slice(input, 0, is_whole ? size : 0);
}

bool record_meter_is_within(const struct record_meter *meter)
{
    return meter->header_size > 0 || meter->body_left > 0;
}

size_t record_meter_whole(const struct record_meter *meter, size_t limit)
{
    size_t record_size = RECORD_HEADER_SIZE + (size_t)meter->body_size;
    if (meter->header_size > 0 || meter->body_size == 0 || meter->body_left > limit) {
        return limit;
    }
    size_t rest = (limit - meter->body_left) % record_size;
    return rest < limit ? limit - rest : limit;
}

void record_meter_credit(struct record_meter *meter, size_t data_bytes)
{
    size_t paid = meter->paid_bytes + data_bytes;
    size_t records =
        1 + paid / RECORD_METER_BYTES_PER_RECORD; /* 1: the record that held the data */
    meter->paid_bytes = (uint32_t)(paid % RECORD_METER_BYTES_PER_RECORD);
    meter->balance = records < meter->balance ? meter->balance - (uint32_t)records : 0;
}
