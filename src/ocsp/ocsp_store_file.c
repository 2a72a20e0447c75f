/*
 * Writing and reading the frames of the OCSP cache's file. Called by the store's thread and, before
 * it, by whoever loads.
 */
#include "ocsp_store_file.h"

#include "base/check.h"

#define VERSION 1

#define MARK_SIZE   4
#define SUMMED_SIZE 20 /* of the header: what its own checksum is of */

#define FLAG_NONCE UINT8_C(1)
#define FLAG_GET   UINT8_C(2)

/* Longer than any that is configured, so that a forged record cannot hold a fetch for days. */
#define TIMEOUT_MS_MAX (3600 * 1000)

static const uint8_t mark[MARK_SIZE] = {'S', 'P', 'O', 'C'};

enum kind { KIND_RECORD = 1, KIND_END = 2 };

struct frame {
    uint64_t kind;
    struct bytes body;
    bool is_cut_off; /* fewer bytes are there than the header says */
    bool is_whole;   /* the body has its checksum */
};

static uint64_t checksum(struct bytes bytes)
{
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < bytes.length; i++) {
        sum = (sum ^ bytes.at[i]) * UINT64_C(0x100000001B3);
    }
    return sum;
}

static void put_number(uint8_t **at, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        *(*at)++ = (uint8_t)(number >> (8 * i));
    }
}

static void put_bytes(uint8_t **at, struct bytes bytes)
{
    if (bytes.length > 0) {
        memcpy(*at, bytes.at, bytes.length);
        *at += bytes.length;
    }
}

static uint64_t take_number(struct bytes_reader *reader, size_t size)
{
    struct bytes taken = bytes_reader_take(reader, size);
    uint64_t number = 0;
    for (size_t i = 0; i < taken.length; i++) {
        number |= (uint64_t)taken.at[i] << (8 * i);
    }
    return number;
}

/* The body is in its place already. */
static void write_header(enum kind kind, size_t body_length, uint8_t *out)
{
    uint8_t *at = out;
    put_bytes(&at, bytes_from(mark, sizeof(mark)));
    put_number(&at, VERSION, 2);
    put_number(&at, kind, 2);
    put_number(&at, body_length, 4);
    put_number(&at, checksum(bytes_from(out + OCSP_STORE_FILE_HEADER_SIZE, body_length)), 8);
    put_number(&at, checksum(bytes_from(out, SUMMED_SIZE)), 8);
}

size_t ocsp_store_file_record_size(const struct ocsp_record *record)
{
    const struct ocsp_question *question = record->question;
    if (!record->state.has_answer || record->state.answer.status == OCSP_UNKNOWN ||
        question->serial.length > OCSP_SERIAL_SIZE_MAX ||
        question->url.length > OCSP_STORE_FILE_URL_SIZE_MAX ||
        question->issuer.length > OCSP_STORE_FILE_ISSUER_SIZE_MAX ||
        record->response.length > OCSP_RESPONSE_SIZE_MAX) {
        return 0;
    }
    return OCSP_STORE_FILE_HEADER_SIZE + OCSP_STORE_FILE_FIXED_SIZE + strlen(record->manner.url) +
           question->serial.length + question->url.length + question->issuer.length +
           record->response.length;
}

static void put_manner(uint8_t **at, const struct ocsp_manner *manner)
{
    put_number(at, manner->timeout_ms, 4);
    put_number(at, manner->connect_timeout_ms, 4);
    put_number(at, manner->read_timeout_ms, 4);
    put_number(at, manner->retry_after_ms, 4);
    put_number(at, manner->max_age_ms, 4);
    put_number(at, manner->stale_grace_ms, 4);
    uint8_t flags =
        (uint8_t)((manner->has_nonce ? FLAG_NONCE : 0) | (manner->is_get ? FLAG_GET : 0));
    put_number(at, flags, 1);
}

