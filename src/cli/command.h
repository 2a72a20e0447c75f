/*
 * What a command is given and how it is described: a row for each in cli.c. The main thread's.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

/* A set of the options that a command takes. */
enum command_option {
    COMMAND_OPTION_CONFIG = 1,
    COMMAND_OPTION_JSON = 2,
    COMMAND_OPTION_QUIET = 4,
    COMMAND_OPTION_STRICT = 8,
    COMMAND_OPTION_VERBOSE = 16,
    COMMAND_OPTION_PROFILE = 32,
    COMMAND_OPTION_TIME = 64,
    COMMAND_OPTION_NO_NETWORK = 128,
    COMMAND_OPTION_SOCKET = 256,
    COMMAND_OPTION_INTERVAL = 512,
    COMMAND_OPTION_ONCE = 1024,
};

struct command_arguments {
    const char *config_path; /* NULL: not given */
    const char *operand;     /* the word after the command, NULL: none */
    char *const *operands;   /* all of them, operand the first, for a command that takes several */
    size_t operand_count;
    const char *profile;     /* NULL: not given */
    const char *time;        /* as written; NULL: not given */
    const char *socket_path; /* of a running gateway; NULL: not given */
    const char *interval;    /* as written; NULL: not given */
    bool is_json;
    bool is_once;
    bool is_offline; /* --no-network */
    bool is_quiet;
    bool is_strict;
    bool is_verbose;
    cli_gateway run_gateway;
};

struct command_row {
    const char *name;
    int (*function)(const struct command_arguments *arguments);
    unsigned options; /* set of enum command_option */
    bool needs_config;
    const char *operand; /* what may follow, several when it ends in "..."; NULL: nothing */
    const char *summary;
    const char *help;
};

struct command_option_row {
    unsigned bit; /* of enum command_option; all bits: every command takes it */
    struct option option;
    const char *help; /* "-c, --config FILE   the configuration" */
};

/* What the help, the manual page and the completion are printed from. */
struct command_table {
    const struct command_row *commands;
    size_t command_count;
    const struct command_option_row *options;
    size_t option_count;
};

extern const struct command_table cli_commands;

/* This program and its version: "sallyport 1.2.3". */
const char *command_version_text(void);

/* Each returns an enum cli_status. */
int command_run(const struct command_arguments *arguments);
int command_check(const struct command_arguments *arguments);
int command_explain(const struct command_arguments *arguments);
int command_config(const struct command_arguments *arguments);
int command_version(const struct command_arguments *arguments);
int command_status(const struct command_arguments *arguments);
int command_top(const struct command_arguments *arguments);
int command_reload(const struct command_arguments *arguments);
int command_drain(const struct command_arguments *arguments);
int command_backend(const struct command_arguments *arguments);
int command_stop(const struct command_arguments *arguments);
int command_demo(const struct command_arguments *arguments);
int command_manual(const struct command_arguments *arguments);
int command_completion(const struct command_arguments *arguments);

#endif
