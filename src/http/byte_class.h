/*
 * Which bytes may stand where in HTTP (RFC 9110 5.5 and 5.6.2, RFC 9112 3.2). Constants; any
 * thread.
 */
#ifndef HTTP_BYTE_CLASS_H
#define HTTP_BYTE_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* A bit each, so that one look answers for a set. */
enum byte_class {
    BYTE_OF_TOKEN = 1,
    BYTE_OF_PLAIN_NAME = 2,    /* letters, digits, hyphen */
    BYTE_OF_HOST = 4,          /* the same and . and _ */
    BYTE_OF_TARGET = 8,        /* visible ASCII but # */
    BYTE_OF_VALUE = 16,        /* visible, space, tab, and what is not ASCII */
    BYTE_OF_REQUEST_LINE = 32, /* its end included */
    BYTE_OF_STATUS_LINE = 64,  /* the same */
};

extern const uint8_t byte_class_table[256];

static inline bool byte_class_has(uint8_t byte, uint8_t class)
{
    return (byte_class_table[byte] & class) != 0;
}

/* The first byte that is of no class of a set; bytes.length when all are. */
size_t byte_class_span(struct bytes bytes, uint8_t class);

#endif