void ocsp_store_file_write_record(const struct ocsp_record *record, uint8_t *out)
{
    const struct ocsp_question *question = record->question;
    struct bytes manner_url = bytes_from_string(record->manner.url);
    uint8_t *body = out + OCSP_STORE_FILE_HEADER_SIZE;
    uint8_t *at = body;
    put_number(&at, (uint64_t)record->state.received_at_seconds, 8);
    put_manner(&at, &record->manner);
    put_number(&at, manner_url.length, 2);
    put_number(&at, question->serial.length, 2);
    put_number(&at, question->url.length, 2);
    put_number(&at, question->issuer.length, 4);
    put_number(&at, record->response.length, 4);
    CHECK(at == body + OCSP_STORE_FILE_FIXED_SIZE);
    put_bytes(&at, manner_url);
    put_bytes(&at, question->serial);
    put_bytes(&at, question->url);
    put_bytes(&at, question->issuer);
    put_bytes(&at, record->response);
    write_header(KIND_RECORD, (size_t)(at - body), out);
}

void ocsp_store_file_write_end(uint64_t count, uint8_t out[OCSP_STORE_FILE_END_SIZE])
{
    uint8_t *at = out + OCSP_STORE_FILE_HEADER_SIZE;
    put_number(&at, count, 8);
    write_header(KIND_END, 8, out);
}

/* Of a URL: what may be in a request and in a line of the log. */
static bool is_printable(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~') {
            return false;
        }
    }
    return true;
}

static struct ocsp_manner take_manner(struct bytes_reader *reader, uint8_t *ret_flags)
{
    struct ocsp_manner manner = {
        .timeout_ms = (uint32_t)take_number(reader, 4),
        .connect_timeout_ms = (uint32_t)take_number(reader, 4),
        .read_timeout_ms = (uint32_t)take_number(reader, 4),
        .retry_after_ms = (uint32_t)take_number(reader, 4),
        .max_age_ms = (uint32_t)take_number(reader, 4),
        .stale_grace_ms = (uint32_t)take_number(reader, 4),
    };
    uint8_t flags = (uint8_t)take_number(reader, 1);
    manner.has_nonce = (flags & FLAG_NONCE) != 0;
    manner.is_get = (flags & FLAG_GET) != 0;
    *ret_flags = flags;
    return manner;
}

static bool is_possible(const struct ocsp_store_item *item, uint8_t flags)
{
    const struct ocsp_manner *manner = &item->manner;
    return (flags & ~(FLAG_NONCE | FLAG_GET)) == 0 && manner->timeout_ms <= TIMEOUT_MS_MAX &&
           manner->connect_timeout_ms <= TIMEOUT_MS_MAX &&
           manner->read_timeout_ms <= TIMEOUT_MS_MAX && manner->retry_after_ms <= TIMEOUT_MS_MAX &&
           item->received_at_seconds >= 0 && item->serial.length <= OCSP_SERIAL_SIZE_MAX &&
           item->url.length <= OCSP_STORE_FILE_URL_SIZE_MAX && is_printable(item->url) &&
           item->issuer.length <= OCSP_STORE_FILE_ISSUER_SIZE_MAX &&
           item->response.length <= OCSP_RESPONSE_SIZE_MAX;
}

static bool read_record(struct bytes body, struct ocsp_store_item *ret_item)
{
    struct bytes_reader reader = bytes_reader_over(body);
    struct ocsp_store_item item = {.received_at_seconds = (int64_t)take_number(&reader, 8)};
    uint8_t flags = 0;
    item.manner = take_manner(&reader, &flags);
    size_t manner_url_length = take_number(&reader, 2);
    size_t serial_length = take_number(&reader, 2);
    size_t url_length = take_number(&reader, 2);
    size_t issuer_length = take_number(&reader, 4);
    size_t response_length = take_number(&reader, 4);
    struct bytes manner_url = bytes_reader_take(&reader, manner_url_length);
    item.serial = bytes_reader_take(&reader, serial_length);
    item.url = bytes_reader_take(&reader, url_length);
    item.issuer = bytes_reader_take(&reader, issuer_length);
    item.response = bytes_reader_take(&reader, response_length);
    if (reader.failed || bytes_reader_left(&reader) > 0 ||
        manner_url.length >= sizeof(item.manner.url) || !is_printable(manner_url) ||
        !is_possible(&item, flags)) {
        return false;
    }
    if (manner_url.length > 0) {
        memcpy(item.manner.url, manner_url.at, manner_url.length);
    }
    *ret_item = item;
    return true;
}

