/*
 * Renders Names, OIDs and times the way the field's tools do, so that a backend's rules written for
 * another gateway still match. Called when an identity is made. Only printable ASCII leaves this
 * file: that is what keeps a hostile name from becoming a header of its own.
 */
#include "name_text.h"

#include "attribute_type.h"
#include "der.h"
#include "name.h"

#define RDN_COUNT_MAX (NAME_SIZE_MAX / 2)

static void append_hex_escape(struct text *text, uint8_t byte)
{
    text_append_char(text, '\\');
    text_append_hex_upper(text, bytes_from(&byte, 1));
}

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte <= 0x7E;
}

/* RFC 2253 section 2.4. */
static void append_rfc2253_byte(struct text *text, uint8_t byte, bool is_first, bool is_last)
{
    bool is_special = byte != 0 && strchr(",+\"\\<>;", byte) != NULL;
    if (!is_printable(byte)) {
        append_hex_escape(text, byte);
        return;
    }
    if (is_special || (byte == ' ' && (is_first || is_last)) || (byte == '#' && is_first)) {
        text_append_char(text, '\\');
    }
    text_append_char(text, (char)byte);
}

static size_t utf8_of(uint32_t character, uint8_t out[4])
{
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    for (size_t i = more; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (uint8_t)(lead[more] | character);
    return more + 1;
}

/* Bytes a character in the encoding of this type; 0: the value is no text. */
static size_t character_size(uint8_t tag)
{
    static const uint8_t sizes[32] = {
        [DER_UTF8_STRING] = 1, [DER_NUMERIC_STRING] = 1, [DER_PRINTABLE_STRING] = 1,
        [DER_T61_STRING] = 1,  [DER_IA5_STRING] = 1,     [DER_UNIVERSAL_STRING] = 4,
        [DER_BMP_STRING] = 2,
    };
    return tag < sizeof(sizes) ? sizes[tag] : 0;
}

/* The next character as UTF-8; a UTF8String's bytes are that already. */
static size_t take_as_utf8(struct bytes_reader *reader, uint8_t tag, uint8_t out[4])
{
    struct bytes encoded = bytes_reader_take(reader, character_size(tag));
    uint32_t character = 0;
    for (size_t i = 0; i < encoded.length; i++) {
        character = character << 8 | encoded.at[i];
    }
    if (tag == DER_UTF8_STRING) {
        out[0] = (uint8_t)character;
        return 1;
    }
    return utf8_of(character & 0x1FFFFF, out);
}

static void append_text_value(const struct name_attribute *attribute, struct text *text)
{
    struct bytes_reader reader = der_over(attribute->value);
    bool is_first = true;
    while (bytes_reader_left(&reader) > 0 && !reader.failed) {
        uint8_t utf8[4];
        size_t length = take_as_utf8(&reader, attribute->tag, utf8);
        bool is_last = bytes_reader_left(&reader) == 0;
        for (size_t i = 0; i < length; i++) {
            append_rfc2253_byte(text, utf8[i], is_first, is_last);
        }
        is_first = false;
    }
}

/* The value's DER again: its header is gone, but DER has one way only to write it. */
static void append_der_value(const struct name_attribute *attribute, struct text *text)
{
    uint8_t header[5] = {attribute->tag};
    size_t length = attribute->value.length;
    size_t header_length = 2;
    if (length < 0x80) {
        header[1] = (uint8_t)length;
    } else if (length < 0x100) {
        header[1] = 0x81;
        header[2] = (uint8_t)length;
        header_length = 3;
    } else {
        header[1] = 0x82;
        header[2] = (uint8_t)(length >> 8);
        header[3] = (uint8_t)length;
        header_length = 4;
    }
    text_append_char(text, '#');
    text_append_hex_upper(text, bytes_from(header, header_length));
    text_append_hex_upper(text, attribute->value);
}

static void append_attribute(const struct name_attribute *attribute, struct text *text)
{
    const char *short_name = attribute_type_short_name(attribute->type);
    if (short_name != NULL) {
        text_append_string(text, short_name);
    } else {
        name_text_append_oid(attribute->type, text);
    }
    text_append_char(text, '=');
    if (short_name != NULL && character_size(attribute->tag) > 0) {
        append_text_value(attribute, text);
    } else {
        append_der_value(attribute, text);
    }
}

/* The attributes of one RDN, the last first as OpenSSL has it. */
static void append_rdn(struct bytes rdn, struct text *text)
{
    struct name_attribute attributes[NAME_RDN_ATTRIBUTE_COUNT];
    struct bytes set = rdn;
    /* A Name of this one RDN: name_walk wants a SEQUENCE, the set alone is what it would enter. */
    struct name_walk walk = {der_over((struct bytes){0}), der_over(set)};
    size_t count = 0;
    while (count < NAME_RDN_ATTRIBUTE_COUNT && name_walk_next(&walk, &attributes[count])) {
        count++;
    }
    for (size_t i = count; i > 0; i--) {
        append_attribute(&attributes[i - 1], text);
        if (i > 1) {
            text_append_char(text, '+');
        }
    }
}

void name_text_append_rfc2253(struct bytes name, struct text *text)
{
    uint16_t starts[RDN_COUNT_MAX];
    struct bytes_reader reader = der_over(name);
    struct bytes_reader rdns = der_enter(&reader, DER_SEQUENCE);
    const uint8_t *first = rdns.at;
    size_t count = 0;
    while (bytes_reader_left(&rdns) > 0 && count < RDN_COUNT_MAX) {
        starts[count++] = (uint16_t)(rdns.at - first);
        (void)der_take(&rdns, DER_SET);
    }
    for (size_t i = count; i > 0; i--) {
        struct bytes_reader rdn =
            der_over(bytes_from(first + starts[i - 1], (size_t)(rdns.end - first) - starts[i - 1]));
        append_rdn(der_take(&rdn, DER_SET), text);
        if (i > 1) {
            text_append_char(text, ',');
        }
    }
}

void name_text_append_escaped(struct bytes bytes, char also, struct text *text)
{
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t byte = bytes.at[i];
        if (!is_printable(byte) || byte == '\\' || byte == (uint8_t)also) {
            append_hex_escape(text, byte);
        } else {
            text_append_char(text, (char)byte);
        }
    }
}

