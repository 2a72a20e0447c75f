/* Header names and rules of [rewrite] sections. Control thread or sub-command, during one
 * config_load(). */
#ifndef CONFIG_HEADER_RULE_H
#define CONFIG_HEADER_RULE_H

#include "setting_site.h"

/*
 * Parses `Name: template` into a rule. earlier are the rules of the same list so far.
 * ERROR_BAD_CONFIG: wrong and reported.
 */
struct result header_rule_parse(const struct setting_site *site,
                                const struct config_header_rule *earlier, size_t earlier_count,
                                struct config_header_rule *ret_rule);

/* Parses the name of a header that clients may not send. */
struct result header_rule_parse_name(const struct setting_site *site, struct config_text *ret_name);

#endif
