/*
 * The rules that one complete path must keep (RFC 5280 6.1, and the purpose of TLS clients). Called
 * by path.c, and by judge.c with a leaf alone when no path is asked for.
 */
#ifndef TRUST_PATH_RULES_H
#define TRUST_PATH_RULES_H

#include "certificate.h"
#include "path_fault.h"

/* Answers whether path[index] is signed by path[index + 1]; path.c counts and remembers. */
typedef enum path_fault (*path_signature_check)(void *search, size_t index);

struct path_rules_input {
    const struct certificate *const *path; /* leaf first, the anchor last */
    size_t count;
    int64_t now_seconds;
    path_signature_check
        check_signature; /* PATH_FAULT_NONE, PATH_FAULT_SIGNATURE or PATH_FAULT_TOO_LONG */
    void *search;
    uint32_t *names_budget; /* of the whole search, NAME_CONSTRAINTS_BUDGET at its start */
};

/* The rules one by one. The passes in path_rules.c are runs of this list: an order of trying. */
enum path_rule {
    PATH_RULE_CRITICAL_EXTENSIONS,
    PATH_RULE_BASIC_CONSTRAINTS,
    PATH_RULE_KEY_USAGE,
    PATH_RULE_PATH_LENGTH,
    PATH_RULE_STRENGTH,
    PATH_RULE_SIGNATURES,
    PATH_RULE_DATES,
    PATH_RULE_NAMES,
    PATH_RULE_POLICIES,
    PATH_RULE_PURPOSE,
    PATH_RULE_COUNT
};

/* PATH_FAULT_NONE, or the first rule broken and the certificate that breaks it. */
enum path_fault path_rules_check(const struct path_rules_input *input, uint32_t *ret_depth);

/* The same for a single rule, to tell of each whether it is kept. */
enum path_fault path_rules_check_one(const struct path_rules_input *input, enum path_rule rule,
                                     uint32_t *ret_depth);

#endif
