/*
 * A machine over lines and counted bytes; see the header. Called by connections with what TLS has
 * decrypted. Bodies are counted, not looked at.
 */
#include "http_answer.h"

#include <limits.h>

#include "base/check.h"

#define CHUNK_DIGITS_MAX 15

typedef bool (*line_function)(struct http_answer *answer, struct bytes line);

void http_answer_begin(struct http_answer *answer)
{
    answer->part = HTTP_ANSWER_STATUS_LINE;
    answer->status = 0;
    answer->left = 0;
    answer->body_bytes = 0;
    answer->head_bytes = 0;
    answer->is_to_head = false;
    answer->has_length = false;
    answer->is_chunked = false;
    answer->closes = false;
    answer->has_begun = false;
    answer->line_length = 0;
}

/* "HTTP/1.1 200 OK"; the phrase may be missing. */
static bool read_status_line(struct http_answer *answer, struct bytes line)
{
    uint64_t status;
    bool is_http = line.length >= 12 && bytes_equal(bytes_slice(line, 0, 7), BYTES_OF("HTTP/1.")) &&
                   line.at[8] == ' ' && (line.length == 12 || line.at[12] == ' ');
    if (!is_http || !bytes_to_number(bytes_slice(line, 9, 3), 599, &status) || status < 100) {
        return false;
    }
    answer->closes = line.at[7] == '0';
    answer->status = (unsigned)status;
    answer->part = HTTP_ANSWER_FIELDS;
    return true;
}

static bool read_field(struct http_answer *answer, struct bytes line)
{
    size_t colon = bytes_find(line, ':');
    struct bytes name = bytes_slice(line, 0, colon);
    struct bytes value = bytes_trim(
        bytes_slice(line, colon + 1 > line.length ? line.length : colon + 1, line.length));
    if (colon == line.length) {
        return line.length == HTTP_ANSWER_LINE_MAX; /* A name that long is none of ours. */
    }
    if (bytes_equal_ignoring_case(name, BYTES_OF("content-length"))) {
        answer->has_length = true;
        return bytes_to_number(value, INT64_MAX, &answer->left);
    }
    if (bytes_equal_ignoring_case(name, BYTES_OF("transfer-encoding"))) {
        answer->is_chunked = bytes_equal_ignoring_case(value, BYTES_OF("chunked"));
        return answer->is_chunked;
    }
    if (bytes_equal_ignoring_case(name, BYTES_OF("connection"))) {
        answer->closes =
            bytes_equal_ignoring_case(value, BYTES_OF("close")) ||
            (answer->closes && !bytes_equal_ignoring_case(value, BYTES_OF("keep-alive")));
    }
    return true;
}

/* What follows the empty line; RFC 9112 section 6.3. */
static void choose_body(struct http_answer *answer)
{
    bool has_none = answer->status == 204 || answer->status == 304 || answer->is_to_head;
    if (answer->status < 200 && answer->status != 101) {
        struct http_answer interim = *answer;
        http_answer_begin(answer); /* An interim answer: the real one follows. */
        answer->has_begun = interim.has_begun;
        answer->is_to_head = interim.is_to_head;
        return;
    }
    if (has_none || (answer->has_length && !answer->is_chunked && answer->left == 0)) {
        answer->part = HTTP_ANSWER_PARTS_END;
    } else if (answer->is_chunked) {
        answer->part = HTTP_ANSWER_CHUNK_SIZE;
    } else if (answer->has_length) {
        answer->part = HTTP_ANSWER_BODY;
    } else {
        answer->part = HTTP_ANSWER_BODY_UNTIL_CLOSE;
        answer->closes = true;
    }
}

static bool read_field_or_end(struct http_answer *answer, struct bytes line)
{
    if (line.length == 0) {
        choose_body(answer);
        return true;
    }
    return read_field(answer, line);
}

/* Hexadecimal; an extension after a semicolon is passed over. */
static bool read_chunk_size(struct http_answer *answer, struct bytes line)
{
    struct bytes digits = bytes_trim(bytes_slice(line, 0, bytes_find(line, ';')));
    uint64_t size = 0;
    if (digits.length == 0 || digits.length > CHUNK_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < digits.length; i++) {
        uint8_t letter = digits.at[i] | 0x20;
        bool is_digit = digits.at[i] >= '0' && digits.at[i] <= '9';
        if (!is_digit && (letter < 'a' || letter > 'f')) {
            return false;
        }
        size =
            size * 16 + (is_digit ? (uint64_t)(digits.at[i] - '0') : (uint64_t)(letter - 'a' + 10));
    }
    answer->left = size;
    answer->head_bytes = 0; /* There may be any number of chunks. */
    answer->part = size == 0 ? HTTP_ANSWER_TRAILER : HTTP_ANSWER_CHUNK;
    return true;
}

