/*
 * Names that figures are counted under, each with a number that stays its own: a profile that a
 * reload takes away and another brings back goes on where it was. One thread adds, any thread
 * finds and reads; nothing is ever removed.
 *
 * Bounded: names for which there is no room share the last number and the name "other".
 */
#ifndef BASE_LABEL_TABLE_H
#define BASE_LABEL_TABLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define LABEL_COUNT_MAX      64
#define LABEL_NAME_BYTES_MAX 65 /* two names of the configuration, and what parts them */
#define LABEL_OTHER          (LABEL_COUNT_MAX - 1)

/* Starts zeroed. */
struct label_table {
    char names[LABEL_OTHER][LABEL_NAME_BYTES_MAX + 1];
    _Atomic size_t count;
};

/* The adding thread's: the number of name, new or not; longer names are LABEL_OTHER. */
size_t label_table_add(struct label_table *table, const char *name);

/* The number of a name that was added; LABEL_OTHER when it was not. */
size_t label_table_find(const struct label_table *table, const char *name);

/* Names so far, without "other". */
size_t label_table_count(const struct label_table *table);

/* number is below label_table_count(), or LABEL_OTHER. */
const char *label_table_name(const struct label_table *table, size_t number);

#endif
