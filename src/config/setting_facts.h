/* What a row of the schema says of a setting, in sentences. Any thread; no state. */
#ifndef CONFIG_SETTING_FACTS_H
#define CONFIG_SETTING_FACTS_H

#include "base/text.h"
#include "schema.h"

/* The help of the row as a sentence: what the setting is for. */
void setting_facts_append_help(struct text *text, const struct setting *row);

/* "Required. May be repeated, up to 8 times. From 100ms to 1h. Default: 5s. A change ..." */
void setting_facts_append(struct text *text, const struct setting *row);

#endif
