/* The tables as text; see the header. Called by main(). */
#include "options_help.h"

#include <string.h>

#include "base/roff.h"
#include "mode.h"
#include "option_modes.h"
#include "option_table.h"

#define NAMES_SIZE   64
#define HELP_SIZE    256
#define DEFAULT_WIDE 20 /* a longer default has a line of its own */

/* clang-format off */
static const char *const exit_statuses[][2] = {
    {"0", "Fine."},
    {"1", "A limit was missed, no operation succeeded, or there was nothing to measure."},
    {"2", "Wrong usage: the command line, or a file that it names, cannot be used."},
};

static const char *const examples =
    "sallyport-load handshake -c 16 --cert client-chain.pem --key client.key https://edge:8443/\n"
    "sallyport-load request --rate 5000 --max-p99 5ms --json=result.json https://edge:8443/\n"
    "sallyport-load resume --generate 1000 --issuer ca.pem --issuer-key ca.key https://edge:8443/\n"
    "sallyport-load --compare before.json after.json --max-regression 33";

static const char *const description =
    "Makes connections to a TLS server, with client certificates, and counts. A closed loop (the default) has as many operations under "
    "way as there are connections; an open loop (`--rate`) begins them at fixed times and counts each from when it should have begun, so "
    "that a stall of the server is felt by all that it kept waiting. An operation that is given up after `--timeout` is an error, and in the "
    "latency with its time until then; so are those that an open loop could not end, or begin, until the run was over. Other errors, which may "
    "come at once, are not in the latency. A run in which a thread of the client was busy all the time says so: "
    "rate and latency are the client's then. The CPU time of `--server-pid` holds in any case. In mode mix the storm has threads of its own, "
    "which run when no other thread wants their CPU (SCHED_IDLE), so that what is measured waits for the server and not for the client's half "
    "of the handshakes; what a busy CPU leaves undone is missing in the storm, and a storm of less than 95 % of `--storm-rate` is told.";

static const char *const about_options =
    "An option of which modes are named is for these alone, and refused with another one; all others are for every mode. `--compare` takes "
    "`--max-regression`, and none that is for a run.";
/* clang-format on */

static void write_names(const struct option_row *row, char names[NAMES_SIZE])
{
    const char *between = row->kind == OPTION_OPTIONAL_FILE ? "[=" : " ";
    char letter[8] = "";
    if (row->letter != 0) {
        (void)snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    }
    (void)snprintf(names, NAMES_SIZE, "%s--%s%s%s%s", letter, row->name,
                   row->argument == NULL ? "" : between, row->argument == NULL ? "" : row->argument,
                   row->kind == OPTION_OPTIONAL_FILE ? "]" : "");
}

static void print_row(FILE *output, const struct option_row *row)
{
    char names[NAMES_SIZE];
    char help[HELP_SIZE];
    write_names(row, names);
    (void)fprintf(output, "  %s%-*s %s", row->letter == 0 ? "    " : "", row->letter == 0 ? 24 : 28,
                  names, option_modes_help(row, help, sizeof(help)));
    if (row->initial != NULL) {
        (void)fprintf(output, "%s(%s)",
                      strlen(row->initial) > DEFAULT_WIDE ? "\n                                 "
                                                          : " ",
                      row->initial);
    }
    (void)fputc('\n', output);
}

void options_help_print(FILE *output)
{
    (void)fputs("sallyport-load: load for a TLS server, with client certificates.\n\n"
                "Usage: sallyport-load MODE [OPTIONS] https://HOST[:PORT][/PATH]\n"
                "       sallyport-load --compare A.json B.json [--max-regression PERCENT]\n\n"
                "Modes:\n",
                output);
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        (void)fprintf(output, "  %-10s %s\n", mode_of((enum load_mode)mode)->name,
                      mode_of((enum load_mode)mode)->summary);
    }
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        if (option_table[i].kind == OPTION_TITLE) {
            (void)fprintf(output, "\n%s:\n", option_table[i].name);
        } else {
            print_row(output, &option_table[i]);
        }
    }
    (void)fputs(
        "\nWhere modes are named the option is for these alone, and refused with another one.\n"
        "Times take ns us ms s m h, sizes k m g (1,000) and ki mi gi (1,024).\n"
        "Exit status: 0 fine, 1 a limit was missed or no operation succeeded, 2 wrong usage.\n",
        output);
}

static void print_option(FILE *output, const struct option_row *row)
{
    char names[NAMES_SIZE];
    char initial[128] = "";
    char help[HELP_SIZE];
    write_names(row, names);
    if (row->initial != NULL) {
        (void)snprintf(initial, sizeof(initial), " (%s)", row->initial);
    }
    roff_print_item(output, names, initial);
    roff_print_text(output, option_modes_help(row, help, sizeof(help)));
}

void options_help_print_manual(FILE *output, const char *version)
{
    roff_print_title(output, "sallyport-load", 1, version);
    roff_print_section(output, "NAME");
    roff_print_text(output, "sallyport-load - load for a TLS server, with client certificates");
    roff_print_section(output, "SYNOPSIS");
    roff_print_text(output, "`sallyport-load` MODE [OPTIONS] https://HOST[:PORT][/PATH]");
    roff_print_section(output, "DESCRIPTION");
    roff_print_text(output, description);
    roff_print_section(output, "MODES");
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        roff_print_item(output, mode_of((enum load_mode)mode)->name, "");
        roff_print_text(output, mode_of((enum load_mode)mode)->summary);
    }
    roff_print_section(output, "OPTIONS");
    roff_print_text(output, about_options);
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        if (option_table[i].kind == OPTION_TITLE) {
            roff_print_subsection(output, option_table[i].name);
        } else {
            print_option(output, &option_table[i]);
        }
    }
    roff_print_section(output, "EXIT STATUS");
    for (size_t i = 0; i < sizeof(exit_statuses) / sizeof(exit_statuses[0]); i++) {
        roff_print_item(output, exit_statuses[i][0], "");
        roff_print_text(output, exit_statuses[i][1]);
    }
    roff_print_section(output, "EXAMPLES");
    roff_print_example(output, examples);
    roff_print_section(output, "SEE ALSO");
    roff_print_text(output, "`sallyport`(8)");
}
