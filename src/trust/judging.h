/*
 * One judgement under way: what judge.c has found so far, for judge_trace.c to tell of. Lives as
 * long as the call.
 */
#ifndef TRUST_JUDGING_H
#define TRUST_JUDGING_H

#include "path.h"
#include "trust/judge.h"
#include "trust/judge_trace.h"

struct judging {
    const struct trust_policy *policy;
    const struct bytes *chain; /* as presented */
    size_t chain_count;
    int64_t now_seconds;
    enum path_fault fault;       /* PATH_FAULT_NONE: the path is valid */
    bool has_outcome;            /* the leaf could be read: the two below are set */
    struct presented_chain read; /* with dates waived as the policy says */
    struct path_outcome outcome;
};

/* Sets all of ret_trace. */
void judge_trace_fill(const struct judging *judging, const struct verdict *verdict,
                      struct judge_trace *ret_trace);

#endif
