/*
 * Two results of --json beside each other: every measure, its ratio, and whether the second is
 * worse than a limit allows. The main thread's.
 */
#ifndef LOAD_COMPARISON_H
#define LOAD_COMPARISON_H

#include <stdio.h>

#include "base/result.h"
#include "plan.h"

#define COMPARISON_MESSAGE_SIZE 256

/*
 * ERROR_BAD_INPUT with a message when a file cannot be read or is no result. *ret_is_worse: some
 * measure of plan->compared[1] is worse by more than plan->regression_max_percent; false without
 * that limit.
 */
struct result comparison_print(FILE *output, const struct plan *plan, bool *ret_is_worse,
                               char message[COMPARISON_MESSAGE_SIZE]);

#endif
