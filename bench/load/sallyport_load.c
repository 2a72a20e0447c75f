/*
 * sallyport-load: load for a TLS server. Reads the command line, has the run done, writes its
 * reports.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "comparison.h"
#include "identity_set.h"
#include "options.h"
#include "options_help.h"
#include "report.h"
#include "run.h"
#include "target.h"
#include "tls_client.h"

/* The Makefile says it when it compiles this file; linters compile it without. */
#ifndef SALLYPORT_VERSION
#define SALLYPORT_VERSION "unknown"
#endif

enum exit_status {
    EXIT_FINE = 0,
    EXIT_MISSED = 1, /* a limit, or everything */
    EXIT_WRONG_USAGE = 2,
};

static int complain(enum exit_status status, const char *message)
{
    (void)fprintf(stderr, "sallyport-load: %s%s\n", message,
                  status == EXIT_WRONG_USAGE ? "; see `sallyport-load --help`" : "");
    return (int)status;
}

/* A file is there as a whole or the run fails: it may be what a pipeline goes on with. */
static bool write_file(const char *path,
                       void (*report)(FILE *output, const struct results *results),
                       const struct results *results)
{
    FILE *file = fopen(path, "we");
    if (file != NULL) {
        report(file, results);
        bool is_written = ferror(file) == 0;
        if (fclose(file) == 0 && is_written) {
            return true;
        }
    }
    (void)fprintf(stderr, "sallyport-load: %s: %s\n", path, strerror(errno));
    return false;
}

static bool write_reports(const struct plan *plan, const struct results *results)
{
    const struct {
        const char *path;
        void (*report)(FILE *output, const struct results *results);
    } files[] = {{plan->json_path, report_json},
                 {plan->hgrm_path, report_hgrm},
                 {plan->html_path, report_html}};
    bool is_written = true;
    bool is_json = plan->wants_json && plan->json_path == NULL;
    (is_json ? report_json : report_text)(stdout, results);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i].path != NULL) {
            is_written &= write_file(files[i].path, files[i].report, results);
        }
    }
    return is_written;
}

static enum exit_status judge(const struct results *results)
{
    bool is_fine = results->tally->operations > 0;
    for (size_t i = 0; i < results->limit_count; i++) {
        is_fine &= results->limits[i].is_kept;
    }
    return is_fine ? EXIT_FINE : EXIT_MISSED;
}

static int run_plan(const struct plan *plan, const struct target *target,
                    const struct identity_set *identities)
{
    struct results results;
    char message[RUN_MESSAGE_SIZE];
    struct result result = run_execute(plan, target, identities, &results, message);
    if (!result_is_ok(result)) {
        return complain(result.code == ERROR_BAD_INPUT ? EXIT_WRONG_USAGE : EXIT_MISSED, message);
    }
    enum exit_status status = judge(&results);
    if (!write_reports(plan, &results)) {
        status = EXIT_MISSED;
    }
    run_free_results(&results);
    return (int)status;
}

static int load(const struct plan *plan)
{
    static struct target target;
    struct identity_set identities = {0};
    char target_message[TARGET_MESSAGE_SIZE];
    char identity_message[IDENTITY_SET_MESSAGE_SIZE];
    struct result result = target_read(plan, &target, target_message);
    if (!result_is_ok(result)) {
        return complain(result.code == ERROR_BAD_INPUT ? EXIT_WRONG_USAGE : EXIT_MISSED,
                        target_message);
    }
    if (!result_is_ok(tls_client_start())) {
        return complain(EXIT_MISSED, "the TLS library does not start");
    }
    if (!result_is_ok(identity_set_load(plan, &identities, identity_message))) {
        return complain(EXIT_WRONG_USAGE, identity_message);
    }
    int status = run_plan(plan, &target, &identities);
    identity_set_free(&identities);
    return (int)status;
}

static int compare(const struct plan *plan)
{
    char message[COMPARISON_MESSAGE_SIZE];
    bool is_worse;
    if (!result_is_ok(comparison_print(stdout, plan, &is_worse, message))) {
        return complain(EXIT_WRONG_USAGE, message);
    }
    return is_worse ? EXIT_MISSED : EXIT_FINE;
}

static int carry_out(int argument_count, char **arguments)
{
    struct plan plan;
    char message[OPTIONS_MESSAGE_SIZE];
    switch (options_read(argument_count, arguments, &plan, message)) {
    case OPTIONS_HELP:
        options_help_print(stdout);
        return EXIT_FINE;
    case OPTIONS_MANUAL:
        options_help_print_manual(stdout, "sallyport-load " SALLYPORT_VERSION);
        return EXIT_FINE;
    case OPTIONS_VERSION:
        (void)puts("sallyport-load " SALLYPORT_VERSION);
        return EXIT_FINE;
    case OPTIONS_WRONG:
        return complain(EXIT_WRONG_USAGE, message);
    case OPTIONS_RUN:
        break;
    }
    return plan.compares ? compare(&plan) : load(&plan);
}

/* What is printed into a file on a full disk is not done. */
int main(int argument_count, char **arguments)
{
    (void)signal(SIGPIPE, SIG_IGN);
    int status = carry_out(argument_count, arguments);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        (void)complain(EXIT_MISSED, "not all could be written to standard output");
        return status == EXIT_FINE ? (int)EXIT_MISSED : status;
    }
    return status;
}
