/*
 * Changes DER so that it stays DER: an element's content, or a whole element that comes, goes or
 * takes another's place; the lengths of all around it follow. For fuzz targets whose input is
 * certificates; one include a program.
 */
#ifndef TESTS_FUZZ_DER_MUTATOR_H
#define TESTS_FUZZ_DER_MUTATOR_H

#include <string.h>

#include "base/bytes.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

#define DER_SIZE_MAX    8192
#define DER_COUNT_MAX   512
#define DER_DEPTH_MAX   16
#define DER_NO_PARENT   SIZE_MAX
#define DER_CONSTRUCTED 0x20
#define DER_OCTETS      0x04
#define DER_LONG        0x80

/* Where one element stands: header from at on, then content, up to end. */
struct der_part {
    size_t at;
    size_t content;
    size_t end;
    size_t parent; /* its index, or DER_NO_PARENT */
};

struct der_parts {
    struct der_part items[DER_COUNT_MAX];
    size_t count;
};

struct der_buffer {
    uint8_t at[DER_SIZE_MAX];
    size_t length;
};

/* The header at this place; false when it, or what it promises, is not within end. */
static bool der_read_part(struct bytes der, size_t at, size_t end, struct der_part *ret_part)
{
    if (end - at < 2) {
        return false;
    }
    size_t length = der.at[at + 1];
    size_t content = at + 2;
    if (length >= DER_LONG) {
        size_t count = length - DER_LONG;
        length = 0;
        if (count == 0 || count > 2 || end - content < count) {
            return false;
        }
        for (; count > 0; count--) {
            length = length << 8 | der.at[content++];
        }
    }
    *ret_part = (struct der_part){at, content, content + length, DER_NO_PARENT};
    return length <= end - content;
}

/* Extensions hide DER in octets. */
static bool der_has_parts(struct bytes der, const struct der_part *part)
{
    struct der_part first;
    uint8_t tag = der.at[part->at];
    return (tag & DER_CONSTRUCTED) != 0 ||
           (tag == DER_OCTETS && der_read_part(der, part->content, part->end, &first) &&
            first.end == part->end);
}

/* All elements, outer ones before inner ones; of what cannot be read nothing. */
static void der_list(struct bytes der, struct der_parts *ret_parts)
{
    size_t open[DER_DEPTH_MAX]; /* indexes of those that we are inside of */
    size_t depth = 0;
    size_t at = 0;
    ret_parts->count = 0;
    while (ret_parts->count < DER_COUNT_MAX) {
        size_t end = depth > 0 ? ret_parts->items[open[depth - 1]].end : der.length;
        struct der_part part;
        if (at >= end || !der_read_part(der, at, end, &part)) {
            if (depth == 0) {
                return;
            }
            at = ret_parts->items[open[--depth]].end;
            continue;
        }
        part.parent = depth > 0 ? open[depth - 1] : DER_NO_PARENT;
        bool is_entered = depth < DER_DEPTH_MAX && der_has_parts(der, &part);
        at = is_entered ? part.content : part.end;
        ret_parts->items[ret_parts->count] = part;
        if (is_entered) {
            open[depth++] = ret_parts->count;
        }
        ret_parts->count++;
    }
}

static bool der_add(struct der_buffer *buffer, const uint8_t *at, size_t length)
{
    if (length > DER_SIZE_MAX - buffer->length) {
        return false;
    }
    if (length > 0) {
        memcpy(buffer->at + buffer->length, at, length);
    }
    buffer->length += length;
    return true;
}

static bool der_add_header(struct der_buffer *buffer, uint8_t tag, size_t length)
{
    uint8_t short_one[] = {tag, (uint8_t)length};
    uint8_t middle_one[] = {tag, DER_LONG | 1, (uint8_t)length};
    uint8_t long_one[] = {tag, DER_LONG | 2, (uint8_t)(length >> 8), (uint8_t)length};
    if (length < DER_LONG) {
        return der_add(buffer, short_one, sizeof(short_one));
    }
    return length <= 0xFF ? der_add(buffer, middle_one, sizeof(middle_one))
                          : der_add(buffer, long_one, sizeof(long_one));
}

/* Puts the content of buffer in the place of part, and renews all headers around it. */
static bool der_put(struct bytes der, const struct der_parts *parts, struct der_part part,
                    struct der_buffer *buffer)
{
    static struct der_buffer around;
    for (; part.parent != DER_NO_PARENT; part = parts->items[part.parent]) {
        const struct der_part *parent = &parts->items[part.parent];
        size_t before = part.at - parent->content;
        size_t after = parent->end - part.end;
        around.length = 0;
        if (!der_add_header(&around, der.at[parent->at], before + buffer->length + after) ||
            !der_add(&around, der.at + parent->content, before) ||
            !der_add(&around, buffer->at, buffer->length) ||
            !der_add(&around, der.at + part.end, after)) {
            return false;
        }
        *buffer = around;
    }
    return true;
}

enum der_change { DER_CONTENT, DER_TAG, DER_GOES, DER_TWICE, DER_REPLACED, DER_JOINED };

#define DER_CHANGE_COUNT (DER_JOINED + 1)

/* What comes in the place of part; other is an element of the same certificate or of another. */
static bool der_write_change(struct bytes der, const struct der_part *part, enum der_change change,
                             struct bytes other, struct der_buffer *ret_buffer)
{
    struct bytes whole = bytes_slice(der, part->at, part->end - part->at);
    struct bytes content = bytes_slice(der, part->content, part->end - part->content);
    uint8_t mutated[1024];
    size_t length = content.length < sizeof(mutated) / 2 ? content.length : 0;
    ret_buffer->length = 0;
    switch (change) {
    case DER_CONTENT:
        memcpy(mutated, whole.at + (whole.length - content.length), length);
        length = LLVMFuzzerMutate(mutated, length, sizeof(mutated));
        return der_add_header(ret_buffer, whole.at[0], length) &&
               der_add(ret_buffer, mutated, length);
    case DER_TAG:
        mutated[0] = whole.at[0];
        (void)LLVMFuzzerMutate(mutated, 1, 1);
        return der_add(ret_buffer, mutated, 1) &&
               der_add(ret_buffer, whole.at + 1, whole.length - 1);
    case DER_GOES:
        return true;
    case DER_TWICE:
        return der_add(ret_buffer, whole.at, whole.length) &&
               der_add(ret_buffer, whole.at, whole.length);
    case DER_REPLACED:
        return der_add(ret_buffer, other.at, other.length);
    case DER_JOINED:
        return der_add(ret_buffer, whole.at, whole.length) &&
               der_add(ret_buffer, other.at, other.length);
    }
    return false;
}

#endif
