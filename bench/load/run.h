/*
 * One run from its first connection to its results: a probe, then the lanes with their threads, the
 * phases, and progress on standard error. The main thread's.
 */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "base/result.h"
#include "results.h"

#define RUN_MESSAGE_SIZE 512

struct identity_set;

/*
 * ERROR_BAD_INPUT when the plan cannot be carried out (wrong usage), another error when the server
 * or this machine does not let it; message says why, without a full stop. *ret_results is then
 * untouched; otherwise run_free_results() frees what it owns.
 */
struct result run_execute(const struct plan *plan, const struct target *target,
                          const struct identity_set *identities, struct results *ret_results,
                          char message[RUN_MESSAGE_SIZE]);

void run_free_results(struct results *results);

#endif
