/*
 * Where a gateway with this configuration listens for commands, found without judging the rest: a
 * command that speaks to a running gateway must work while its file is full of mistakes.
 */
#ifndef CONFIG_CONFIG_SOCKET_H
#define CONFIG_CONFIG_SOCKET_H

#include "base/result.h"
#include "config/config_limits.h"
#include "config/diagnostics.h"

/*
 * The stats_socket of the file at path and what it includes, absolute. ERROR_NOT_FOUND: there is
 * none; when that is because of what cannot be read, it is in diagnostics. ERROR_OUT_OF_MEMORY.
 */
struct result config_socket_find(const char *path, struct diagnostics *diagnostics,
                                 char ret_socket[CONFIG_SOCKET_PATH_BYTES_MAX + 1]);

#endif
