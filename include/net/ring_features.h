/*
 * How a ring is set up, and why it cannot be where it cannot. Any thread; nothing is kept.
 */
#ifndef NET_RING_FEATURES_H
#define NET_RING_FEATURES_H

#include "base/result.h"
#include "base/text.h"

struct io_uring;

/* Opens uring as every worker needs it; for ring.c. 0, or a negative errno and nothing is open. */
int ring_features_open(struct io_uring *uring);

/*
 * Whether this machine lets us use io_uring as we need it. On ERROR_NO_RING one sentence that names
 * the cause and the remedy is appended to reason. To be asked before anything is bound.
 */
struct result ring_features_check(struct text *reason);

#endif