static bool read_chunk_end(struct http_answer *answer, struct bytes line)
{
    answer->part = HTTP_ANSWER_CHUNK_SIZE;
    return line.length == 0;
}

static bool read_trailer(struct http_answer *answer, struct bytes line)
{
    if (line.length == 0) {
        answer->part = HTTP_ANSWER_PARTS_END;
    }
    return true;
}

static const line_function line_functions[HTTP_ANSWER_PARTS_END] = {
    [HTTP_ANSWER_STATUS_LINE] = read_status_line, [HTTP_ANSWER_FIELDS] = read_field_or_end,
    [HTTP_ANSWER_CHUNK_SIZE] = read_chunk_size,   [HTTP_ANSWER_CHUNK_END] = read_chunk_end,
    [HTTP_ANSWER_TRAILER] = read_trailer,
};

/* As far as it has come: what is no HTTP need not have a line's end. */
static bool may_be_status_line(const struct http_answer *answer)
{
    struct bytes begin = bytes_slice(bytes_from(answer->line, answer->line_length), 0, 7);
    return bytes_equal(begin, bytes_slice(BYTES_OF("HTTP/1."), 0, begin.length));
}

/* Collects a line, which may come in pieces; the bytes taken, with *ret_is_good false when it is
 * not one. */
static size_t take_line(struct http_answer *answer, struct bytes bytes, bool *ret_is_good)
{
    size_t end = bytes_find(bytes, '\n');
    size_t kept = end < HTTP_ANSWER_LINE_MAX - answer->line_length
                      ? end
                      : HTTP_ANSWER_LINE_MAX - answer->line_length;
    memcpy(answer->line + answer->line_length, bytes.at, kept);
    answer->line_length += kept;
    answer->head_bytes += end;
    *ret_is_good = answer->head_bytes <= HTTP_ANSWER_HEAD_MAX &&
                   (answer->part != HTTP_ANSWER_STATUS_LINE || may_be_status_line(answer));
    if (end == bytes.length || !*ret_is_good) {
        return end;
    }
    struct bytes line = bytes_from(answer->line, answer->line_length);
    if (line.length > 0 && line.at[line.length - 1] == '\r') {
        line.length--;
    }
    answer->line_length = 0;
    *ret_is_good = line_functions[answer->part](answer, line);
    return end + 1;
}

static size_t take_counted(struct http_answer *answer, struct bytes bytes)
{
    size_t taken = answer->left < bytes.length ? (size_t)answer->left : bytes.length;
    answer->left -= taken;
    answer->body_bytes += taken;
    if (answer->left == 0) {
        answer->part =
            answer->part == HTTP_ANSWER_CHUNK ? HTTP_ANSWER_CHUNK_END : HTTP_ANSWER_PARTS_END;
    }
    return taken;
}

enum http_answer_progress http_answer_take(struct http_answer *answer, struct bytes bytes,
                                           size_t *ret_taken)
{
    size_t taken = 0;
    bool is_good = true;
    CHECK(answer->part != HTTP_ANSWER_PARTS_END);
    answer->has_begun = answer->has_begun || bytes.length > 0;
    while (is_good && taken < bytes.length && answer->part != HTTP_ANSWER_PARTS_END) {
        struct bytes rest = bytes_slice(bytes, taken, bytes.length);
        if (answer->part == HTTP_ANSWER_BODY || answer->part == HTTP_ANSWER_CHUNK) {
            taken += take_counted(answer, rest);
        } else if (answer->part == HTTP_ANSWER_BODY_UNTIL_CLOSE) {
            answer->body_bytes += rest.length;
            taken = bytes.length;
        } else {
            taken += take_line(answer, rest, &is_good);
        }
    }
    *ret_taken = taken;
    if (!is_good) {
        return HTTP_ANSWER_BAD;
    }
    return answer->part == HTTP_ANSWER_PARTS_END ? HTTP_ANSWER_WHOLE : HTTP_ANSWER_GOES_ON;
}

enum http_answer_progress http_answer_end(const struct http_answer *answer)
{
    return answer->part == HTTP_ANSWER_BODY_UNTIL_CLOSE ? HTTP_ANSWER_WHOLE : HTTP_ANSWER_GOES_ON;
}
