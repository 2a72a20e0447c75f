/*
 * The syntax of one allow_identity line: claims that a client's certificate must all make,
 *
 *     allow_identity = common_name=pump-7, issuer_subject="CN=Pumps CA, O=Contoso"
 *
 * Control thread or sub-command; the texts lie in the arena.
 */
#ifndef CONFIG_CLAIM_SET_H
#define CONFIG_CLAIM_SET_H

#include "config/config_values.h"
#include "setting_site.h"

/*
 * Parses source into the claims of ret_set; its source stays untouched. ERROR_BAD_CONFIG on a
 * mistake: then ret_problem has had appended where it is, what is wrong and what was expected.
 * ERROR_OUT_OF_MEMORY otherwise.
 */
struct result claim_set_parse(const char *source, struct arena *arena, struct text *ret_problem,
                              struct config_claim_set *ret_set);

/* The same of a setting's value; reports what it refuses, and what is doubtful. */
struct result claim_set_parse_setting(const struct setting_site *site,
                                      struct config_claim_set *ret_set);

/* The claim of that kind, or NULL. */
const struct config_claim *claim_set_find(const struct config_claim_set *set,
                                          enum config_claim_kind kind);

/* As it is written, and what it compares with, for the reference. */
const char *claim_set_name(enum config_claim_kind kind);
const char *claim_set_help(enum config_claim_kind kind);

#endif
