/* The parser behind template_create(), for callers that word the message themselves. */
#ifndef CONFIG_TEMPLATE_PARSE_H
#define CONFIG_TEMPLATE_PARSE_H

#include "base/text.h"
#include "config/template.h"

/*
 * Parses source. ERROR_BAD_CONFIG on a mistake: then ret_problem has had appended what is wrong and
 * what was expected. ERROR_OUT_OF_MEMORY otherwise.
 */
struct result template_parse(const char *source, struct text *ret_problem,
                             struct template **ret_template);

/* The name as it stands in {var_NAME}. */
const char *template_parse_variable_name(enum variable variable);

/* What it yields, for the reference. */
const char *template_parse_variable_help(enum variable variable);

#endif
