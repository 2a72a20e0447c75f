/* The options as rows, and what is read from the rows; see the header. Called by main(). */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "base/check.h"
#include "limit.h"
#include "mode.h"
#include "quantity.h"

enum option_kind {
    OPTION_FLAG,
    OPTION_COUNT,
    OPTION_SIZE,
    OPTION_DURATION,
    OPTION_STRING,
    OPTION_LIST,          /* may be given several times */
    OPTION_OPTIONAL_FILE, /* --json or --json=FILE: a flag, and a path behind it */
    OPTION_TITLE,         /* a heading of --help */
};

/* Beyond the letters; only their difference counts. */
#define FIRST_LONG_ONLY 256
#define FIELD(member)   offsetof(struct plan, member)
#define LATENCY(place)  (offsetof(struct plan, latency_max_ns) + (place) * sizeof(uint64_t))
#define NONE            SIZE_MAX
#define SECOND          UINT64_C(1000000000)
#define DURATION_MAX_NS (86400 * SECOND)

struct option_row {
    enum option_kind kind;
    int letter; /* 0: only the long name */
    const char *name;
    const char *argument;
    size_t field;
    size_t flag; /* a bool that says it was given, or NONE */
    uint64_t least;
    uint64_t most;
    const char *initial; /* as it would be written; NULL: none */
    const char *help;
};

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_TITLE, 0, "Load", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_COUNT,    'c', "connections", "N",  FIELD(connection_count), NONE, 1, PLAN_CONNECTIONS_MAX, "8",   "connections at a time"},
    {OPTION_COUNT,    't', "threads",     "N",  FIELD(thread_count),     NONE, 1, PLAN_THREADS_MAX,     "1",   "threads, each pinned to a CPU"},
    {OPTION_DURATION, 'd', "duration",    "T",  FIELD(duration_ns),      FIELD(has_duration), 1000000, DURATION_MAX_NS, "10s", "how long is measured; with -n no limit unless given"},
    {OPTION_COUNT,    'n', "count",       "N",  FIELD(operation_count),  NONE, 1, UINT32_MAX,           NULL,  "end after N operations, if that is earlier"},
    {OPTION_COUNT,    'r', "rate",        "N",  FIELD(rate),             NONE, 1, 10000000,             NULL,  "open loop: N operations a second, each counted from when it should have begun"},
    {OPTION_DURATION, 0,   "warmup",      "T",  FIELD(warmup_ns),        FIELD(has_warmup), 0, 3600 * SECOND,  "1s",  "run before that is not measured; with -n none unless given"},
    {OPTION_DURATION, 0,   "timeout",     "T",  FIELD(timeout_ns),       NONE, 1000000, 3600 * SECOND,  "10s", "the longest an operation may take"},
    {OPTION_COUNT,    0,   "requests",    "N",  FIELD(requests_per_connection), NONE, 1, UINT32_MAX,    NULL,  "a new connection after N requests"},
    {OPTION_COUNT,    0,   "storm",       "N",  FIELD(storm_connection_count),  NONE, 1, PLAN_CONNECTIONS_MAX, "8", "mix: connections that do handshakes meanwhile"},
    {OPTION_COUNT,    0,   "storm-rate",  "N",  FIELD(storm_rate),       NONE, 1, 10000000,             NULL,  "mix: handshakes a second; without it as many as go"},

    {OPTION_TITLE, 0, "TLS", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   'E', "cert",        "FILE", FIELD(certificate),    NONE, 0, 0, NULL, "client certificate, then the intermediates it is sent with (PEM)"},
    {OPTION_STRING,   0,   "key",         "FILE", FIELD(key),            NONE, 0, 0, NULL, "its key (PEM, not encrypted); without it, in the file of --cert"},
    {OPTION_STRING,   0,   "cert-folder", "DIR",  FIELD(certificate_folder), NONE, 0, 0, NULL, "many clients: each NAME.key with NAME-chain.pem or NAME.pem"},
    {OPTION_COUNT,    0,   "generate",    "N",    FIELD(generated_count), NONE, 1, PLAN_IDENTITIES_MAX, NULL, "many clients: N new P-256 certificates of --issuer"},
    {OPTION_STRING,   0,   "issuer",      "FILE", FIELD(issuer),         NONE, 0, 0, NULL, "their test CA, then the intermediates above it (PEM)"},
    {OPTION_STRING,   0,   "issuer-key",  "FILE", FIELD(issuer_key),     NONE, 0, 0, NULL, "its P-256 key (PEM)"},
    {OPTION_STRING,   0,   "cacert",      "FILE", FIELD(server_ca),      NONE, 0, 0, NULL, "check the server's certificate and name; without it, it is not checked"},
    {OPTION_STRING,   0,   "server-name", "NAME", FIELD(server_name),    NONE, 0, 0, NULL, "for SNI and Host, instead of the URL's"},
    {OPTION_STRING,   0,   "tls",         "V",    FIELD(tls_version),    NONE, 0, 0, NULL, "1.2 or 1.3 only"},
    {OPTION_STRING,   0,   "groups",      "LIST", FIELD(groups),         NONE, 0, 0, "X25519,P-256", "the first one is used: X25519 P-256 P-384 P-521 X25519MLKEM768"},
    {OPTION_STRING,   0,   "suites",      "LIST", FIELD(suites),         NONE, 0, 0, "TLS_AES_128_GCM_SHA256,ECDHE-ECDSA-AES128-GCM-SHA256,ECDHE-RSA-AES128-GCM-SHA256", "suites of TLS 1.3 and 1.2"},

    {OPTION_TITLE, 0, "Requests", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_SIZE,     'b', "body",        "SIZE", FIELD(body_bytes),     NONE, 1, UINT64_C(1) << 40, NULL, "send SIZE bytes with each request"},
    {OPTION_STRING,   'X', "method",      "WORD", FIELD(method),         NONE, 0, 0, NULL, "instead of GET, or of POST with --body"},
    {OPTION_LIST,     'H', "header",      "LINE", FIELD(fields),         NONE, 0, 0, NULL, "a header field \"Name: value\"; repeatable"},
    {OPTION_COUNT,    0,   "expect",      "CODE", FIELD(expected_status), NONE, 200, 599, NULL, "the status that is no error, instead of any 2xx"},
    {OPTION_FLAG,     0,   "no-request",  NULL,   FIELD(is_without_request), NONE, 0, 0, NULL, "handshake, resume: close after the handshake"},

    {OPTION_TITLE, 0, "Machine", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   0,   "source",      "NET",  FIELD(source),         NONE, 0, 0, NULL, "connect from every address of an IPv4 network, such as 127.0.0.0/16"},
    {OPTION_STRING,   0,   "cpus",        "LIST", FIELD(cpus),           NONE, 0, 0, NULL, "the CPUs of the threads, such as 1,3-5; else from the last one down"},
    {OPTION_FLAG,     0,   "no-pinning",  NULL,   FIELD(is_unpinned),    NONE, 0, 0, NULL, "let the kernel place the threads"},
    {OPTION_STRING,   'p', "server-pid",  "LIST", FIELD(server_processes), NONE, 0, 0, NULL, "the server's processes: its CPU time and system calls an operation, its memory"},

    {OPTION_TITLE, 0, "Results", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   0,   "label",       "TEXT", FIELD(label),          NONE, 0, 0, NULL, "a name for this run in its reports"},
    {OPTION_OPTIONAL_FILE, 0, "json",     "FILE", FIELD(json_path),      FIELD(wants_json), 0, 0, NULL, "as JSON: --json instead of text, --json=FILE besides"},
    {OPTION_STRING,   0,   "hgrm",        "FILE", FIELD(hgrm_path),      NONE, 0, 0, NULL, "the latencies as HdrHistogram's plotters read them"},
    {OPTION_STRING,   0,   "html",        "FILE", FIELD(html_path),      NONE, 0, 0, NULL, "a page with charts, in one file"},
    {OPTION_FLAG,     'q', "quiet",       NULL,   FIELD(is_quiet),       NONE, 0, 0, NULL, "no progress on standard error"},
    {OPTION_FLAG,     0,   "compare",     NULL,   FIELD(compares),       NONE, 0, 0, NULL, "no run: show two results of --json beside each other"},

    {OPTION_TITLE, 0, "Limits, for exit status 1 when missed", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_DURATION, 0,   "max-p50",     "T",  LATENCY(LIMIT_P50),   NONE, 1, 3600 * SECOND, NULL, "half of the operations take at most T"},
    {OPTION_DURATION, 0,   "max-p90",     "T",  LATENCY(LIMIT_P90),   NONE, 1, 3600 * SECOND, NULL, NULL},
    {OPTION_DURATION, 0,   "max-p99",     "T",  LATENCY(LIMIT_P99),   NONE, 1, 3600 * SECOND, NULL, NULL},
    {OPTION_DURATION, 0,   "max-p999",    "T",  LATENCY(LIMIT_P999),  NONE, 1, 3600 * SECOND, NULL, "999 of 1,000"},
    {OPTION_DURATION, 0,   "max-latency", "T",  LATENCY(LIMIT_MOST),  NONE, 1, 3600 * SECOND, NULL, "all of them"},
    {OPTION_COUNT,    0,   "min-rate",    "N",  FIELD(rate_min),      NONE, 1, UINT32_MAX,    NULL, "at least N operations a second"},
    {OPTION_COUNT,    0,   "max-errors",  "N",  FIELD(errors_max),    FIELD(limits_errors), 0, UINT32_MAX, NULL, "at most N operations fail; 0 allows none"},
    {OPTION_DURATION, 0,   "max-cpu",     "T",  FIELD(server_cpu_max_ns), NONE, 1, 3600 * SECOND, NULL, "CPU time of --server-pid an operation, such as 200us"},
    {OPTION_COUNT,    0,   "max-regression", "PERCENT", FIELD(regression_max_percent), FIELD(limits_regression), 0, 1000000, NULL, "--compare: the second result is worse by no more than that"},

    {OPTION_TITLE, 0, "About", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_FLAG,     'h', "help",        NULL,   NONE, NONE, 0, 0, NULL, "this text"},
    {OPTION_FLAG,     'V', "version",     NULL,   NONE, NONE, 0, 0, NULL, "the version"},
};
/* clang-format on */

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const char *const exit_text =
    "Exit status: 0 fine, 1 a limit was missed or no operation succeeded, 2 wrong usage.\n";

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
    if (row->flag != NONE) {
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
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].initial != NULL) {
            CHECK(take_value(&rows[i], rows[i].initial, plan, message));
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
        plan->duration_ns = DURATION_MAX_NS;
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
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].kind == OPTION_TITLE) {
            continue;
        }
        *long_options++ =
            (struct option){rows[i].name, has_argument(&rows[i]), NULL, FIRST_LONG_ONLY + (int)i};
        if (rows[i].letter != 0) {
            *letters++ = (char)rows[i].letter;
            if (rows[i].argument != NULL) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    *long_options = (struct option){0};
}

