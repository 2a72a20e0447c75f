/* Views of bytes: comparing, cutting and reading them without ever leaving them. */
#include "base/bytes.h"

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool bytes_equal_ignoring_case(struct bytes a, struct bytes b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (lower(a.at[i]) != lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

size_t bytes_find(struct bytes bytes, uint8_t byte)
{
    if (bytes.length == 0) {
        return 0;
    }
    const uint8_t *found = memchr(bytes.at, byte, bytes.length);
    return found == NULL ? bytes.length : (size_t)(found - bytes.at);
}

struct bytes bytes_slice(struct bytes bytes, size_t start, size_t length)
{
    if (start >= bytes.length) {
        return (struct bytes){0};
    }
    size_t left = bytes.length - start;
    return bytes_from(bytes.at + start, length < left ? length : left);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

struct bytes bytes_trim(struct bytes bytes)
{
    while (bytes.length > 0 && is_blank(bytes.at[0])) {
        bytes.at++;
        bytes.length--;
    }
    while (bytes.length > 0 && is_blank(bytes.at[bytes.length - 1])) {
        bytes.length--;
    }
    return bytes;
}

bool bytes_to_number(struct bytes bytes, uint64_t maximum, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (bytes.length == 0) {
        return false;
    }
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.at[i] < '0' || bytes.at[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(bytes.at[i] - '0');
        if (digit > maximum || number > (maximum - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

struct bytes bytes_reader_take(struct bytes_reader *reader, size_t length)
{
    if (reader->failed || length > bytes_reader_left(reader)) {
        reader->failed = true;
        return (struct bytes){0};
    }
    struct bytes taken = bytes_from(reader->at, length);
    reader->at += length;
    return taken;
}

static uint32_t read_big_endian(struct bytes_reader *reader, size_t length)
{
    struct bytes taken = bytes_reader_take(reader, length);
    uint32_t number = 0;
    for (size_t i = 0; i < taken.length; i++) {
        number = number << 8 | taken.at[i];
    }
    return number;
}

uint8_t bytes_reader_u8(struct bytes_reader *reader)
{
    return (uint8_t)read_big_endian(reader, 1);
}

uint16_t bytes_reader_u16(struct bytes_reader *reader)
{
    return (uint16_t)read_big_endian(reader, 2);
}

uint32_t bytes_reader_u24(struct bytes_reader *reader)
{
    return read_big_endian(reader, 3);
}

uint32_t bytes_reader_u32(struct bytes_reader *reader)
{
    return read_big_endian(reader, 4);
}
