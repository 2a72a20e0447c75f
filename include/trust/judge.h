/*
 * May this peer in? One call, no state, no I/O: the checks of a profile on a presented chain, in
 * their fixed order, the first that fails being the reason. Any thread; the policy is only read.
 */
#ifndef TRUST_JUDGE_H
#define TRUST_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "trust/judge_trace.h"
#include "trust/trust_policy.h"
#include "trust/verdict.h"

/*
 * chain holds chain_count certificates in DER as the client sent them, the leaf first; none is
 * VERDICT_NO_CERTIFICATE. now_seconds is wall time since 1970.
 *
 * The profile's mode does not change the answer: in passthrough it is what strict would have said,
 * and without any trusted CA it is never a success. Work is bounded whatever the bytes are
 * (path.h).
 */
struct verdict judge_chain(const struct trust_policy *policy, const struct bytes *chain,
                           size_t chain_count, int64_t now_seconds);

#define JUDGE_PATH_MAX 16

/* The certificates from the leaf to the root: views into the presented chain and the policy. */
struct judge_path {
    struct bytes certificates[JUDGE_PATH_MAX];
    int32_t presented_indexes[JUDGE_PATH_MAX]; /* -1: not a presented one */
    size_t count;
};

/* The same, with the path of a success; ret_path is empty when no path was sought or found. */
struct verdict judge_chain_path(const struct trust_policy *policy, const struct bytes *chain,
                                size_t chain_count, int64_t now_seconds,
                                struct judge_path *ret_path);

/* The same, telling every check with its result: slower, for people who ask why. */
struct verdict judge_chain_traced(const struct trust_policy *policy, const struct bytes *chain,
                                  size_t chain_count, int64_t now_seconds,
                                  struct judge_trace *ret_trace);

#endif
