/*
 * The CA certificates that a profile trusts, sorted by the hash of their subject. Built by the
 * control thread, immutable afterwards, read by every worker; owned by its trust policy, pointing
 * into the loaded files.
 *
 * Which of them issued which is found out, signatures included, when the set is built: paths
 * through trusted intermediates then cost no signature check of theirs.
 */
#ifndef TRUST_TRUST_SET_H
#define TRUST_TRUST_SET_H

#include "base/result.h"
#include "certificate.h"
#include "signature_register.h"

struct trusted_ca {
    struct certificate certificate;
    uint64_t subject_hash;
    bool is_root;
    uint32_t first_edge; /* its issuers within the set: edges[first_edge] and on */
    uint32_t edge_count;
};

struct trust_set {
    struct trusted_ca *cas;
    size_t count;
    uint32_t *edges; /* indexes of issuers whose key made the signature; roots have none */
    size_t edge_count;
};

/* Adds one certificate; capacity was given to trust_set_init(). Then finish once, before any other
 * use; a failure of signatures is one of finishing, for a set without an edge that it should have
 * would refuse whom it should let in. */
struct result trust_set_init(struct trust_set *set, size_t capacity);
void trust_set_add(struct trust_set *set, const struct certificate *certificate, bool is_root);
struct result trust_set_finish(struct trust_set *set, struct signature_register *signatures);

/* Accepts a zeroed set. */
void trust_set_deinit(struct trust_set *set);

/* The trusted CAs that may have this subject: from the returned index on, ret_count of them, roots
 * first. */
size_t trust_set_find(const struct trust_set *set, uint64_t subject_hash, size_t *ret_count);

#endif