/* The frame at the start of bytes; false when there is none. */
static bool read_frame(struct bytes bytes, struct frame *ret_frame)
{
    struct bytes summed = bytes_slice(bytes, 0, SUMMED_SIZE);
    struct bytes_reader reader = bytes_reader_over(bytes);
    struct bytes found = bytes_reader_take(&reader, MARK_SIZE);
    uint64_t version = take_number(&reader, 2);
    uint64_t kind = take_number(&reader, 2);
    size_t length = take_number(&reader, 4);
    uint64_t body_sum = take_number(&reader, 8);
    uint64_t header_sum = take_number(&reader, 8);
    if (reader.failed || !bytes_equal(found, bytes_from(mark, sizeof(mark))) ||
        version != VERSION || header_sum != checksum(summed)) {
        return false;
    }
    struct bytes body = bytes_slice(bytes, OCSP_STORE_FILE_HEADER_SIZE, length);
    *ret_frame = (struct frame){
        .kind = kind,
        .body = body,
        .is_cut_off = body.length < length,
        .is_whole = body.length == length && body_sum == checksum(body),
    };
    return true;
}

/* Moves on to the next frame, or to the end. */
static void pass_over(struct ocsp_store_file_reader *reader)
{
    struct frame frame;
    do {
        struct bytes rest = bytes_slice(reader->left, 1, SIZE_MAX);
        reader->left = bytes_slice(rest, bytes_find(rest, mark[0]), SIZE_MAX);
    } while (reader->left.length > 0 && !read_frame(reader->left, &frame));
    reader->has_gap = true;
}

/* Bytes after the end, or records that are not where they were written. */
static enum ocsp_store_piece end(struct ocsp_store_file_reader *reader, struct bytes body)
{
    struct bytes_reader number = bytes_reader_over(body);
    uint64_t count = take_number(&number, 8);
    bool is_good = body.length == 8 && reader->left.length == 0 &&
                   (reader->has_gap || count == reader->record_count);
    reader->has_ended = true;
    return is_good ? OCSP_STORE_END : OCSP_STORE_BAD;
}

struct ocsp_store_file_reader ocsp_store_file_reader_over(struct bytes file)
{
    return (struct ocsp_store_file_reader){.left = file};
}

enum ocsp_store_piece ocsp_store_file_next(struct ocsp_store_file_reader *reader,
                                           struct ocsp_store_item *ret_item)
{
    struct frame frame;
    if (reader->has_ended) {
        return OCSP_STORE_END;
    }
    if (reader->left.length == 0) {
        reader->has_ended = true;
        return reader->has_gap ? OCSP_STORE_END : OCSP_STORE_BAD;
    }
    if (!read_frame(reader->left, &frame)) {
        pass_over(reader);
        return OCSP_STORE_BAD;
    }
    reader->left =
        bytes_slice(reader->left, OCSP_STORE_FILE_HEADER_SIZE + frame.body.length, SIZE_MAX);
    if (frame.is_cut_off) {
        reader->has_ended = true; /* its header is whole, so there is nothing after it */
        return OCSP_STORE_BAD;
    }
    if (frame.kind == KIND_END && frame.is_whole) {
        return end(reader, frame.body);
    }
    reader->record_count++;
    reader->has_gap |= !frame.is_whole;
    return frame.is_whole && frame.kind == KIND_RECORD && read_record(frame.body, ret_item)
               ? OCSP_STORE_RECORD
               : OCSP_STORE_BAD;
}