static const struct option_row *row_of(int value)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (value == FIRST_LONG_ONLY + (int)i || (value != 0 && value == rows[i].letter)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The words that are no options: a mode and a URL, or two files to compare. */
struct operands {
    const char *at[2];
    size_t count;
};

static bool judge_operands(const struct operands *operands, struct plan *plan,
                           char message[OPTIONS_MESSAGE_SIZE])
{
    if (plan->compares) {
        plan->compared[0] = operands->at[0];
        plan->compared[1] = operands->at[1];
        return operands->count == 2 || refuse(message, "--compare needs two result files");
    }
    if (operands->count == 0) {
        return refuse(message,
                      "the mode is missing: handshake, resume, request, bulk, idle or mix");
    }
    if (!mode_find(operands->at[0], &plan->mode)) {
        return refuse(message,
                      "there is no mode '%.60s': handshake, resume, request, bulk, idle or mix",
                      operands->at[0]);
    }
    plan->url = operands->at[1];
    return operands->count == 2 ||
           refuse(message, "the URL is missing, such as https://127.0.0.1:8443/");
}

/* What cannot be together, or is of no use alone; the first that holds is told. */
static bool judge_plan(const struct plan *plan, char message[OPTIONS_MESSAGE_SIZE])
{
    const struct mode *mode = mode_of(plan->mode);
    bool generates = plan->generated_count > 0;
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
        {plan->is_without_request && mode->keeps, "--no-request is for handshake and resume"},
        {mode->holds && (plan->rate > 0 || plan->operation_count > 0),
         "idle has no --rate and no --count"},
        {!mode->storms && plan->storm_rate > 0, "--storm-rate is for mix"},
        {plan->cpus != NULL && plan->is_unpinned, "--cpus and --no-pinning exclude each other"},
        {plan->server_cpu_max_ns > 0 && plan->server_processes == NULL,
         "--max-cpu needs --server-pid"},
        {plan->thread_count > plan->connection_count,
         "more threads than connections: give -c at least the number of -t"},
        {plan->limits_regression, "--max-regression is for --compare"},
    };
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (mistakes[i].is_wrong) {
            return refuse(message, "%s", mistakes[i].text);
        }
    }
    return true;
}

