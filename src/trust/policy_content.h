/* The inside of a trust policy, for the files that judge by it. Immutable once
 * trust_policy_create() is done. */
#ifndef TRUST_POLICY_CONTENT_H
#define TRUST_POLICY_CONTENT_H

#include "identity_rule.h"
#include "trust/ocsp_cache.h"
#include "trust/trust_policy.h"
#include "trust_set.h"
#include "trusted_chain.h"

struct trust_policy {
    enum config_verify_mode mode;
    enum config_revocation revocation; /* none when it is waived */
    struct ocsp_manner ocsp_manner;
    bool allows_ocsp_failure;
    bool checks_ocsp_of_chain; /* else of the leaf alone */
    bool verify_issuer_name;
    bool waives_trust;      /* no path is sought: the leaf alone is looked at */
    bool waives_not_before; /* of the leaf only */
    bool waives_not_after;
    struct trusted_chain *chains; /* one a file */
    size_t chain_count;
    struct trust_set trusted;   /* all their CAs */
    struct bytes *issuer_names; /* one a file: the only issuers allowed with verify_issuer_name */
    size_t issuer_name_count;
    struct bytes *ca_names; /* subjects, each once */
    size_t ca_name_count;
    char *ca_name_list; /* as they go over the wire; NULL: none are sent */
    size_t ca_name_list_length;
    struct identity_rule_set identities;
    uint8_t id[TRUST_POLICY_ID_SIZE];
};

#endif
