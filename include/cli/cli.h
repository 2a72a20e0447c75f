/*
 * The command line: `sallyport COMMAND [OPTIONS]`. Called by main() alone.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/result.h"

/* Exit status of every command. */
enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_WRONG_USAGE = 2 };

/* Runs the gateway with a configuration file until it is told to stop. */
typedef struct result (*cli_gateway)(const char *config_path);

/* Runs the command that the arguments name and returns the exit status. */
int cli_run(int argument_count, char **arguments, cli_gateway run_gateway);

#endif