void name_text_append_common_name(struct bytes name, struct text *text)
{
    struct name_walk walk = name_walk_over(name);
    struct name_attribute attribute;
    struct name_attribute last = {0};
    while (name_walk_next(&walk, &attribute)) {
        if (name_attribute_is_common_name(&attribute)) {
            last = attribute;
        }
    }
    struct bytes_reader reader = der_over(last.value);
    while (character_size(last.tag) > 0 && bytes_reader_left(&reader) > 0 && !reader.failed) {
        uint8_t utf8[4];
        size_t length = take_as_utf8(&reader, last.tag, utf8);
        name_text_append_escaped(bytes_from(utf8, length), '\\', text);
    }
}

static void append_decimal(struct text *text, unsigned __int128 number)
{
    char digits[40];
    size_t start = sizeof(digits);
    do {
        digits[--start] = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number != 0);
    text_append(text, bytes_from(digits + start, sizeof(digits) - start));
}

void name_text_append_oid(struct bytes oid, struct text *text)
{
    bool is_first = true;
    /* der_is_oid() has let no arc pass that is longer. */
    unsigned __int128 arc = 0;
    for (size_t i = 0; i < oid.length; i++) {
        arc = arc << 7 | (oid.at[i] & 0x7F);
        if ((oid.at[i] & 0x80) != 0) {
            continue;
        }
        if (is_first) {
            unsigned root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            text_append_number(text, root);
            arc -= root * 40;
            is_first = false;
        }
        text_append_char(text, '.');
        append_decimal(text, arc);
        arc = 0;
    }
}

static void append_two_digits(struct text *text, int64_t number)
{
    text_append_char(text, (char)('0' + number / 10));
    text_append_char(text, (char)('0' + number % 10));
}

/* The civil date of a day counted from 1970-01-01; the inverse of what der.c computes. */
static void date_of(int64_t day, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day)
{
    int64_t from_era_start = day + 719468;
    int64_t era = (from_era_start >= 0 ? from_era_start : from_era_start - 146096) / 146097;
    int64_t day_of_era = from_era_start - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *ret_day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *ret_month = (month_from_march + 2) % 12 + 1;
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2 ? 1 : 0);
}

void name_text_append_time(int64_t seconds, struct text *text)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t day_count = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
    int64_t second = seconds - day_count * 86400;
    int64_t year;
    int64_t month;
    int64_t day;
    date_of(day_count, &year, &month, &day);
    text_append_string(text, months[month - 1]);
    text_append_char(text, ' ');
    text_append_string(text, day < 10 ? " " : "");
    text_append_number(text, (uint64_t)day);
    text_append_char(text, ' ');
    append_two_digits(text, second / 3600);
    text_append_char(text, ':');
    append_two_digits(text, second / 60 % 60);
    text_append_char(text, ':');
    append_two_digits(text, second % 60);
    text_append_char(text, ' ');
    text_append_number(text, (uint64_t)year);
    text_append_string(text, " GMT");
}
