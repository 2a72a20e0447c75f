/* Reading the command line by the table of options; see the header. Called by main(). */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "mode.h"
#include "option_modes.h"
#include "option_table.h"
#include "quantity.h"

/* Beyond the letters; only their difference counts. */
#define FIRST_LONG_ONLY 256

[[gnu::format(printf, 2, 3)]] static bool refuse(char message[OPTIONS_MESSAGE_SIZE],
                                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, OPTIONS_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

/* A pointer to a member of the plan. */
static void *member_of(struct plan *plan, size_t field)
{
    return (char *)plan + field;
}

static bool read_number(const struct option_row *row, const char *value, uint64_t *ret_number)
{
    if (row->kind == OPTION_DURATION) {
        return quantity_read_duration(value, ret_number);
    }
    return row->kind == OPTION_SIZE ? quantity_read_size(value, ret_number)
                                    : quantity_read_count(value, ret_number);
}

static bool take_number(const struct option_row *row, const char *value, struct plan *plan,
                        char message[OPTIONS_MESSAGE_SIZE])
{
    static const char *const forms[] = {[OPTION_COUNT] = "a number such as 100 or 2k",
                                        [OPTION_SIZE] = "a size such as 64k or 10m",
                                        [OPTION_DURATION] = "a time such as 10s or 500ms"};
    uint64_t number;
    if (!read_number(row, value, &number)) {
        return refuse(message, "--%s %.100s: expected %s", row->name, value, forms[row->kind]);
    }
    if (number < row->least || number > row->most) {
        return refuse(message, "--%s %.100s: %s", row->name, value,
                      number < row->least ? "that is too little" : "that is too much");
    }
    *(uint64_t *)member_of(plan, row->field) = number;
    return true;
}

static bool take_value(const struct option_row *row, const char *value, struct plan *plan,
                       char message[OPTIONS_MESSAGE_SIZE])
{
    if (row->flag != OPTION_NONE) {
        *(bool *)member_of(plan, row->flag) = true;
    }
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)member_of(plan, row->field) = true;
        return true;
    case OPTION_STRING:
    case OPTION_OPTIONAL_FILE:
        *(const char **)member_of(plan, row->field) = value;
        return true;
    case OPTION_LIST: {
        struct plan_list *list = member_of(plan, row->field);
        if (list->count == PLAN_FIELDS_MAX) {
            return refuse(message, "--%s: at most %d times", row->name, PLAN_FIELDS_MAX);
        }
        list->at[list->count++] = value;
        return true;
    }
    case OPTION_COUNT:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return take_number(row, value, plan, message);
    case OPTION_TITLE:
        break;
    }
    CHECK(false);
    return false;
}

static void fill_in_defaults(struct plan *plan)
{
    char message[OPTIONS_MESSAGE_SIZE];
    *plan = (struct plan){0};
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        if (option_table[i].initial != NULL) {
            CHECK(take_value(&option_table[i], option_table[i].initial, plan, message));
        }
    }
    plan->has_duration = false;
    plan->has_warmup = false;
}

/* A run of so many operations begins at once and takes as long as it takes. */
static void settle_times(struct plan *plan)
{
    bool holds = mode_of(plan->mode)->holds;
    if (plan->operation_count > 0 && !plan->has_duration) {
        plan->duration_ns = PLAN_DURATION_MAX_NS;
    }
    if ((plan->operation_count > 0 && !plan->has_warmup) || holds) {
        plan->warmup_ns = 0;
    }
}

static int has_argument(const struct option_row *row)
{
    if (row->kind == OPTION_OPTIONAL_FILE) {
        return optional_argument;
    }
    return row->argument == NULL ? no_argument : required_argument;
}

/* What getopt_long() is given; an option's value is its row, from FIRST_LONG_ONLY on. */
static void list_options(struct option *long_options, char *letters)
{
    *letters++ = '-'; /* Operands come in their order, as if they were options of value 1. */
    *letters++ = ':';
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        if (option_table[i].kind == OPTION_TITLE) {
            continue;
        }
        *long_options++ = (struct option){option_table[i].name, has_argument(&option_table[i]),
                                          NULL, FIRST_LONG_ONLY + (int)i};
        if (option_table[i].letter != 0) {
            *letters++ = (char)option_table[i].letter;
            if (option_table[i].argument != NULL) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    *long_options = (struct option){0};
}

static const struct option_row *row_of(int value)
{
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        if (value == FIRST_LONG_ONLY + (int)i || (value != 0 && value == option_table[i].letter)) {
            return &option_table[i];
        }
    }
    return NULL;
}

/* What the words were. */
struct words {
    const char *operands[2]; /* that are no options: a mode and a URL, or two files to compare */
    size_t operand_count;
    bool has_option[OPTION_TABLE_COUNT];
};

static bool judge_operands(const struct words *words, struct plan *plan,
                           char message[OPTIONS_MESSAGE_SIZE])
{
    if (plan->compares) {
        plan->compared[0] = words->operands[0];
        plan->compared[1] = words->operands[1];
        return words->operand_count == 2 || refuse(message, "--compare needs two result files");
    }
    if (words->operand_count == 0) {
        return refuse(message,
                      "the mode is missing: handshake, resume, request, bulk, idle or mix");
    }
    if (!mode_find(words->operands[0], &plan->mode)) {
        return refuse(message,
                      "there is no mode '%.60s': handshake, resume, request, bulk, idle or mix",
                      words->operands[0]);
    }
    plan->url = words->operands[1];
    return words->operand_count == 2 ||
           refuse(message, "the URL is missing, such as https://127.0.0.1:8443/");
}