static bool take_operand(struct operands *operands, const char *word,
                         char message[OPTIONS_MESSAGE_SIZE])
{
    if (operands->count == 2) {
        return refuse(message, "unexpected argument %.100s", word);
    }
    operands->at[operands->count++] = word;
    return true;
}

static enum options_answer answer_of_letter(int letter)
{
    return letter == 'h' ? OPTIONS_HELP : letter == 'V' ? OPTIONS_VERSION : OPTIONS_RUN;
}

/* One option of getopt_long(), or a word that is none. */
static enum options_answer take_option(int value, struct operands *operands, struct plan *plan,
                                       char message[OPTIONS_MESSAGE_SIZE])
{
    const struct option_row *row = row_of(value);
    bool is_taken;
    if (value == 1) {
        is_taken = take_operand(operands, optarg, message);
    } else if (row == NULL) {
        is_taken = false;
    } else if (row->field == NONE) {
        return answer_of_letter(row->letter);
    } else {
        is_taken = take_value(row, optarg, plan, message);
    }
    return is_taken ? OPTIONS_RUN : OPTIONS_WRONG;
}

enum options_answer options_read(int argument_count, char **arguments, struct plan *ret_plan,
                                 char message[OPTIONS_MESSAGE_SIZE])
{
    struct option long_options[ROW_COUNT + 1];
    char letters[2 * ROW_COUNT + 3];
    struct operands operands = {0};
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
        enum options_answer answer = take_option(value, &operands, ret_plan, message);
        if (answer != OPTIONS_RUN) {
            return answer;
        }
    }
    while (optind < argument_count) {
        if (!take_operand(&operands, arguments[optind++], message)) {
            return OPTIONS_WRONG;
        }
    }
    bool is_right = judge_operands(&operands, ret_plan, message) &&
                    (ret_plan->compares || judge_plan(ret_plan, message));
    if (!is_right) {
        return OPTIONS_WRONG;
    }
    settle_times(ret_plan);
    return OPTIONS_RUN;
}

