/*
 * Reads DER and accepts nothing else: definite minimal lengths, minimal integers, booleans of one
 * value, times of RFC 5280's two forms. Called by every parser of this folder; never allocates,
 * never recurses.
 */
#include "der.h"

#include <stddef.h>

static void fail(struct bytes_reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

/* X.690 10.1: the short form to 127, then the fewest bytes. */
static size_t take_length(struct bytes_reader *reader)
{
    uint8_t first = bytes_reader_u8(reader);
    if (first < 0x80) {
        return first;
    }
    size_t length = 0;
    size_t smallest = 0;
    switch (first) {
    case 0x81:
        length = bytes_reader_u8(reader);
        smallest = 0x80;
        break;
    case 0x82:
        length = bytes_reader_u16(reader);
        smallest = 0x100;
        break;
    case 0x83:
        length = bytes_reader_u24(reader);
        smallest = 0x10000;
        break;
    default:
        fail(reader);
        return 0;
    }
    if (length < smallest) {
        fail(reader);
    }
    return length;
}

bool der_next(struct bytes_reader *reader, struct der_element *ret_element)
{
    const uint8_t *start = reader->at;
    uint8_t tag = bytes_reader_u8(reader);
    if ((tag & 0x1F) == 0x1F || tag == 0) {
        fail(reader);
    }
    size_t length = take_length(reader);
    struct bytes content = bytes_reader_take(reader, length);
    if (reader->failed) {
        fail(reader);
        *ret_element = (struct der_element){0};
        return false;
    }
    *ret_element = (struct der_element){tag, content, {start, (size_t)(reader->at - start)}};
    return true;
}

bool der_is_next(const struct bytes_reader *reader, unsigned tag)
{
    return !reader->failed && bytes_reader_left(reader) > 0 && reader->at[0] == tag;
}

static struct der_element take_element(struct bytes_reader *reader, unsigned tag)
{
    struct der_element element = {0};
    if (!der_is_next(reader, tag)) {
        fail(reader);
        return element;
    }
    (void)der_next(reader, &element);
    return element;
}

struct bytes der_take(struct bytes_reader *reader, unsigned tag)
{
    return take_element(reader, tag).content;
}

struct bytes der_take_whole(struct bytes_reader *reader, unsigned tag)
{
    return take_element(reader, tag).whole;
}

struct bytes_reader der_over(struct bytes bytes)
{
    /* A reader needs a place even when there is nothing: NULL + 0 is undefined. */
    static const uint8_t nothing;
    return bytes_reader_over(bytes.length > 0 ? bytes : bytes_from(&nothing, 0));
}

struct bytes_reader der_enter(struct bytes_reader *reader, unsigned tag)
{
    struct bytes_reader inner = der_over(der_take(reader, tag));
    inner.failed = reader->failed;
    return inner;
}

void der_leave(struct bytes_reader *reader, const struct bytes_reader *inner)
{
    if (!der_is_finished(inner)) {
        fail(reader);
    }
}

bool der_is_finished(const struct bytes_reader *reader)
{
    return !reader->failed && bytes_reader_left(reader) == 0;
}

bool der_take_flag(struct bytes_reader *reader)
{
    if (!der_is_next(reader, DER_BOOLEAN)) {
        return false;
    }
    struct bytes content = der_take(reader, DER_BOOLEAN);
    /* DER leaves a default out, but certificates that spell FALSE out are many and harmless. */
    if (content.length != 1 || (content.at[0] != 0x00 && content.at[0] != 0xFF)) {
        fail(reader);
        return false;
    }
    return content.at[0] == 0xFF;
}

/* X.690 8.3.2: the first nine bits are never all alike. */
static bool is_minimal_integer(struct bytes content)
{
    if (content.length <= 1) {
        return content.length == 1;
    }
    bool second_is_high = (content.at[1] & 0x80) != 0;
    return !(content.at[0] == 0x00 && !second_is_high) &&
           !(content.at[0] == 0xFF && second_is_high);
}

struct bytes der_take_integer(struct bytes_reader *reader)
{
    struct bytes content = der_take(reader, DER_INTEGER);
    if (!reader->failed && !is_minimal_integer(content)) {
        fail(reader);
    }
    return reader->failed ? (struct bytes){0} : content;
}

uint32_t der_take_small_number(struct bytes_reader *reader, unsigned tag, uint32_t maximum)
{
    struct bytes content = der_take(reader, tag);
    if (reader->failed || !is_minimal_integer(content) || (content.at[0] & 0x80) != 0 ||
        content.length > 5) {
        fail(reader);
        return 0;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < content.length; i++) {
        number = number << 8 | content.at[i];
    }
    if (number > maximum) {
        fail(reader);
        return 0;
    }
    return (uint32_t)number;
}

/*
 * Arcs of seven bits a byte; none starts with padding, the last one ends (X.690 8.19).
 */
bool der_is_oid(struct bytes content)
{
    size_t arc_length = 0;
    for (size_t i = 0; i < content.length; i++) {
        if (arc_length == DER_ARC_LENGTH_MAX || (arc_length == 0 && content.at[i] == 0x80)) {
            return false;
        }
        arc_length = (content.at[i] & 0x80) != 0 ? arc_length + 1 : 0;
    }
    return content.length > 0 && arc_length == 0;
}

struct bytes der_take_oid(struct bytes_reader *reader)
{
    struct bytes content = der_take(reader, DER_OID);
    if (!reader->failed && !der_is_oid(content)) {
        fail(reader);
    }
    return reader->failed ? (struct bytes){0} : content;
}

struct bytes der_take_whole_bytes(struct bytes_reader *reader)
{
    struct bytes content = der_take(reader, DER_BIT_STRING);
    if (reader->failed || content.length < 1 || content.at[0] != 0) {
        fail(reader);
        return (struct bytes){0};
    }
    return bytes_from(content.at + 1, content.length - 1);
}

uint16_t der_take_named_bits(struct bytes_reader *reader, unsigned tag)
{
    struct bytes content = der_take(reader, tag);
    if (reader->failed || content.length < 2 || content.at[0] > 7) {
        fail(reader);
        return 0;
    }
    uint8_t padding = (uint8_t)((1u << content.at[0]) - 1);
    if ((content.at[content.length - 1] & padding) != 0) {
        fail(reader);
        return 0;
    }
    unsigned first = content.at[1];
    unsigned second = content.length > 2 ? content.at[2] : 0;
    return (uint16_t)(first << 8 | second);
}

/* Two decimal digits below limit, or the reader fails. */
static unsigned take_two_digits(struct bytes_reader *reader, unsigned limit)
{
    unsigned tens = (unsigned)bytes_reader_u8(reader) - '0';
    unsigned ones = (unsigned)bytes_reader_u8(reader) - '0';
    if (reader->failed || tens > 9 || ones > 9 || tens * 10 + ones >= limit) {
        reader->failed = true;
        return 0;
    }
    return tens * 10 + ones;
}

static bool is_leap_year(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01 in the Gregorian calendar, for years 0 to 9999; March is its first month.
 */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t shifted_year = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = (shifted_year + 400) / 400 - 1;
    int64_t year_of_era = shifted_year - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* After the year: MMDDHHMMSSZ. */
static int64_t take_time_in_year(struct bytes_reader *reader, unsigned year)
{
    unsigned month = take_two_digits(reader, 13);
    unsigned day = take_two_digits(reader, 32);
    unsigned hour = take_two_digits(reader, 24);
    unsigned minute = take_two_digits(reader, 60);
    unsigned second = take_two_digits(reader, 60);
    uint8_t zone = bytes_reader_u8(reader);
    if (reader->failed || zone != 'Z' || month == 0 || day == 0 ||
        day > days_of_month(year, month)) {
        reader->failed = true;
        return 0;
    }
    return days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

int64_t der_take_time(struct bytes_reader *reader)
{
    bool is_utc_time = der_is_next(reader, DER_UTC_TIME);
    struct bytes_reader digits =
        der_enter(reader, is_utc_time ? DER_UTC_TIME : DER_GENERALIZED_TIME);
    unsigned year = take_two_digits(&digits, 100);
    if (is_utc_time) {
        year += year >= 50 ? 1900 : 2000;
    } else {
        year = year * 100 + take_two_digits(&digits, 100);
        /* RFC 5280 4.1.2.5: earlier dates have one encoding only, UTCTime. */
        digits.failed |= year < 2050;
    }
    int64_t seconds = take_time_in_year(&digits, year);
    der_leave(reader, &digits);
    return seconds;
}

int64_t der_take_generalized_time(struct bytes_reader *reader)
{
    struct bytes_reader digits = der_enter(reader, DER_GENERALIZED_TIME);
    unsigned century = take_two_digits(&digits, 100);
    unsigned year = century * 100 + take_two_digits(&digits, 100);
    int64_t seconds = take_time_in_year(&digits, year);
    der_leave(reader, &digits);
    return seconds;
}
