/*
 * The running gateway: everything that is started, in its order, and stopped in the reverse one.
 * The calling thread becomes the control thread.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "base/result.h"

/*
 * Runs until SIGTERM, SIGINT or SIGQUIT. Says on standard error what keeps it from starting; then
 * nothing is left behind. RESULT_OK after a clean stop.
 */
struct result gateway_run(const char *config_path);

#endif
