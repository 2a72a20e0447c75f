/* What of a configuration with mistakes is fit to look for more of them. Used by config.c. */
#ifndef CONFIG_CONFIG_DRAFT_H
#define CONFIG_CONFIG_DRAFT_H

#include "config/config.h"

/*
 * Takes out of draft, which was read with the errors in diagnostics, all that would only lead to
 * complaints that follow from those: files in whose line an error was found, and what is without
 * sense when something beside it is missing. The promise is config_load_or_draft()'s.
 */
void config_draft_prune(struct config *draft, const struct diagnostics *diagnostics);

#endif
