/*
 * Name constraints (RFC 5280 4.2.1.10 and 6.1.3 b, c): may this CA vouch for these names? Any
 * thread. Applied for every ancestor of a certificate, not only its issuer, and whether or not the
 * extension is critical.
 */
#ifndef TRUST_NAME_CONSTRAINTS_H
#define TRUST_NAME_CONSTRAINTS_H

#include "certificate.h"

enum name_constraints_answer {
    NAME_CONSTRAINTS_KEPT,
    NAME_CONSTRAINTS_NOT_PERMITTED,
    NAME_CONSTRAINTS_EXCLUDED,
    /* A constrained name in a form, or with a spelling, that cannot be compared: refused, not
       guessed. */
    NAME_CONSTRAINTS_UNSUPPORTED,
    NAME_CONSTRAINTS_TOO_MANY,
};

/* Bytes compared for one client; a CA with thousands of subtrees costs a millisecond or two, not
 * more. */
#define NAME_CONSTRAINTS_BUDGET (1u << 20)

/*
 * Checks the subject, its email addresses and all alternative names against ancestor's subtrees; of
 * a leaf without DNS names also its common name when that looks like one. budget goes down by the
 * work done.
 */
enum name_constraints_answer name_constraints_check(const struct certificate *certificate,
                                                    const struct certificate *ancestor,
                                                    bool is_leaf, uint32_t *budget);

#endif
