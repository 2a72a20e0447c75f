/*
 * The modes as rows: what an operation is in each, and whether the connection outlives it.
 * Constant.
 */
#ifndef LOAD_MODE_H
#define LOAD_MODE_H

#include "plan.h"

struct mode {
    const char *name;
    const char *unit;    /* what is counted */
    const char *summary; /* a line of --help */
    bool keeps;          /* the connection outlives an operation, which begins with its request */
    bool resumes;        /* a connection begins with the session of the one before */
    bool holds;          /* a connection does one operation and then only stays */
    bool storms;         /* other connections do handshakes meanwhile */
};

const struct mode *mode_of(enum load_mode mode);

/* False, with *ret_mode untouched, when there is none of that name. */
bool mode_find(const char *name, enum load_mode *ret_mode);

#endif
