/*
 * How long what is known of a certificate counts: until when an answer is used, from when it is
 * fetched anew, how long a failure keeps from asking. One place for the engine, which refreshes by
 * it, and for whoever judges by the cache. Any thread; keeps no state. Times are seconds since
 * 1970, wall time, which may jump: what is from the future is not believed.
 */
#ifndef TRUST_OCSP_LIFE_H
#define TRUST_OCSP_LIFE_H

#include "trust/ocsp_cache.h"

/* A setting in milliseconds as whole seconds, upwards. */
static inline int64_t ocsp_life_seconds(uint32_t milliseconds)
{
    return ((int64_t)milliseconds + 999) / 1000;
}

/*
 * When the answer of state (it has one) ends: at its nextUpdate, at its signer's end, max_age_ms
 * after it came, whatever is first; `unknown` at the moment at which it may be asked for again.
 */
int64_t ocsp_life_end(const struct ocsp_state *state, uint32_t max_age_ms);

/* Whether state has an answer that holds now. */
bool ocsp_life_is_current(const struct ocsp_state *state, uint32_t max_age_ms, int64_t now_seconds);

/*
 * Whether the response itself may be shown to others, who check it by their clocks and know none of
 * our grace: good, and between its thisUpdate and its nextUpdate by ours.
 */
bool ocsp_life_is_presentable(const struct ocsp_state *state, uint32_t max_age_ms,
                              int64_t now_seconds);

/* The same as is_current, or it has ended within stale_grace_ms and could not be refreshed. */
bool ocsp_life_is_usable(const struct ocsp_state *state, const struct ocsp_manner *manner,
                         int64_t now_seconds);

/* Whether the latest fetch failed so shortly ago that it is not to be tried again. */
bool ocsp_life_is_barred(const struct ocsp_state *state, int64_t now_seconds);

/* Whether a fetch in this manner lasts at least as long as one in the other: what has not come by
 * its end would not have been waited for any longer. */
bool ocsp_life_is_as_patient(const struct ocsp_manner *manner, const struct ocsp_manner *other);

/* When state, which has an answer or a failure, is to be fetched anew if it is in use: at 80 % of
 * the answer's life, after a failure when it may be tried again. */
int64_t ocsp_life_refresh_at(const struct ocsp_state *state, uint32_t max_age_ms);

#endif
