/*
 * What storm_backend answers with: right, cut, or with more than was asked for, and the random
 * numbers behind it. Every byte of a body tells the request that it belongs to.
 */
#ifndef SUPPORT_STORM_ANSWER_H
#define SUPPORT_STORM_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORM_ANSWER_BYTES_MAX 65536

enum shape {
    NOTHING,
    PART_OF_HEAD,
    PART_OF_BODY,
    PART_OF_CHUNKS,
    WHOLE,
    WHOLE_CHUNKED,
    WHOLE_UNTIL_CLOSE,
    WHOLE_WITH_SURPLUS,
    WHOLE_AFTER_INTERIM,
    BODY_WHERE_NONE_MAY_BE,
    GARBAGE
};

void storm_answer_seed(uint64_t seed);

/* A number below the bound, which must not be 0. */
unsigned long storm_answer_draw(unsigned long below);

/* Writes an answer into STORM_ANSWER_BYTES_MAX bytes and returns its length. */
size_t storm_answer_compose(char *answer, unsigned long number, bool is_head_method,
                            enum shape shape);

#endif
