/*
 * `sallyport explain`: would these clients get in, and why not. Of the configuration only the
 * profile in question is loaded, so whoever may not read the server's keys can ask too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "client_file_list.h"
#include "command.h"
#include "explanation_table.h"
#include "moment.h"
#include "tls/tls_library.h"

/* Clients whose responders are asked at once: one that is dead is waited for once for all. */
#define AT_ONCE 32

/* What came of the files, and where it is shown. */
struct report {
    const struct command_arguments *arguments;
    struct terminal_style style;
    bool is_list; /* a table, or an array */
    struct explanation_table table;
    size_t shown_count;
    size_t let_in_count;
    size_t refused_by_strict_count; /* let in for the profile's mode alone */
    size_t skipped_count;           /* of a folder: no certificates after all */
};

static int refuse_usage(const char *what, const char *word)
{
    (void)fprintf(stderr, "sallyport explain: %s", what);
    terminal_print_safe(stderr, word);
    (void)fputs("; see `sallyport explain --help`\n", stderr);
    return CLI_WRONG_USAGE;
}

static void list_profiles(const struct config *config)
{
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        (void)fputs(i == 0 ? "" : ", ", stderr);
        terminal_print_safe(stderr, config->ssl_profiles[i].name);
    }
    (void)fputc('\n', stderr);
}

/* The one that is named, or the only one there is; NULL: what is wrong has been said. */
static const struct config_ssl_profile *find_profile(const struct config *config, const char *name)
{
    if (name == NULL && config->ssl_profile_count == 1) {
        return &config->ssl_profiles[0];
    }
    for (size_t i = 0; name != NULL && i < config->ssl_profile_count; i++) {
        if (strcmp(config->ssl_profiles[i].name, name) == 0) {
            return &config->ssl_profiles[i];
        }
    }
    if (name == NULL) {
        (void)fputs("sallyport explain: which profile? give --profile, one of: ", stderr);
    } else {
        (void)fputs("sallyport explain: there is no ssl_profile ", stderr);
        terminal_print_safe(stderr, name);
        (void)fputs(", only: ", stderr);
    }
    list_profiles(config);
    return NULL;
}

/* In a folder: keys and requests have the same endings and are not meant. */
static bool is_skipped(const struct explanation *explanation, bool is_named)
{
    enum client_file_fault fault = explanation->file.fault;
    return !is_named && (fault == CLIENT_FILE_ONLY_PRIVATE_KEY ||
                         fault == CLIENT_FILE_ONLY_OTHER_BLOCKS || fault == CLIENT_FILE_KEY_OR_PFX);
}

static void complain_of_file(const struct explanation *explanation)
{
    char memory[256];
    struct text fault = text_over(memory, sizeof(memory));
    explanation_append_fault(explanation, &fault);
    (void)fputs("sallyport explain: ", stderr);
    terminal_print_safe(stderr, explanation->path);
    if (explanation->file.fault_line > 0) {
        (void)fprintf(stderr, ":%d", explanation->file.fault_line);
    }
    (void)fprintf(stderr, " %s\n", text_terminate(&fault));
}

static struct result show(struct report *report, const struct explanation *explanation)
{
    bool is_first = report->shown_count++ == 0;
    report->let_in_count += explanation->is_let_in ? 1 : 0;
    report->refused_by_strict_count +=
        explanation->is_let_in && !verdict_is_success(&explanation->verdict) ? 1 : 0;
    if (report->arguments->is_json) {
        (void)fputs(is_first ? "" : ",\n", stdout);
        explanation_json_print(explanation, stdout);
    } else if (report->is_list) {
        return explanation_table_add(&report->table, explanation);
    } else if (explanation->is_judged) {
        explanation_text_print(explanation, report->style, stdout);
    } else {
        complain_of_file(explanation);
    }
    return RESULT_OK;
}

/* Of files in a row, whose explanations have begun. */
static struct result finish_some(struct report *report, struct explanation *explanations,
                                 const bool *is_named, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(explanation_finish(&explanations[i]));
        if (is_skipped(&explanations[i], is_named[i])) {
            report->skipped_count++;
        } else {
            TRY(show(report, &explanations[i]));
        }
    }
    return RESULT_OK;
}

static struct result explain_some(struct report *report, const struct client_file_list *files,
                                  const struct explanation_question *question, size_t first)
{
    size_t left = files->count - first;
    size_t count = left < AT_ONCE ? left : AT_ONCE;
    struct result result = RESULT_OK;
    struct explanation *explanations = calloc(count, sizeof(*explanations));
    if (explanations == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < count && result_is_ok(result); i++) {
        result = explanation_begin(&explanations[i], question, files->paths[first + i]);
    }
    if (result_is_ok(result)) {
        result = finish_some(report, explanations, &files->is_named[first], count);
    }
    for (size_t i = 0; i < count; i++) {
        explanation_deinit(&explanations[i]);
    }
    free(explanations);
    return result;
}

static struct result explain_all(struct report *report, const struct client_file_list *files,
                                 const struct explanation_question *question)
{
    struct result result = RESULT_OK;
    for (size_t first = 0; first < files->count && result_is_ok(result); first += AT_ONCE) {
        result = explain_some(report, files, question, first);
    }
    return result;
}

