/*
 * What can go wrong at storm_backend, one row a fault, and how often it is to.
 */
#ifndef SUPPORT_STORM_FAULT_H
#define SUPPORT_STORM_FAULT_H

#include <stdbool.h>

#include "storm_answer.h"

enum moment { AT_ACCEPT, AT_HEAD, IN_REQUEST_BODY, AT_END };

/* What becomes of the connection after the bytes. LATER: the moment after; LATE: the bytes
 * themselves come late. */
enum ending { KEEP, CLOSE, RESET, HALF_CLOSE, RESET_LATER, CLOSE_LATER, LATE };

struct fault {
    const char *name;
    enum moment moment;
    enum shape shape;
    enum ending ending;
    unsigned per_myriad;
    unsigned long count; /* how often it happened */
};

/* Arguments of the form FAULT=PER_MYRIAD; false when one is not. */
bool storm_fault_plan(int count, char **arguments);

/* A fault of a connection that was just accepted, or of a request; never NULL: none is one, too,
 * and not AT_ACCEPT. */
struct fault *storm_fault_draw(bool is_accept);

/* Prints a line `NAME COUNT` a fault. */
void storm_fault_report(void);

#endif
