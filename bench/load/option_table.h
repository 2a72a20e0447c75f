/*
 * The options of sallyport-load as rows, from which the parser, --help and the manual page are
 * made. Constant.
 */
#ifndef LOAD_OPTION_TABLE_H
#define LOAD_OPTION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "plan.h"

enum option_kind {
    OPTION_FLAG,
    OPTION_COUNT,
    OPTION_SIZE,
    OPTION_DURATION,
    OPTION_STRING,
    OPTION_LIST,          /* may be given several times */
    OPTION_OPTIONAL_FILE, /* --json or --json=FILE: a flag, and a path behind it */
    OPTION_TITLE,         /* a heading of --help */
};

#define OPTION_NONE        SIZE_MAX /* no member */
#define OPTION_TABLE_COUNT 55

/* Places of a set of modes: 1 << mode, and what is no run but a comparison. */
#define OPTION_RUNNING   ((1U << MODE_COUNT) - 1) /* every mode */
#define OPTION_COMPARING (1U << MODE_COUNT)

struct option_row {
    enum option_kind kind;
    int letter; /* 0: only the long name */
    const char *name;
    const char *argument;
    unsigned modes; /* that take it: the others would do nothing with it, and it is refused there */
    size_t field;   /* a member of struct plan, or OPTION_NONE */
    size_t flag;    /* a bool that says it was given, or OPTION_NONE */
    uint64_t least;
    uint64_t most;
    const char *initial; /* as it would be written; NULL: none */
    const char *help;
};

extern const struct option_row option_table[OPTION_TABLE_COUNT];

#endif
