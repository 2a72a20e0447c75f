/* The way back: values of a configuration as one would write them. Any thread; no state. */
#ifndef CONFIG_SETTING_PRINT_H
#define CONFIG_SETTING_PRINT_H

#include "base/text.h"
#include "schema.h"

/* Room for any value, with quotes. */
#define SETTING_PRINT_BYTES_MAX 20000

/* How many values to ask for; some may be absent. target is the section's structure. */
size_t setting_print_count(const struct setting *row, const void *target);

/* Appends value number index. False when it is absent: a word that is not in the set, a setting not
 * given. */
bool setting_print(const struct setting *row, const void *target, size_t index,
                   struct text *output);

/* Whether the value was written in a file, not filled in. */
bool setting_print_is_given(const struct setting *row, const void *target, size_t index);

/* The words that a value may be, or what it looks like: `strict | passthrough | off`. */
void setting_print_pattern(const struct setting *row, struct text *output);

/* `from 100ms to 1h`, or nothing. */
void setting_print_bounds(const struct setting *row, struct text *output);

#endif
