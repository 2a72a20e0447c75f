/*
 * From a configuration file to a generation: reading, loading every certificate and key, resolving
 * every name. Called by the control thread and by `sallyport check`; blocks.
 */
#ifndef CONTROL_GENERATION_BUILDER_H
#define CONTROL_GENERATION_BUILDER_H

#include "config/diagnostics.h"
#include "proxy/generation.h"

/*
 * Every mistake goes to diagnostics, those of all files in one run. ERROR_BAD_CONFIG with any
 * error, and no generation.
 */
struct result generation_builder_build(const char *path, struct diagnostics *diagnostics,
                                       struct generation **ret_generation);

/* Frees what is trusted and the certificates, which nobody uses any more; the rest is still used.
 */
void generation_builder_end_trust(struct generation *generation);

/* Accepts NULL. No thread may use it any more. */
void generation_builder_destroy(struct generation *generation);

#endif
