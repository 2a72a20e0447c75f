/*
 * One trusted client CA chain: a file's certificates sorted into root, intermediates and ignored
 * leaves, and the name that clients of it are issued by. Made by the control thread, immutable
 * afterwards; owned by a policy.
 */
#ifndef TRUST_TRUSTED_CHAIN_H
#define TRUST_TRUSTED_CHAIN_H

#include "base/result.h"
#include "ca_file.h"
#include "config/config.h"
#include "config/diagnostics.h"
#include "signature_register.h"

struct trusted_chain {
    struct ca_file file;      /* its leaves are dropped: CAs only */
    size_t root_index;        /* of file.certificates */
    struct bytes issuer_name; /* the client certificate issuer of verify_client_cert_issuer_dn */
};

struct trusted_chain_options {
    int64_t now_seconds;
    bool verifies_issuer_name; /* now; an ambiguous name is warned of in any case */
};

/*
 * Loads the file that the setting names. Mistakes and warnings go to diagnostics; any mistake is
 * ERROR_BAD_CONFIG. A failure of signatures is returned and told by nobody here: it is one of all
 * the profile's files.
 */
struct result trusted_chain_load(const struct config_text *setting,
                                 const struct trusted_chain_options *options,
                                 struct signature_register *signatures,
                                 struct diagnostics *diagnostics, struct trusted_chain *ret_chain);

/* The same from a file that is read already, which becomes the chain's, also on failure. */
struct result trusted_chain_make(struct ca_file *file, const struct trusted_chain_options *options,
                                 struct signature_register *signatures,
                                 struct diagnostics *diagnostics, struct trusted_chain *ret_chain);

/* Accepts a zeroed one. */
void trusted_chain_deinit(struct trusted_chain *chain);

#endif
