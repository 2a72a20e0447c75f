/*
 * Why a reload has failed, in a line that is kept until the next one. A plain value, any thread;
 * written by the control thread, shown by the stats thread.
 */
#ifndef CONTROL_RELOAD_FAILURE_H
#define CONTROL_RELOAD_FAILURE_H

#include <stdint.h>

#include "base/result.h"
#include "config/diagnostics.h"

#define RELOAD_FAILURE_BYTES_MAX 200

/* All zero: the reload did not fail. */
struct reload_failure {
    char first_error[RELOAD_FAILURE_BYTES_MAX + 1];
    uint64_t further_count; /* errors beside that one, which the error log has */
};

/*
 * What a reload with this result came to. first_error is FILE:LINE: MESSAGE of the error that is
 * said first, in printable ASCII (other bytes are \xHH); of one that is too long the middle gives
 * way, since it begins with the place and ends with the remedy.
 */
struct reload_failure reload_failure_of(struct result result,
                                        const struct diagnostics *diagnostics);

#endif
