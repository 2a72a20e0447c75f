/*
 * The certificate policies of a path (RFC 5280 6.1, user-initial-policy-set: any policy). Any
 * thread.
 *
 * We ask for no policy ourselves, so all that can fail is a CA's demand that there be one
 * (requireExplicitPolicy), or a mapping of anyPolicy. For that the tree of RFC 5280 need not be
 * built, whose size a hostile chain makes exponential: the policies expected of the next
 * certificate are enough (RFC 9618).
 */
#ifndef TRUST_CERTIFICATE_POLICIES_H
#define TRUST_CERTIFICATE_POLICIES_H

#include "certificate.h"

/* path from the leaf to the anchor; count at least 1. */
bool certificate_policies_allow(const struct certificate *const *path, size_t count);

#endif
