/*
 * Whether files could be opened for writing by whoever the gateway becomes, found out without
 * opening one: for `sallyport check`, whose only thread calls it.
 */
#ifndef CONTROL_WRITE_TRIAL_H
#define CONTROL_WRITE_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "control/privileges.h"

struct write_trial {
    const char *path; /* NULL: nothing is wanted */
    bool is_socket; /* made anew in its folder, whatever stands there; else a file that may be there
                     */
    int reason;     /* what open() or bind() would fail with (errno), 0: nothing shows */
};

/* Fills in the reasons, as this process sees it. */
void write_trial_look(struct write_trial *trials, size_t count);

/*
 * The same by a child process that has become the user, as a start does. False: that could not be
 * tried, and the trials are as they were.
 */
bool write_trial_look_as(const struct privileges *privileges, struct write_trial *trials,
                         size_t count);

#endif
