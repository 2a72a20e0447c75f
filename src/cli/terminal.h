/*
 * What may be written where people read: colours on a terminal only, signs beyond ASCII only where
 * the locale has them, foreign bytes never as they are. The main thread's; no state.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

struct terminal_style {
    bool is_coloured;
    bool is_utf8;
};

/* Of output, from the environment: LC_ALL, LC_CTYPE, LANG, TERM, and NO_COLOR (no-color.org). */
struct terminal_style terminal_style_of(FILE *output);

/* TERM=dumb: it has neither colours nor a cursor that can be moved. */
bool terminal_is_dumb(void);

/* \XX for all but printable ASCII and for the backslash: names of files may hold escape sequences.
 */
void terminal_append_safe(struct text *text, const char *string);

/* The same straight to output. */
void terminal_print_safe(FILE *output, const char *string);

#endif
