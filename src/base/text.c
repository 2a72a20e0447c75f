/* Building text in bounded memory: numbers, hex, base64, percent-encoding and JSON. */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "base/utf8.h"

/* Room for length more bytes, or NULL and the text is marked overflowed. */
static char *reserve(struct text *text, size_t length)
{
    if (text->overflowed || length > text->capacity - text->length) {
        text->overflowed = true;
        return NULL;
    }
    char *room = text->at + text->length;
    text->length += length;
    return room;
}

void text_append(struct text *text, struct bytes bytes)
{
    char *room = reserve(text, bytes.length);
    if (room != NULL && bytes.length > 0) {
        memcpy(room, bytes.at, bytes.length);
    }
}

void text_append_string(struct text *text, const char *string)
{
    text_append(text, bytes_from_string(string));
}

void text_append_char(struct text *text, char character)
{
    char *room = reserve(text, 1);
    if (room != NULL) {
        *room = character;
    }
}

void text_append_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t start = sizeof(digits);
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text_append(text, bytes_from(digits + start, sizeof(digits) - start));
}

void text_append_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    size_t left = text->capacity - text->length;
    va_start(arguments, format);
    int length =
        text->overflowed ? -1 : vsnprintf(text->at + text->length, left, format, arguments);
    va_end(arguments);
    /* vsnprintf needs a byte for its NUL, so a text that would fit to the byte counts as too long.
     */
    if (length < 0 || (size_t)length >= left) {
        text->overflowed = true;
        return;
    }
    text->length += (size_t)length;
}

static void append_hex(struct text *text, struct bytes bytes, const char *digits)
{
    char *room = reserve(text, bytes.length * 2);
    for (size_t i = 0; room != NULL && i < bytes.length; i++) {
        room[2 * i] = digits[bytes.at[i] >> 4];
        room[2 * i + 1] = digits[bytes.at[i] & 15];
    }
}

void text_append_hex_lower(struct text *text, struct bytes bytes)
{
    append_hex(text, bytes, "0123456789abcdef");
}

void text_append_hex_upper(struct text *text, struct bytes bytes)
{
    append_hex(text, bytes, "0123456789ABCDEF");
}

void text_append_base64(struct text *text, struct bytes bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *room = reserve(text, (bytes.length + 2) / 3 * 4);
    for (size_t i = 0; room != NULL && i < bytes.length; i += 3) {
        size_t left = bytes.length - i;
        uint32_t group = (uint32_t)bytes.at[i] << 16;
        group |= left > 1 ? (uint32_t)bytes.at[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)bytes.at[i + 2] : 0;
        *room++ = alphabet[group >> 18];
        *room++ = alphabet[group >> 12 & 63];
        *room++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *room++ = left > 2 ? alphabet[group & 63] : '=';
    }
}

static bool is_unreserved(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void text_append_percent_encoded(struct text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (is_unreserved(bytes.at[i])) {
            text_append_char(text, (char)bytes.at[i]);
        } else {
            text_append_char(text, '%');
            append_hex(text, bytes_slice(bytes, i, 1), "0123456789ABCDEF");
        }
    }
}

static void append_json_control(struct text *text, uint8_t byte)
{
    text_append_string(text, "\\u00");
    append_hex(text, bytes_from(&byte, 1), "0123456789abcdef");
}

/* The character that begins bytes, or what stands for a byte that begins none; returns how many
 * bytes that were. U+0080 to U+009F are controls: many a terminal takes U+009B for ESC [. */
static size_t append_json_beyond_ascii(struct text *text, struct bytes bytes)
{
    size_t length = utf8_length(bytes);
    if (length == 0) {
        text_append(text, BYTES_OF("\xEF\xBF\xBD"));
        return 1;
    }
    if (length == 2 && bytes.at[0] == 0xC2 && bytes.at[1] < 0xA0) {
        append_json_control(text, bytes.at[1]);
    } else {
        text_append(text, bytes_slice(bytes, 0, length));
    }
    return length;
}

void text_append_json_escaped(struct text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length;) {
        uint8_t byte = bytes.at[i];
        size_t length = 1;
        if (byte == '"' || byte == '\\') {
            text_append_char(text, '\\');
            text_append_char(text, (char)byte);
        } else if (byte < 0x20 || byte == 0x7F) {
            append_json_control(text, byte);
        } else if (byte < 0x7F) {
            text_append_char(text, (char)byte);
        } else {
            length = append_json_beyond_ascii(text, bytes_slice(bytes, i, bytes.length));
        }
        i += length;
    }
}

void text_append_log_escaped(struct text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t byte = bytes.at[i];
        if (byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\') {
            text_append_char(text, (char)byte);
        } else {
            text_append_string(text, "\\x");
            append_hex(text, bytes_from(&byte, 1), "0123456789ABCDEF");
        }
    }
}

const char *text_terminate(struct text *text)
{
    if (text->length == text->capacity) {
        text->length--;
        text->overflowed = true;
    }
    text->at[text->length] = '\0';
    return text->at;
}
