/*
 * Finding a path from a presented certificate to a trusted root that keeps every rule of RFC 5280
 * section 6. Any thread; no allocation, no state beyond the call.
 *
 * Candidates for an issuer are looked for among trusted CAs first, then among what the client sent,
 * in any order, and one dead end is not the end: cross-signed CAs, several CAs of one name, renewed
 * and needless certificates all work. The ceilings below hold for any input.
 */
#ifndef TRUST_PATH_H
#define TRUST_PATH_H

#include "certificate.h"
#include "path_fault.h"
#include "trust_set.h"

/* Certificates a client may present, and certificates on a path, leaf and root counted. */
#define PATH_PRESENTED_COUNT_MAX 16
#define PATH_LENGTH_MAX          16

/* Signatures checked for one client (one costs some 40 us), and candidates looked at. */
#define PATH_SIGNATURE_CHECKS_MAX 32
#define PATH_STEPS_MAX            256

/* What the client sent, read. */
struct presented_chain {
    struct certificate certificates[PATH_PRESENTED_COUNT_MAX];
    bool is_readable[PATH_PRESENTED_COUNT_MAX]; /* the leaf, certificates[0], always is */
    size_t count;
};

struct path_outcome {
    enum path_fault fault; /* PATH_FAULT_NONE: certificates are a valid path */
    uint32_t depth;        /* of the certificate at fault on the path: 0 is the leaf */
    uint32_t signature_check_count;
    int64_t valid_until_seconds; /* of a valid path: the earliest notAfter */
    /* The path, or of a failure the one that came furthest; leaf first. They point into chain and
     * set. */
    const struct certificate *certificates[PATH_LENGTH_MAX];
    size_t count;
};

void path_find(const struct presented_chain *chain, const struct trust_set *trusted,
               int64_t now_seconds, struct path_outcome *ret_outcome);

#endif
