/* The options as rows; see the header. Read by options.c and options_help.c. */
#include "option_table.h"

#include "limit.h"
#include "plan.h"

#define FIELD(member)   offsetof(struct plan, member)
#define LATENCY(place)  (offsetof(struct plan, latency_max_ns) + (place) * sizeof(uint64_t))
#define NONE            OPTION_NONE
#define SECOND          UINT64_C(1000000000)
#define DURATION_MAX_NS PLAN_DURATION_MAX_NS

/* clang-format off */
const struct option_row option_table[OPTION_TABLE_COUNT] = {
    {OPTION_TITLE, 0, "Load", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_COUNT,    'c', "connections", "N",  FIELD(connection_count), NONE, 1, PLAN_CONNECTIONS_MAX, "8",   "connections at a time"},
    {OPTION_COUNT,    't', "threads",     "N",  FIELD(thread_count),     NONE, 1, PLAN_THREADS_MAX,     "1",   "threads, each pinned to a CPU; mix: as many again for the storm"},
    {OPTION_DURATION, 'd', "duration",    "T",  FIELD(duration_ns),      FIELD(has_duration), 1000000, DURATION_MAX_NS, "10s", "how long is measured; with -n no limit unless given"},
    {OPTION_COUNT,    'n', "count",       "N",  FIELD(operation_count),  NONE, 1, UINT32_MAX,           NULL,  "end after N operations, if that is earlier"},
    {OPTION_COUNT,    'r', "rate",        "N",  FIELD(rate),             NONE, 1, 10000000,             NULL,  "open loop: N operations a second, each counted from when it should have begun"},
    {OPTION_DURATION, 0,   "warmup",      "T",  FIELD(warmup_ns),        FIELD(has_warmup), 0, 3600 * SECOND,  "1s",  "run before that is not measured; with -n none unless given"},
    {OPTION_DURATION, 0,   "timeout",     "T",  FIELD(timeout_ns),       NONE, 1000000, 3600 * SECOND,  "10s", "the longest an operation may take"},
    {OPTION_COUNT,    0,   "requests",    "N",  FIELD(requests_per_connection), NONE, 1, UINT32_MAX,    NULL,  "a new connection after N requests"},
    {OPTION_COUNT,    0,   "storm",       "N",  FIELD(storm_connection_count),  NONE, 1, PLAN_CONNECTIONS_MAX, "8", "mix: connections that do handshakes meanwhile, when no traffic wants the CPU"},
    {OPTION_COUNT,    0,   "storm-rate",  "N",  FIELD(storm_rate),       NONE, 1, 10000000,             NULL,  "mix: handshakes a second; without it as many as go; the results say when there were fewer"},

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
    {OPTION_STRING,   0,   "groups",      "LIST", FIELD(groups),         NONE, 0, 0, "X25519,P-256", "offered, with a key for the first: X25519 P-256 P-384 P-521 X25519MLKEM768"},
    {OPTION_STRING,   0,   "suites",      "LIST", FIELD(suites),         NONE, 0, 0, "TLS_AES_128_GCM_SHA256,ECDHE-ECDSA-AES128-GCM-SHA256,ECDHE-RSA-AES128-GCM-SHA256", "suites of TLS 1.3 and 1.2"},

    {OPTION_TITLE, 0, "Requests", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_SIZE,     'b', "body",        "SIZE", FIELD(body_bytes),     NONE, 1, UINT64_C(1) << 40, NULL, "send SIZE bytes with each request"},
    {OPTION_STRING,   'X', "method",      "WORD", FIELD(method),         NONE, 0, 0, NULL, "instead of GET, or of POST with --body"},
    {OPTION_LIST,     'H', "header",      "LINE", FIELD(fields),         NONE, 0, 0, NULL, "a header field \"Name: value\"; repeatable"},
    {OPTION_COUNT,    0,   "expect",      "CODE", FIELD(expected_status), NONE, 200, 599, NULL, "the status that is no error, instead of any 2xx"},
    {OPTION_FLAG,     0,   "no-request",  NULL,   FIELD(is_without_request), NONE, 0, 0, NULL, "handshake, resume: close after the handshake"},

    {OPTION_TITLE, 0, "Machine", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   0,   "source",      "NET",  FIELD(source),         NONE, 0, 0, NULL, "connect from every address of an IPv4 network, such as 127.0.0.0/16"},
    {OPTION_STRING,   0,   "cpus",        "LIST", FIELD(cpus),           NONE, 0, 0, NULL, "the CPUs of the threads in turn, such as 1,3-5; else from the last one down"},
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
    {OPTION_DURATION, 0,   "max-p90",     "T",  LATENCY(LIMIT_P90),   NONE, 1, 3600 * SECOND, NULL, "90 of 100"},
    {OPTION_DURATION, 0,   "max-p99",     "T",  LATENCY(LIMIT_P99),   NONE, 1, 3600 * SECOND, NULL, "99 of 100"},
    {OPTION_DURATION, 0,   "max-p999",    "T",  LATENCY(LIMIT_P999),  NONE, 1, 3600 * SECOND, NULL, "999 of 1,000"},
    {OPTION_DURATION, 0,   "max-latency", "T",  LATENCY(LIMIT_MOST),  NONE, 1, 3600 * SECOND, NULL, "all of them"},
    {OPTION_COUNT,    0,   "min-rate",    "N",  FIELD(rate_min),      NONE, 1, UINT32_MAX,    NULL, "at least N operations a second"},
    {OPTION_COUNT,    0,   "max-errors",  "N",  FIELD(errors_max),    FIELD(limits_errors), 0, UINT32_MAX, NULL, "at most N operations fail; 0 allows none"},
    {OPTION_DURATION, 0,   "max-cpu",     "T",  FIELD(server_cpu_max_ns), NONE, 1, 3600 * SECOND, NULL, "CPU time of --server-pid an operation, such as 200us"},
    {OPTION_COUNT,    0,   "max-regression", "PERCENT", FIELD(regression_max_percent), FIELD(limits_regression), 0, 1000000, NULL, "--compare: the second result is worse by no more than that"},

    {OPTION_TITLE, 0, "About", NULL, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_FLAG,     'h', "help",        NULL,   NONE, NONE, 0, 0, NULL, "this text"},
    {OPTION_FLAG,     0,   "manual",      NULL,   NONE, NONE, 0, 0, NULL, "the manual page, for man -l -"},
    {OPTION_FLAG,     'V', "version",     NULL,   NONE, NONE, 0, 0, NULL, "the version"},
};
/* clang-format on */