/* An option that would do nothing is a mistake: who gave it expects something of it. */
static bool judge_options(const struct words *words, const struct plan *plan,
                          char message[OPTIONS_MESSAGE_SIZE])
{
    unsigned wanted = plan->compares ? OPTION_COMPARING : 1U << plan->mode;
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        char modes[OPTION_MODES_SIZE];
        if (words->has_option[i] && (option_table[i].modes & wanted) == 0) {
            return refuse(message, "--%s is for %s, not for %s", option_table[i].name,
                          option_modes_write(&option_table[i], modes),
                          plan->compares ? "--compare" : mode_of(plan->mode)->name);
        }
    }
    return true;
}

/* What cannot be together, or is of no use alone; the first that holds is told. */
static bool judge_plan(const struct plan *plan, char message[OPTIONS_MESSAGE_SIZE])
{
    bool generates = plan->generated_count > 0;
    bool shapes_request = plan->body_bytes > 0 || plan->method != NULL || plan->fields.count > 0 ||
                          plan->expected_status > 0;
    const struct {
        bool is_wrong;
        const char *text;
    } mistakes[] = {
        {(plan->certificate != NULL) + (plan->certificate_folder != NULL) + generates > 1,
         "--cert, --cert-folder and --generate exclude each other"},
        {plan->key != NULL && plan->certificate == NULL, "--key needs --cert"},
        {generates && (plan->issuer == NULL || plan->issuer_key == NULL),
         "--generate needs --issuer and --issuer-key"},
        {!generates && (plan->issuer != NULL || plan->issuer_key != NULL),
         "--issuer and --issuer-key are for --generate"},
        {plan->tls_version != NULL && strcmp(plan->tls_version, "1.2") != 0 &&
             strcmp(plan->tls_version, "1.3") != 0,
         "--tls is 1.2 or 1.3"},
        {plan->is_without_request && shapes_request,
         "--no-request leaves nothing for --body, --method, --header and --expect"},
        {plan->cpus != NULL && plan->is_unpinned, "--cpus and --no-pinning exclude each other"},
        {plan->server_cpu_max_ns > 0 && plan->server_processes == NULL,
         "--max-cpu needs --server-pid"},
        {plan->thread_count > plan->connection_count,
         "more threads than connections: give -c at least the number of -t"},
    };
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (mistakes[i].is_wrong) {
            return refuse(message, "%s", mistakes[i].text);
        }
    }
    return true;
}

static bool take_operand(struct words *words, const char *word, char message[OPTIONS_MESSAGE_SIZE])
{
    if (words->operand_count == 2) {
        return refuse(message, "unexpected argument %.100s", word);
    }
    words->operands[words->operand_count++] = word;
    return true;
}

/* Of an option that sets nothing. */
static enum options_answer answer_of(const struct option_row *row)
{
    if (row->letter == 'h') {
        return OPTIONS_HELP;
    }
    return row->letter == 'V' ? OPTIONS_VERSION : OPTIONS_MANUAL;
}

/* One option of getopt_long(), or a word that is none. */
static enum options_answer take_option(int value, struct words *words, struct plan *plan,
                                       char message[OPTIONS_MESSAGE_SIZE])
{
    const struct option_row *row = row_of(value);
    bool is_taken;
    if (value == 1) {
        is_taken = take_operand(words, optarg, message);
    } else if (row == NULL) {
        is_taken = false;
    } else if (row->field == OPTION_NONE) {
        return answer_of(row);
    } else {
        words->has_option[row - option_table] = true;
        is_taken = take_value(row, optarg, plan, message);
    }
    return is_taken ? OPTIONS_RUN : OPTIONS_WRONG;
}

enum options_answer options_read(int argument_count, char **arguments, struct plan *ret_plan,
                                 char message[OPTIONS_MESSAGE_SIZE])
{
    struct option long_options[OPTION_TABLE_COUNT + 1];
    char letters[2 * OPTION_TABLE_COUNT + 3];
    struct words words = {0};
    int value;
    list_options(long_options, letters);
    fill_in_defaults(ret_plan);
    optind = 0; /* glibc's way to begin anew: tests call this often. */
    opterr = 0;
    while ((value = getopt_long(argument_count, arguments, letters, long_options, NULL)) != -1) {
        if (value == '?' || value == ':') {
            const char *word = arguments[optind > 1 ? optind - 1 : 1];
            (void)refuse(message, value == ':' ? "%.100s needs a value" : "unknown option %.100s",
                         word);
            return OPTIONS_WRONG;
        }
        enum options_answer answer = take_option(value, &words, ret_plan, message);
        if (answer != OPTIONS_RUN) {
            return answer;
        }
    }
    while (optind < argument_count) {
        if (!take_operand(&words, arguments[optind++], message)) {
            return OPTIONS_WRONG;
        }
    }
    bool is_right = judge_operands(&words, ret_plan, message) &&
                    judge_options(&words, ret_plan, message) &&
                    (ret_plan->compares || judge_plan(ret_plan, message));
    if (!is_right) {
        return OPTIONS_WRONG;
    }
    settle_times(ret_plan);
    return OPTIONS_RUN;
}
