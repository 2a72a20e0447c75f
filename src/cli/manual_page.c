/*
 * What is not in the tables of the command line (signals, the environment, files) is in tables
 * here; the settings have a page of their own (config_manual).
 */
#include "manual_page.h"

#include <ctype.h>
#include <string.h>

#include "base/roff.h"
#include "base/text.h"
#include "command.h"
#include "control/stats_manual.h"
#include "manual_log.h"

#define TITLE_BYTES_MAX 256

struct entry {
    const char *word;
    const char *text;
};

/* clang-format off */
static const struct entry signals[] = {
    {"SIGTERM, SIGINT", "`/readyz` says 503; after `drain_delay`, which is 0s by default, no new clients; the requests under way are finished,\nfor `drain_timeout` at most; then the gateway ends. A second one ends it at once."},
    {"SIGQUIT", "The gateway ends at once."},
    {"SIGHUP", "The configuration, certificates, keys and CA files are read anew, without a client noticing. With any mistake, which is said\nin `error_log`, the configuration in use stays. With `watch` = on the same happens by itself when one of them changes."},
    {"SIGUSR1", "The logs are opened anew, after a rotation."},
    {"SIGUSR2", "The counters are printed into `error_log`, which is standard error by default."},
};

static const struct entry exit_statuses[] = {
    {"0", "Done, and all is well."},
    {"1", "It failed, or something is wrong with what was looked at; standard error says what."},
    {"2", "The command line is not understood."},
};

static const struct entry environment[] = {
    {"NOTIFY_SOCKET", "Where the service manager is told of readiness, reloads and the end (sd_notify(3)): a path, or @ and an abstract\nname."},
    {"WATCHDOG_USEC, WATCHDOG_PID", "The service manager's watchdog (sd_watchdog_enabled(3)). It is fed only while every worker makes progress."},
    {"LISTEN_FDS, LISTEN_PID", "Listening TCP sockets that the service manager passes (sd_listen_fds(3)). Each must have the address of a listener,\nwhich is then not opened anew. One socket for an address is shared by all workers; several are dealt to them in turn, as many as\nthere are workers at most. Who connects while the gateway is restarted waits and is served."},
    {"NO_COLOR", "When it is set, messages on a terminal have no colours."},
};

static const struct entry files[] = {
    {"/etc/sallyport/sallyport.conf", "The configuration of the service."},
    {"/run/sallyport/", "The stats socket of the service."},
    {"/var/log/sallyport/", "The logs of the service; rotated by logrotate(8), which sends SIGUSR1."},
};
/* clang-format on */

#define PRINT_ENTRIES(output, entries) \
    print_entries((output), (entries), sizeof(entries) / sizeof((entries)[0]))

static void print_entries(FILE *output, const struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        roff_print_item(output, entries[i].word, "");
        roff_print_text(output, entries[i].text);
    }
}

/* The row's help begins with the option itself; two blanks or more end that. */
static void print_option(FILE *output, const struct command_option_row *option)
{
    char memory[TITLE_BYTES_MAX];
    struct text title = text_over(memory, sizeof(memory));
    const char *start = option->help + strspn(option->help, " ");
    const char *end = strstr(start, "  ");
    end = end == NULL ? start + strlen(start) : end;
    text_append(&title, bytes_from(start, (size_t)(end - start)));
    roff_print_item(output, text_terminate(&title), "");
    roff_print_text(output, end + strspn(end, " "));
}

static void print_command(FILE *output, const struct command_row *command)
{
    char memory[TITLE_BYTES_MAX];
    struct text title = text_over(memory, sizeof(memory));
    text_append_format(&title, "sallyport %s%s%s%s", command->name,
                       command->needs_config ? " -c FILE" : "", command->operand == NULL ? "" : " ",
                       command->operand == NULL ? "" : command->operand);
    roff_print_subsection(output, text_terminate(&title));
    struct text summary = text_over(memory, sizeof(memory));
    text_append_char(&summary, (char)toupper((unsigned char)command->summary[0]));
    text_append_format(&summary, "%s.", command->summary + 1);
    roff_print_text(output, text_terminate(&summary));
    if (command->help[0] != '\0') {
        roff_print_paragraph(output, command->help);
    }
    for (size_t i = 0; i < cli_commands.option_count; i++) {
        if (cli_commands.options[i].bit != ~0U &&
            (command->options & cli_commands.options[i].bit) != 0) {
            print_option(output, &cli_commands.options[i]);
        }
    }
}

static void print_commands(FILE *output)
{
    roff_print_section(output, "COMMANDS");
    roff_print_text(output, "Every command tells of itself with `--help`.");
    for (size_t i = 0; i < cli_commands.command_count; i++) {
        print_command(output, &cli_commands.commands[i]);
    }
}

struct result manual_page_print(FILE *output)
{
    roff_print_title(output, "sallyport", 8, command_version_text());
    roff_print_section(output, "NAME");
    roff_print_text(output, "sallyport - mutual-TLS gateway");
    roff_print_section(output, "SYNOPSIS");
    roff_print_text(output, "`sallyport` COMMAND [OPTIONS]");
    roff_print_section(output, "DESCRIPTION");
    roff_print_text(output,
                    "Clients reach Sallyport over TLS. It proves who they are by their "
                    "certificates, and only then passes their requests to the HTTP backends behind "
                    "it. What it does is said in one configuration, see `sallyport.conf`(5).");
    print_commands(output);
    roff_print_section(output, "SIGNALS");
    PRINT_ENTRIES(output, signals);
    roff_print_section(output, "EXIT STATUS");
    PRINT_ENTRIES(output, exit_statuses);
    struct result result = stats_manual_print(output);
    manual_log_print(output);
    roff_print_section(output, "ENVIRONMENT");
    PRINT_ENTRIES(output, environment);
    roff_print_section(output, "FILES");
    PRINT_ENTRIES(output, files);
    roff_print_section(output, "SEE ALSO");
    roff_print_text(output, "`sallyport.conf`(5), `sallyport-load`(1), `systemd.service`(5)");
    return result;
}