static void print_row(FILE *output, const struct option_row *row)
{
    char names[64];
    (void)snprintf(names, sizeof(names), "%c%c%s --%s%s%s", row->letter == 0 ? ' ' : '-',
                   row->letter == 0 ? ' ' : row->letter, row->letter == 0 ? " " : ",", row->name,
                   row->kind == OPTION_OPTIONAL_FILE ? "="
                   : row->argument == NULL           ? ""
                                                     : " ",
                   row->argument == NULL ? "" : row->argument);
    (void)fprintf(output, "  %-28s %s", names,
                  row->help == NULL ? "as --max-p50, of 90 (99) of 100" : row->help);
    if (row->initial != NULL) {
        (void)fprintf(output, "%s(%s)",
                      strlen(row->initial) > 20 ? "\n                                 " : " ",
                      row->initial);
    }
    (void)fputc('\n', output);
}

void options_print_help(FILE *output)
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
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].kind == OPTION_TITLE) {
            (void)fprintf(output, "\n%s:\n", rows[i].name);
        } else {
            print_row(output, &rows[i]);
        }
    }
    (void)fprintf(output,
                  "\nTimes take ns us ms s m h, sizes k m g (1,000) and ki mi gi (1,024).\n%s",
                  exit_text);
}

/* man(7) reads a minus as a hyphen and a leading dot as a request. */
static void print_for_manual(FILE *output, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '-' || *text == '\\') {
            (void)fputc('\\', output);
        }
        (void)fputc(*text, output);
    }
}

void options_print_manual(FILE *output)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &rows[i];
        if (row->kind == OPTION_TITLE) {
            (void)fprintf(output, ".SS %s\n", row->name);
            continue;
        }
        (void)fputs(".TP\n\\fB", output);
        if (row->letter != 0) {
            (void)fprintf(output, "\\-%c\\fR, \\fB", row->letter);
        }
        (void)fputs("\\-\\-", output);
        print_for_manual(output, row->name);
        (void)fprintf(output, "\\fR%s\\fI%s\\fR\n", row->kind == OPTION_OPTIONAL_FILE ? "=" : " ",
                      row->argument == NULL ? "" : row->argument);
        print_for_manual(output, row->help == NULL ? "as --max-p50" : row->help);
        if (row->initial != NULL) {
            (void)fputs(" (", output);
            print_for_manual(output, row->initial);
            (void)fputc(')', output);
        }
        (void)fputc('\n', output);
    }
}
