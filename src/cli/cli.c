/*
 * The commands as rows, and what is read from the rows: parsing, help, and what was perhaps meant.
 */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

#define GATEWAY_HELP "Speaks to the gateway over its stats_socket: give -c FILE or --socket PATH.\n"

/* clang-format off */
static const struct command_row commands[] = {
    {"run",     command_run,     COMMAND_OPTION_CONFIG, true, NULL,
     "run the gateway in the foreground",
     "Runs until SIGTERM or SIGINT, which let the requests under way finish, or SIGQUIT, which does not.\n"
     "SIGHUP reloads, SIGUSR1 opens the logs anew, SIGUSR2 prints the counters into error_log.\n"
     "Exit status: 0 after a clean stop, 1 when it could not start."},
    {"check",   command_check,   COMMAND_OPTION_CONFIG | COMMAND_OPTION_JSON | COMMAND_OPTION_QUIET | COMMAND_OPTION_STRICT, true, NULL,
     "read everything that `run` would and tell every mistake",
     "Reads the configuration, certificates, keys and trusted CA files, resolves the names of servers, and looks whether the logs\n"
     "and the stats socket could be made (started as root: by the user of the configuration) and whether the addresses are\n"
     "this machine's. Starts nothing, writes nothing and binds no port, so that a running gateway is not disturbed: a port in\n"
     "use is no mistake. A warning tells what depends on who starts the gateway, or may be made by the service manager.\n"
     "Exit status: 0 fine, 1 mistakes (with --strict warnings too), 2 wrong usage."},
    {"explain", command_explain,
     COMMAND_OPTION_CONFIG | COMMAND_OPTION_PROFILE | COMMAND_OPTION_TIME | COMMAND_OPTION_JSON | COMMAND_OPTION_NO_NETWORK, true,
     "CERTIFICATE...",
     "would this client get in, and if not, why not and what to do",
     "CERTIFICATE is a file with what the client presents, as PEM (its own certificate first, then the intermediates that it\n"
     "sends) or as one certificate in DER; or a folder of such files (.pem .crt .cer .cert .der). For one file all is shown:\n"
     "the path to a trusted root as a tree, each check with its result, the verdict in the words of the access log and until\n"
     "when it holds, and what to do; for several files or a folder a table. A private key in a file is passed over.\n"
     "It is judged by the code of the gateway, with the trusted CAs, rules and switches of the profile; no server key is read.\n"
     "With verify_client_revocation = ocsp the responders are asked, as the gateway would, about what its ocsp_cache_file does\n"
     "not know; that file is only read. With --no-network or --time nobody is asked, and what is not in the file counts as\n"
     "asked of a responder that does not answer. Shown are who was asked, what he said and signed, and for how long it is used.\n"
     "T is 2027-01-31, 2027-01-31T12:00:00Z, \"Jan 31 12:00:00 2027 GMT\" or @SECONDS since 1970, in UTC.\n"
     "Exit status: 0 all get in, 1 somebody does not or a file cannot be judged, 2 wrong usage."},
    {"reload",  command_reload,  COMMAND_OPTION_CONFIG | COMMAND_OPTION_SOCKET, false, NULL,
     "let a running gateway read its configuration anew; waits for the result",
     GATEWAY_HELP "With any mistake the configuration in use stays, and the mistakes are printed; `status` and `top` show the first one until\n"
     "a reload succeeds.\n"
     "Exit status: 0 the new configuration is in use, 1 it is not, 2 wrong usage."},
    {"status",  command_status,  COMMAND_OPTION_CONFIG | COMMAND_OPTION_SOCKET | COMMAND_OPTION_JSON, false, NULL,
     "what a running gateway says of itself: figures, times, certificates about to expire",
     GATEWAY_HELP "When the latest reload failed its first error is shown, and how many there were.\n"
     "Exit status: 0, 1 when it does not answer, 2 wrong usage."},
    {"top",     command_top,     COMMAND_OPTION_CONFIG | COMMAND_OPTION_SOCKET | COMMAND_OPTION_INTERVAL | COMMAND_OPTION_ONCE | COMMAND_OPTION_JSON, false, NULL,
     "watch a running gateway: handshakes, requests, refusals, times, backends, certificates",
     GATEWAY_HELP "Rates and times (p50, p99: half of them, and 99 of 100, took no longer) are those of the latest interval. Ends with q, Ctrl-C\n"
     "or SIGTERM. When the latest reload failed its first error is the third line, and how many there were. A gateway that does not\n"
     "answer any more is asked again until it does. Where the output is no terminal or a dumb one, and with --once, pages are\n"
     "printed one after another; with --json an object on a line each, whose members are in the README.\n"
     "Exit status: 0, 1 when the gateway does not answer at the start, 2 wrong usage."},
    {"backend", command_backend, COMMAND_OPTION_CONFIG | COMMAND_OPTION_SOCKET | COMMAND_OPTION_JSON, false,
     "list | disable BACKEND[/SERVER]... | enable BACKEND[/SERVER]...",
     "the servers behind a running gateway: how they are, out of service, and back",
     GATEWAY_HELP "`backend list` shows each server with its state: up, disabled, down (its checks fail), ejected (requests to it failed)\n"
     "or trial (the next request tries it). `backend disable app/127.0.0.1:8080` gives a server no new requests, `backend disable app`\n"
     "none to all of a backend; those under way finish. A server is named as it is written in the configuration, or by its address.\n"
     "It stays so through reloads, until `backend enable`, or until it leaves the configuration or the gateway ends.\n"
     "Exit status: 0, 1 when there is no such server or the gateway does not answer, 2 wrong usage."},
    {"drain",   command_drain,   COMMAND_OPTION_CONFIG | COMMAND_OPTION_SOCKET, false, NULL,
     "stop a running gateway when its last client has been served, or after drain_timeout",
     GATEWAY_HELP "Returns when the gateway has gone.\n"
     "Exit status: 0 it has gone, 1 it does not answer, 2 wrong usage."},
    {"stop",    command_stop,    COMMAND_OPTION_CONFIG | COMMAND_OPTION_SOCKET, false, NULL,
     "stop a running gateway at once",
     GATEWAY_HELP "Returns when the gateway has gone.\n"
     "Exit status: 0 it has gone, 1 it does not answer, 2 wrong usage."},
    {"config",  command_config,  COMMAND_OPTION_CONFIG | COMMAND_OPTION_JSON, false, "reference | dump",
     "print the reference of all settings, or a configuration as it is understood",
     "`config reference` needs no file. `config dump -c FILE` prints the file with every default filled in."},
    {"version", command_version, COMMAND_OPTION_JSON | COMMAND_OPTION_VERBOSE, false, NULL,
     "print the version; with -v of the libraries, the kernel and io_uring too",
     ""},
    {"demo",    command_demo,    0, false, NULL,
     "a whole working set-up in a temporary folder, with clients good and bad",
     "Shows in a table what clients good, bad and revoked get, and in another one what a fleet gets when its OCSP responder dies.\n"
     "Needs curl, openssl, python3, and nginx where it is there. DEMO_ONCE=1 in the environment ends it after its tables.\n"
     "Exit status: 0 every client got what it should, 1 somebody did not or something did not start."},
    {"manual",  command_manual,  0, false, "sallyport | sallyport.conf",
     "print a manual page: of this program, or of its configuration",
     "In the macros of man(7): `sallyport manual sallyport.conf | man -l -`."},
    {"completion", command_completion, 0, false, "bash | zsh",
     "print what completes this command line in a shell",
     "For the shell at hand: `source <(sallyport completion bash)`."},
};

