/*
 * Reads RFC 4514 text into a Name. Called for the subjects that allow_identity lines name, so what
 * leaves a doubt is refused: an operator who mistypes a name learns it at load, not by clients that
 * stay out. The strings made are UTF8String: name_equal() does not tell them from the others.
 */
#include "name_from_text.h"

#include "attribute_type.h"
#include "der.h"

#define RDN_COUNT_MAX 64

/* Of an OID in figures. */
#define ARC_MAX (UINT64_MAX >> 8)

/* Bytes under construction, last things last; never more than a Name may have. */
struct output {
    uint8_t *at;
    size_t length;
};

struct reading {
    struct bytes source;
    size_t at;
    struct output output; /* the RDNs in the order of the text */
    size_t ends[RDN_COUNT_MAX];
    size_t rdn_count;
    struct text *problem;
};

static bool refuse(struct reading *reading, const char *what)
{
    size_t shown = reading->source.length - reading->at;
    text_append_format(reading->problem, "at '%.*s': %s", (int)(shown > 20 ? 20 : shown),
                       (const char *)reading->source.at + reading->at, what);
    return false;
}

/* ---- writing ---- */

/* False when it would be too long. */
static bool put(struct output *output, struct bytes bytes)
{
    if (bytes.length > NAME_SIZE_MAX - output->length) {
        return false;
    }
    if (bytes.length > 0) {
        memcpy(output->at + output->length, bytes.at, bytes.length);
    }
    output->length += bytes.length;
    return true;
}

static bool put_byte(struct output *output, uint8_t byte)
{
    return put(output, bytes_from(&byte, 1));
}

/* Makes what was written since start the content of one element. */
static bool wrap(struct output *output, size_t start, unsigned tag)
{
    size_t length = output->length - start;
    uint8_t header[4] = {(uint8_t)tag, (uint8_t)length};
    size_t header_length = 2;
    if (length >= 0x80) {
        bool is_long = length > 0xFF;
        header[1] = is_long ? 0x82 : 0x81;
        header[2] = (uint8_t)(is_long ? length >> 8 : length);
        header[3] = (uint8_t)length;
        header_length = is_long ? 4 : 3;
    }
    if (header_length > NAME_SIZE_MAX - output->length) {
        return false;
    }
    memmove(output->at + start + header_length, output->at + start, length);
    memcpy(output->at + start, header, header_length);
    output->length += header_length;
    return true;
}

/* ---- reading ---- */

/* The byte offset further on, or 0 at the end: there is none in a configuration. */
static uint8_t peek(const struct reading *reading, size_t offset)
{
    return reading->source.length - reading->at > offset ? reading->source.at[reading->at + offset]
                                                         : 0;
}

static void skip_blanks(struct reading *reading)
{
    while (peek(reading, 0) == ' ') {
        reading->at++;
    }
}

static bool is_one_of(uint8_t byte, const char *bytes)
{
    return byte != 0 && strchr(bytes, byte) != NULL;
}

static int hex_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

/* Two hex digits; false, and nothing taken, when there are none. */
static bool take_hex_byte(struct reading *reading, uint8_t *ret_byte)
{
    int high = hex_digit(peek(reading, 0));
    int low = high < 0 ? -1 : hex_digit(peek(reading, 1));
    if (low < 0) {
        return false;
    }
    reading->at += 2;
    *ret_byte = (uint8_t)(high << 4 | low);
    return true;
}

/* ---- types ---- */

static bool put_arc(struct output *output, uint64_t arc)
{
    unsigned shift = 0;
    while (shift < 63 && arc >> shift >= 0x80) {
        shift += 7;
    }
    bool fits = true;
    for (;; shift -= 7) {
        fits = fits && put_byte(output, (uint8_t)((arc >> shift & 0x7F) | (shift > 0 ? 0x80 : 0)));
        if (shift == 0) {
            return fits;
        }
    }
}

