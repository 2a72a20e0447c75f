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

/* The same, telling every check with its result: slower, for people who ask why. */
struct verdict judge_chain_traced(const struct trust_policy *policy, const struct bytes *chain,
                                  size_t chain_count, int64_t now_seconds,
                                  struct judge_trace *ret_trace);

#endif