static const struct command_option_row options[] = {
    {COMMAND_OPTION_CONFIG,  {"config",  required_argument, NULL, 'c'}, "-c, --config FILE   the configuration"},
    {COMMAND_OPTION_SOCKET,  {"socket",  required_argument, NULL, 'S'}, "    --socket PATH   the stats socket of the gateway, instead of -c FILE"},
    {COMMAND_OPTION_PROFILE, {"profile", required_argument, NULL, 'p'}, "    --profile NAME  the ssl_profile that judges; not needed when there is one only"},
    {COMMAND_OPTION_TIME,    {"time",    required_argument, NULL, 't'}, "    --time T        judge as if it were T; the default is now"},
    {COMMAND_OPTION_NO_NETWORK, {"no-network", no_argument, NULL, 'n'}, "    --no-network    ask nobody over the network"},
    {COMMAND_OPTION_JSON,    {"json",    no_argument,       NULL, 'j'}, "    --json          machine-readable output"},
    {COMMAND_OPTION_INTERVAL, {"interval", required_argument, NULL, 'i'}, "    --interval S    seconds between two looks, from 0.1 to 3600; the default is 1"},
    {COMMAND_OPTION_ONCE,    {"once",    no_argument,       NULL, 'o'}, "    --once          look for one interval, print and end"},
    {COMMAND_OPTION_QUIET,   {"quiet",   no_argument,       NULL, 'q'}, "-q, --quiet         say nothing when all is well"},
    {COMMAND_OPTION_STRICT,  {"strict",  no_argument,       NULL, 's'}, "    --strict        take warnings for errors"},
    {COMMAND_OPTION_VERBOSE, {"verbose", no_argument,       NULL, 'v'}, "-v, --verbose       say more"},
    {~0U,                    {"help",    no_argument,       NULL, 'h'}, "-h, --help          this text"},
};
/* clang-format on */

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))
#define OPTION_COUNT  (sizeof(options) / sizeof(options[0]))

const struct command_table cli_commands = {commands, COMMAND_COUNT, options, OPTION_COUNT};

static void print_help(FILE *output)
{
    (void)fputs("Sallyport: a mutual-TLS gateway.\n\nUsage: sallyport COMMAND [OPTIONS]\n\n",
                output);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)fprintf(output, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fputs("\n`sallyport COMMAND --help` tells more of one.\n", output);
}

