/*
 * What a start would fail for although the configuration and its files are right: where logs and
 * the stats socket go, and addresses. `sallyport check`'s, on its only thread.
 */
#ifndef CONTROL_START_CHECK_H
#define CONTROL_START_CHECK_H

#include "config/config.h"

/*
 * Puts into diagnostics, without touching what a running gateway uses: errors for what every start
 * from here fails for; warnings for what depends on who starts it, and for folders that a service
 * manager may make. config may be a draft: a line with an error gets no second one.
 */
void start_check_tell(const struct config *config, struct diagnostics *diagnostics);

#endif
