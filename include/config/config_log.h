/*
 * Where a log goes and what its lines look like. Plain values, immutable with the snapshot that
 * they belong to (config.h).
 */
#ifndef CONFIG_CONFIG_LOG_H
#define CONFIG_CONFIG_LOG_H

#include "config/config_values.h"

/* Where a log goes. */
enum config_log_kind {
    CONFIG_LOG_OFF,
    CONFIG_LOG_FILE,
    CONFIG_LOG_STANDARD_OUTPUT,
    CONFIG_LOG_STANDARD_ERROR,
    CONFIG_LOG_SYSLOG,
};

struct config_log {
    struct config_text source; /* as it would be written */
    enum config_log_kind kind;
    const char *path; /* of the file, or of the socket of syslog; else NULL */
};

/* The form of a line of the access log. */
enum config_log_format { CONFIG_LOG_JSON, CONFIG_LOG_COMBINED };

#endif