static void print_command_help(size_t command)
{
    (void)printf("Usage: sallyport %s%s%s%s\n\n%s\n\n", commands[command].name,
                 commands[command].operand == NULL ? "" : " ",
                 commands[command].operand == NULL ? "" : commands[command].operand,
                 commands[command].needs_config ? " -c FILE" : " [OPTIONS]",
                 commands[command].summary);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (commands[command].options & options[i].bit || options[i].bit == ~0U) {
            (void)printf("  %s\n", options[i].help);
        }
    }
    if (commands[command].help[0] != '\0') {
        (void)printf("\n%s\n", commands[command].help);
    }
}

/* COMMAND_COUNT when there is none of that name. */
static size_t find_command(const char *name)
{
    size_t command = 0;
    while (command < COMMAND_COUNT && strcmp(commands[command].name, name) != 0) {
        command++;
    }
    return command;
}

static int refuse_usage(size_t command, const char *what, const char *word)
{
    (void)fprintf(stderr, "sallyport %s: %s%s; see `sallyport %s --help`\n", commands[command].name,
                  what, word, commands[command].name);
    return CLI_WRONG_USAGE;
}

static void take_option(struct command_arguments *taken, int letter)
{
    switch (letter) {
    case 'c':
        taken->config_path = optarg;
        return;
    case 'p':
        taken->profile = optarg;
        return;
    case 't':
        taken->time = optarg;
        return;
    case 'S':
        taken->socket_path = optarg;
        return;
    case 'i':
        taken->interval = optarg;
        return;
    case 'o':
        taken->is_once = true;
        return;
    case 'n':
        taken->is_offline = true;
        return;
    case 'j':
        taken->is_json = true;
        return;
    case 'q':
        taken->is_quiet = true;
        return;
    case 's':
        taken->is_strict = true;
        return;
    default:
        taken->is_verbose = true;
        return;
    }
}

/* The options that command takes, for getopt_long(). */
static void select_options(size_t command, struct option *long_options, char *letters)
{
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (commands[command].options & options[i].bit || options[i].bit == ~0U) {
            long_options[count++] = options[i].option;
            *letters++ = (char)options[i].option.val;
            if (options[i].option.has_arg == required_argument) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    long_options[count] = (struct option){0};
}

static bool takes_several(size_t command)
{
    const char *operand = commands[command].operand;
    size_t length = operand == NULL ? 0 : strlen(operand);
    return length > 3 && strcmp(operand + length - 3, "...") == 0;
}

static int run_command(size_t command, int argument_count, char **arguments,
                       cli_gateway run_gateway)
{
    struct option long_options[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 2];
    struct command_arguments taken = {.run_gateway = run_gateway};
    int letter;
    char program[32];
    (void)snprintf(program, sizeof(program), "sallyport %s", commands[command].name);
    arguments[0] = program; /* what getopt_long() begins its messages with */
    select_options(command, long_options, letters);
    while ((letter = getopt_long(argument_count, arguments, letters, long_options, NULL)) != -1) {
        if (letter == 'h') {
            print_command_help(command);
            return CLI_DONE;
        }
        if (letter == '?') {
            return CLI_WRONG_USAGE; /* getopt_long() has said why */
        }
        take_option(&taken, letter);
    }
    if (optind < argument_count && commands[command].operand != NULL) {
        taken.operand = arguments[optind];
        taken.operands = arguments + optind;
        taken.operand_count = takes_several(command) ? (size_t)(argument_count - optind) : 1;
        optind += (int)taken.operand_count;
    }
    if (optind < argument_count) {
        return refuse_usage(command, "unexpected argument ", arguments[optind]);
    }
    if (commands[command].needs_config && taken.config_path == NULL) {
        return refuse_usage(command, "the configuration is missing: give ", "-c FILE");
    }
    return commands[command].function(&taken);
}

static int run_named(int argument_count, char **arguments, cli_gateway run_gateway)
{
    if (argument_count < 2) {
        print_help(stderr);
        return CLI_WRONG_USAGE;
    }
    const char *name = arguments[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return CLI_DONE;
    }
    size_t command = find_command(strcmp(name, "--version") == 0 ? "version" : name);
    if (command == COMMAND_COUNT) {
        (void)fprintf(stderr, "sallyport: there is no command '%s'; see `sallyport --help`\n",
                      name);
        return CLI_WRONG_USAGE;
    }
    return run_command(command, argument_count - 1, arguments + 1, run_gateway);
}

/* What is printed into a file on a full disk is not done. */
int cli_run(int argument_count, char **arguments, cli_gateway run_gateway)
{
    int status = run_named(argument_count, arguments, run_gateway);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        (void)fputs("sallyport: not all could be written to standard output\n", stderr);
        return status == CLI_DONE ? CLI_FAILED : status;
    }
    return status;
}
