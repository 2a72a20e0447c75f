/*
 * Builds ClientHello messages byte by byte, right ones and wrong ones. For the tests of
 * client_hello.
 */
#ifndef TESTS_UNIT_TLS_HELLO_BUILDER_H
#define TESTS_UNIT_TLS_HELLO_BUILDER_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

enum { HELLO_CAPACITY = 40000 };

struct hello_builder {
    uint8_t bytes[HELLO_CAPACITY]; /* a record header, the message */
    size_t size;
    size_t extensions_at; /* where the length of the extensions stands */
};

static inline void put_u8(struct hello_builder *hello, unsigned number)
{
    hello->bytes[hello->size++] = (uint8_t)number;
}

static inline void put_u16(struct hello_builder *hello, unsigned number)
{
    put_u8(hello, number >> 8);
    put_u8(hello, number & 255);
}

static inline void put_bytes(struct hello_builder *hello, const void *bytes, size_t length)
{
    memcpy(hello->bytes + hello->size, bytes, length);
    hello->size += length;
}

static inline void set_u16(struct hello_builder *hello, size_t at, size_t number)
{
    hello->bytes[at] = (uint8_t)(number >> 8);
    hello->bytes[at + 1] = (uint8_t)number;
}

/* Everything up to the extensions; the suites are one of TLS 1.3 and those given. */
static inline void begin_hello(struct hello_builder *hello, unsigned version,
                               const unsigned *suites, size_t suite_count)
{
    static const uint8_t zeros[32];
    memset(hello, 0, sizeof(*hello));
    put_bytes(hello, "\x16\x03\x01\x00\x00\x01\x00\x00\x00", 9);
    put_u16(hello, version);
    put_bytes(hello, zeros, 32);
    put_u8(hello, 0);
    put_u16(hello, (unsigned)(2 * suite_count + 2));
    put_u16(hello, 0x1301);
    for (size_t i = 0; i < suite_count; i++) {
        put_u16(hello, suites[i]);
    }
    put_bytes(hello, "\x01\x00", 2);
    hello->extensions_at = hello->size;
    put_u16(hello, 0);
}

static inline void put_extension(struct hello_builder *hello, unsigned type, const void *bytes,
                                 size_t length)
{
    put_u16(hello, type);
    put_u16(hello, (unsigned)length);
    put_bytes(hello, bytes, length);
}

static inline void put_server_name(struct hello_builder *hello, const char *name)
{
    size_t length = strlen(name);
    put_u16(hello, 0);
    put_u16(hello, (unsigned)length + 5);
    put_u16(hello, (unsigned)length + 3);
    put_u8(hello, 0);
    put_u16(hello, (unsigned)length);
    put_bytes(hello, name, length);
}

/* Sets all lengths. */
static inline struct bytes end_hello(struct hello_builder *hello)
{
    set_u16(hello, hello->extensions_at, hello->size - hello->extensions_at - 2);
    set_u16(hello, 3, hello->size - 5);
    set_u16(hello, 7, hello->size - 9);
    return bytes_from(hello->bytes, hello->size);
}

/* What a modern client sends, small. */
static inline struct bytes make_usual_hello(struct hello_builder *hello, const char *server_name)
{
    const unsigned suites[] = {0xc02b, 0xc02f};
    begin_hello(hello, 0x0303, suites, 2);
    put_server_name(hello, server_name);
    put_extension(hello, 10, "\x00\x06\x0a\x0a\x00\x1d\x00\x17", 8);
    put_extension(hello, 13, "\x00\x06\x04\x03\x08\x04\x04\x01", 8);
    put_extension(hello, 16, "\x00\x0c\x02h2\x08http/1.1", 14);
    put_extension(hello, 43, "\x06\x1a\x1a\x03\x04\x03\x03", 7);
    return end_hello(hello);
}

#endif