static void print_totals(const struct report *report)
{
    (void)printf("%zu let in, %zu refused", report->let_in_count,
                 report->shown_count - report->let_in_count);
    if (report->refused_by_strict_count > 0) {
        (void)printf("; the profile forwards everybody, strict would refuse %zu of them",
                     report->refused_by_strict_count);
    }
    if (report->skipped_count > 0) {
        (void)printf("; %zu %s without a certificate passed over", report->skipped_count,
                     text_noun(report->skipped_count, "file", "files"));
    }
    (void)fputc('\n', stdout);
}

static void begin(const struct report *report)
{
    if (report->arguments->is_json && report->is_list) {
        (void)fputs("{\"clients\": [\n", stdout);
    }
}

static void finish(const struct report *report)
{
    if (report->arguments->is_json) {
        (void)printf(report->is_list ? "],\n\"let_in\": %zu, \"refused\": %zu, \"skipped\": %zu}\n"
                                     : "\n",
                     report->let_in_count, report->shown_count - report->let_in_count,
                     report->skipped_count);
    } else if (report->is_list && report->shown_count > 0) {
        explanation_table_print(&report->table, report->style, stdout);
        print_totals(report);
    }
    if (report->shown_count == 0) {
        (void)fputs("sallyport explain: there is no certificate in the folder: expected files "
                    "ending in .pem, .crt, .cer, .cert or .der\n",
                    stderr);
    }
}

static int fail(struct result result)
{
    (void)fprintf(stderr, "sallyport explain: %s\n", result_text(result));
    return CLI_FAILED;
}

/* The verdicts on all files. */
static int explain(const struct command_arguments *arguments,
                   const struct explanation_question *question)
{
    struct report report = {.arguments = arguments, .style = terminal_style_of(stdout)};
    struct client_file_list files;
    if (!client_file_list_make(&files, arguments->operands, arguments->operand_count)) {
        (void)fputs("sallyport explain: ", stderr);
        terminal_print_safe(stderr, files.failed_place);
        (void)fprintf(stderr, ": %s\n", strerror(files.error_number));
        client_file_list_deinit(&files);
        return CLI_FAILED;
    }
    report.is_list = files.has_folder || arguments->operand_count > 1;
    begin(&report);
    struct result result = explain_all(&report, &files, question);
    finish(&report);
    if (!result_is_ok(result)) {
        (void)fail(result);
    }
    bool is_everybody_in = report.shown_count > 0 && report.let_in_count == report.shown_count;
    explanation_table_deinit(&report.table);
    client_file_list_deinit(&files);
    return result_is_ok(result) && is_everybody_in ? CLI_DONE : CLI_FAILED;
}

/* With the OCSP side of a gateway, if the profile asks for it. */
static int inquire(const struct command_arguments *arguments, const struct config *config,
                   struct explanation_question *question)
{
    struct revocation_inquiry_settings settings = {
        .gateway = &config->gateway,
        .now_seconds = question->now_seconds,
        .is_other_time = arguments->time != NULL,
        .silence = arguments->is_offline     ? INQUIRY_NO_NETWORK
                   : arguments->time != NULL ? INQUIRY_OTHER_TIME
                                             : INQUIRY_ASKS,
    };
    if (revocation_is_wanted(question->policy)) {
        struct result result = revocation_inquiry_open(&settings, &question->inquiry);
        if (!result_is_ok(result)) {
            return fail(result);
        }
    }
    int status = explain(arguments, question);
    revocation_inquiry_close(question->inquiry);
    return status;
}

/* Standard output has one JSON document whatever happens. */
static int fail_to_load(const struct command_arguments *arguments, const struct diagnostics *found)
{
    if (arguments->is_json) {
        (void)fputs("{\"error\": \"the configuration cannot be used\", \"diagnostics\": ", stdout);
        diagnostics_print_json(found, stdout);
        (void)fputs("}\n", stdout);
    } else {
        diagnostics_print(found, stderr);
    }
    return CLI_FAILED;
}

static int explain_with(const struct command_arguments *arguments, const struct config *config,
                        int64_t now_seconds, struct diagnostics *found)
{
    struct trust_policy *policy = NULL;
    struct explanation_question question = {.profile = find_profile(config, arguments->profile),
                                            .now_seconds = now_seconds};
    if (question.profile == NULL) {
        return CLI_WRONG_USAGE;
    }
    if (!result_is_ok(trust_policy_create(question.profile, found, &policy))) {
        return fail_to_load(arguments, found);
    }
    if (!arguments->is_json) {
        diagnostics_print(found, stderr);
    }
    question.policy = policy;
    int status = inquire(arguments, config, &question);
    trust_policy_destroy(policy);
    return status;
}

int command_explain(const struct command_arguments *arguments)
{
    struct diagnostics found;
    struct config *config = NULL;
    int64_t now_seconds = clock_wall_seconds();
    if (arguments->operand_count == 0) {
        return refuse_usage("give the file of a client's certificate, or a folder of them", "");
    }
    if (arguments->time != NULL && !moment_read(arguments->time, &now_seconds)) {
        return refuse_usage("expected a time such as 2027-01-31T12:00:00Z instead of ",
                            arguments->time);
    }
    if (!result_is_ok(tls_library_start())) {
        (void)fprintf(stderr, "sallyport explain: the TLS library cannot start\n");
        return CLI_FAILED;
    }
    diagnostics_init(&found);
    int status = result_is_ok(config_load(arguments->config_path, &found, &config))
                     ? explain_with(arguments, config, now_seconds, &found)
                     : fail_to_load(arguments, &found);
    config_destroy(config);
    diagnostics_deinit(&found);
    tls_library_stop();
    return status;
}
