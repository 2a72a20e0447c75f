/*
 * From a configuration file to a generation: reading, loading every certificate and key, resolving
 * every name. Called by the control thread and by `sallyport check`; blocks.
 */
#ifndef CONTROL_GENERATION_BUILDER_H
#define CONTROL_GENERATION_BUILDER_H

#include "config/diagnostics.h"
#include "proxy/generation.h"

/*
 * Every mistake goes to diagnostics, those of all files in one run; with any error there is no
 * generation: ERROR_BAD_CONFIG, ERROR_NAME_UNRESOLVED, or what is the fault of no file:
 * ERROR_OUT_OF_MEMORY, ERROR_TLS_LIBRARY, ERROR_SYSTEM.
 */
struct result generation_builder_build(const char *path, struct diagnostics *diagnostics,
                                       struct generation **ret_generation);

/* Builds one, takes it down again, and tells besides what a start would fail for (start_check.h):
 * ERROR_BAD_CONFIG for that, too. Forks; for a process with one thread. */
struct result generation_builder_check(const char *path, struct diagnostics *diagnostics);

/* Frees what is trusted and the certificates, which nobody uses any more; the rest is still used.
 */
void generation_builder_end_trust(struct generation *generation);

/* Accepts NULL. No thread may use it any more. */
void generation_builder_destroy(struct generation *generation);

#endif