/* 1.2.840.113549: arcs without zeros in front, the first two of them one number. */
static bool put_figures(struct output *output, struct bytes figures)
{
    uint64_t root = 0;
    size_t arc_count = 0;
    while (figures.length > 0) {
        size_t length = bytes_find(figures, '.');
        uint64_t arc = 0;
        bool is_last = length == figures.length;
        bool is_padded = length > 1 && figures.at[0] == '0';
        if (is_padded || !bytes_to_number(bytes_slice(figures, 0, length), ARC_MAX, &arc) ||
            (!is_last && length + 1 == figures.length)) {
            return false;
        }
        if (arc_count == 0 ? arc > 2 : arc_count == 1 && root < 2 && arc > 39) {
            return false;
        }
        if (arc_count > 0 && !put_arc(output, arc_count == 1 ? root * 40 + arc : arc)) {
            return false;
        }
        root = arc_count++ == 0 ? arc : root;
        figures = bytes_slice(figures, length + 1, figures.length);
    }
    return arc_count > 1;
}

/* Up to and with the equals sign. */
static bool take_type(struct reading *reading)
{
    size_t start = reading->at;
    size_t output_start = reading->output.length;
    uint8_t known[ATTRIBUTE_TYPE_SIZE_MAX];
    while (peek(reading, 0) != 0 && !is_one_of(peek(reading, 0), "=,+;\"\\")) {
        reading->at++;
    }
    struct bytes name = bytes_trim(bytes_slice(reading->source, start, reading->at - start));
    bool has_equals = peek(reading, 0) == '=';
    bool is_marked = bytes_equal_ignoring_case(bytes_slice(name, 0, 4), BYTES_OF("OID."));
    struct bytes figures = is_marked ? bytes_slice(name, 4, name.length) : name;
    bool is_in_figures = figures.length > 0 && figures.at[0] >= '0' && figures.at[0] <= '9';
    size_t length = is_in_figures ? 0 : attribute_type_from_name(name, known);
    bool is_known = is_in_figures ? put_figures(&reading->output, figures)
                                  : put(&reading->output, bytes_from(known, length)) && length > 0;
    if (!is_known || !has_equals) {
        reading->at = start;
        return refuse(reading, "expected an attribute and '=', such as CN= or O= or 1.2.3.4=");
    }
    reading->at++;
    return wrap(&reading->output, output_start, DER_OID) || refuse(reading, "the name is too long");
}

/* ---- values ---- */

/* #0C0378: the DER of the value itself. */
static bool take_der_value(struct reading *reading)
{
    size_t start = reading->output.length;
    uint8_t byte;
    size_t at = reading->at++;
    while (take_hex_byte(reading, &byte)) {
        if (!put_byte(&reading->output, byte)) {
            return refuse(reading, "the name is too long");
        }
    }
    struct bytes_reader reader =
        der_over(bytes_from(reading->output.at + start, reading->output.length - start));
    struct der_element element;
    if (!der_next(&reader, &element) || !der_is_finished(&reader)) {
        reading->at = at;
        return refuse(reading, "expected '#' and one value in DER, in hex; text that begins with "
                               "# is written \\#");
    }
    return true;
}

/* A backslash, and what it takes the meaning from; or a byte in hex. */
static bool take_escape(struct reading *reading)
{
    uint8_t byte = peek(reading, 1);
    reading->at++;
    if (is_one_of(byte, " \"#+,;<=>\\")) {
        reading->at++;
    } else if (!take_hex_byte(reading, &byte)) {
        reading->at--;
        return refuse(reading, "expected one of , + \" \\ < > ; = # or two hex digits after '\\'");
    }
    return put_byte(&reading->output, byte) || refuse(reading, "the name is too long");
}

/* "Contoso, Inc.": Windows writes a quote within as two. */
static bool take_quoted_value(struct reading *reading)
{
    size_t start = reading->at++;
    uint8_t byte;
    while ((byte = peek(reading, 0)) != '"' || peek(reading, 1) == '"') {
        if (byte == 0) {
            reading->at = start;
            return refuse(reading, "a quote is not closed");
        }
        if (byte == '\\') {
            if (!take_escape(reading)) {
                return false;
            }
            continue;
        }
        reading->at += byte == '"' ? 2 : 1;
        if (!put_byte(&reading->output, byte)) {
            return refuse(reading, "the name is too long");
        }
    }
    reading->at++;
    return true;
}

/* Text to the next separator; blanks at its end do not belong to it unless escaped. */
static bool take_plain_value(struct reading *reading)
{
    size_t kept = reading->output.length;
    uint8_t byte;
    while ((byte = peek(reading, 0)) != 0 && byte != ',' && byte != '+') {
        if (is_one_of(byte, "\";<>")) {
            return refuse(reading, "expected this character after a '\\', or the whole value in "
                                   "quotes");
        }
        bool is_fine = true;
        if (byte == '\\') {
            is_fine = take_escape(reading);
        } else {
            reading->at++;
            is_fine = put_byte(&reading->output, byte) || refuse(reading, "the name is too long");
        }
        if (!is_fine) {
            return false;
        }
        kept = byte == ' ' ? kept : reading->output.length;
    }
    reading->output.length = kept;
    return true;
}

static bool take_value(struct reading *reading)
{
    size_t start = reading->output.length;
    skip_blanks(reading);
    size_t at = reading->at;
    if (peek(reading, 0) == '#') {
        return take_der_value(reading);
    }
    if (!(peek(reading, 0) == '"' ? take_quoted_value(reading) : take_plain_value(reading))) {
        return false;
    }
    if (reading->output.length == start) {
        reading->at = at;
        return refuse(reading, "expected a value");
    }
    return wrap(&reading->output, start, DER_UTF8_STRING) ||
           refuse(reading, "the name is too long");
}

/* ---- the whole ---- */

/* One RDN: TYPE=VALUE, or several with + between them. */
static bool take_rdn(struct reading *reading)
{
    size_t start = reading->output.length;
    bool is_last = false;
    while (!is_last) {
        size_t attribute_start = reading->output.length;
        skip_blanks(reading);
        if (!take_type(reading) || !take_value(reading)) {
            return false;
        }
        if (!wrap(&reading->output, attribute_start, DER_SEQUENCE)) {
            return refuse(reading, "the name is too long");
        }
        skip_blanks(reading);
        is_last = peek(reading, 0) != '+';
        reading->at += is_last ? 0 : 1;
    }
    if (reading->rdn_count == RDN_COUNT_MAX || !wrap(&reading->output, start, DER_SET)) {
        return refuse(reading, "the name is too long");
    }
    reading->ends[reading->rdn_count++] = reading->output.length;
    return true;
}

static bool take_rdns(struct reading *reading)
{
    for (;;) {
        if (!take_rdn(reading)) {
            return false;
        }
        if (reading->at == reading->source.length) {
            return true;
        }
        if (peek(reading, 0) != ',') {
            return refuse(reading, "expected ',' or '+' before the next attribute");
        }
        reading->at++;
    }
}

/* The last RDN of the text is the first of the Name. */
static bool put_turned(const struct reading *reading, struct output *output)
{
    bool fits = true;
    for (size_t i = reading->rdn_count; i-- > 0;) {
        size_t start = i == 0 ? 0 : reading->ends[i - 1];
        fits =
            fits && put(output, bytes_from(reading->output.at + start, reading->ends[i] - start));
    }
    return fits && wrap(output, 0, DER_SEQUENCE);
}

size_t name_from_text(struct bytes text, uint8_t out[NAME_SIZE_MAX], struct text *ret_problem)
{
    uint8_t memory[NAME_SIZE_MAX];
    struct reading reading = {.source = text, .output = {.at = memory}, .problem = ret_problem};
    struct output turned = {.at = out};
    if (!take_rdns(&reading)) {
        return 0;
    }
    if (!put_turned(&reading, &turned) || !name_is_valid(bytes_from(out, turned.length))) {
        text_append_string(ret_problem, "the name is too long, or not in UTF-8");
        return 0;
    }
    return turned.length;
}
