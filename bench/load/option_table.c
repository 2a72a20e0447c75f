/* The options as rows; see the header. Read by options.c, options_help.c and option_modes.c. */
#include "option_table.h"

#include "limit.h"
#include "plan.h"

#define FIELD(member)   offsetof(struct plan, member)
#define LATENCY(place)  (offsetof(struct plan, latency_max_ns) + (place) * sizeof(uint64_t))
#define NONE            OPTION_NONE
#define SECOND          UINT64_C(1000000000)
#define DURATION_MAX_NS PLAN_DURATION_MAX_NS

/* Which modes take an option. */
#define IN(mode) (1U << (mode))
#define COMPARE  OPTION_COMPARING
#define RUN      OPTION_RUNNING
#define NEW      (IN(MODE_HANDSHAKE) | IN(MODE_RESUME))
#define KEPT     (IN(MODE_REQUEST) | IN(MODE_BULK) | IN(MODE_MIX))
#define MIX      IN(MODE_MIX)
#define PACED    (RUN & ~IN(MODE_IDLE)) /* operations one after another, over a time */
#define SHARED   (RUN & ~IN(MODE_MIX))  /* what the server uses can be shared out over them */
#define ALWAYS   (RUN | COMPARE)

/* clang-format off */
const struct option_row option_table[OPTION_TABLE_COUNT] = {
    {OPTION_TITLE, 0, "Load", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_COUNT,    'c', "connections", "N",  RUN,     FIELD(connection_count), NONE, 1, PLAN_CONNECTIONS_MAX, "8",   "connections at a time"},
    {OPTION_COUNT,    't', "threads",     "N",  RUN,     FIELD(thread_count),     NONE, 1, PLAN_THREADS_MAX,     "1",   "threads, each pinned to a CPU; mix: as many again for the storm"},
    {OPTION_DURATION, 'd', "duration",    "T",  RUN,     FIELD(duration_ns),      FIELD(has_duration), 1000000, DURATION_MAX_NS, "10s", "how long is measured; with -n no limit unless given"},
    {OPTION_COUNT,    'n', "count",       "N",  PACED,   FIELD(operation_count),  NONE, 1, UINT32_MAX,           NULL,  "end after N operations, if that is earlier"},
    {OPTION_COUNT,    'r', "rate",        "N",  PACED,   FIELD(rate),             NONE, 1, 10000000,             NULL,  "open loop: N operations a second, each counted from when it should have begun"},
    {OPTION_DURATION, 0,   "warmup",      "T",  PACED,   FIELD(warmup_ns),        FIELD(has_warmup), 0, 3600 * SECOND,  "1s",  "run before that is not measured; with -n none unless given"},
    {OPTION_DURATION, 0,   "timeout",     "T",  RUN,     FIELD(timeout_ns),       NONE, 1000000, 3600 * SECOND,  "10s", "the longest an operation may take; what takes longer is an error, and in the latency all the same"},
    {OPTION_COUNT,    0,   "requests",    "N",  KEPT,    FIELD(requests_per_connection), NONE, 1, UINT32_MAX,    NULL,  "a new connection after N requests"},
    {OPTION_COUNT,    0,   "storm",       "N",  MIX,     FIELD(storm_connection_count),  NONE, 1, PLAN_CONNECTIONS_MAX, "8", "connections that do handshakes meanwhile, when no traffic wants the CPU"},
    {OPTION_COUNT,    0,   "storm-rate",  "N",  MIX,     FIELD(storm_rate),       NONE, 1, 10000000,             NULL,  "handshakes a second; without it as many as go; the results say when there were fewer"},

    {OPTION_TITLE, 0, "TLS", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   'E', "cert",        "FILE", RUN,     FIELD(certificate),    NONE, 0, 0, NULL, "client certificate, then the intermediates it is sent with (PEM)"},
    {OPTION_STRING,   0,   "key",         "FILE", RUN,     FIELD(key),            NONE, 0, 0, NULL, "its key (PEM, not encrypted); without it, in the file of --cert"},
    {OPTION_STRING,   0,   "cert-folder", "DIR",  RUN,     FIELD(certificate_folder), NONE, 0, 0, NULL, "many clients: each NAME.key with NAME-chain.pem or NAME.pem"},
    {OPTION_COUNT,    0,   "generate",    "N",    RUN,     FIELD(generated_count), NONE, 1, PLAN_IDENTITIES_MAX, NULL, "many clients: N new P-256 certificates of --issuer"},
    {OPTION_STRING,   0,   "issuer",      "FILE", RUN,     FIELD(issuer),         NONE, 0, 0, NULL, "their test CA, then the intermediates above it (PEM)"},
    {OPTION_STRING,   0,   "issuer-key",  "FILE", RUN,     FIELD(issuer_key),     NONE, 0, 0, NULL, "its P-256 key (PEM)"},
    {OPTION_STRING,   0,   "cacert",      "FILE", RUN,     FIELD(server_ca),      NONE, 0, 0, NULL, "check the server's certificate and name; without it, it is not checked"},
    {OPTION_STRING,   0,   "server-name", "NAME", RUN,     FIELD(server_name),    NONE, 0, 0, NULL, "for SNI and Host, instead of the URL's"},
    {OPTION_STRING,   0,   "tls",         "V",    RUN,     FIELD(tls_version),    NONE, 0, 0, NULL, "1.2 or 1.3 only"},
    {OPTION_STRING,   0,   "groups",      "LIST", RUN,     FIELD(groups),         NONE, 0, 0, "X25519,P-256", "offered, with a key for the first: X25519 P-256 P-384 P-521 X25519MLKEM768"},
    {OPTION_STRING,   0,   "suites",      "LIST", RUN,     FIELD(suites),         NONE, 0, 0, "TLS_AES_128_GCM_SHA256,ECDHE-ECDSA-AES128-GCM-SHA256,ECDHE-RSA-AES128-GCM-SHA256", "suites of TLS 1.3 and 1.2"},

    {OPTION_TITLE, 0, "Requests", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_SIZE,     'b', "body",        "SIZE", RUN,     FIELD(body_bytes),     NONE, 1, UINT64_C(1) << 40, NULL, "send SIZE bytes with each request"},
    {OPTION_STRING,   'X', "method",      "WORD", RUN,     FIELD(method),         NONE, 0, 0, NULL, "instead of GET, or of POST with --body"},
    {OPTION_LIST,     'H', "header",      "LINE", RUN,     FIELD(fields),         NONE, 0, 0, NULL, "a header field \"Name: value\"; repeatable"},
    {OPTION_COUNT,    0,   "expect",      "CODE", RUN,     FIELD(expected_status), NONE, 200, 599, NULL, "the status that is no error, instead of any 2xx"},
    {OPTION_FLAG,     0,   "no-request",  NULL,   NEW,     FIELD(is_without_request), NONE, 0, 0, NULL, "close after the handshake"},

    {OPTION_TITLE, 0, "Machine", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   0,   "source",      "NET",  RUN,     FIELD(source),         NONE, 0, 0, NULL, "connect from every address of an IPv4 network, such as 127.0.0.0/16"},
    {OPTION_STRING,   0,   "cpus",        "LIST", RUN,     FIELD(cpus),           NONE, 0, 0, NULL, "the CPUs of the threads in turn, such as 1,3-5; else from the last one down"},
    {OPTION_FLAG,     0,   "no-pinning",  NULL,   RUN,     FIELD(is_unpinned),    NONE, 0, 0, NULL, "let the kernel place the threads"},
    {OPTION_STRING,   'p', "server-pid",  "LIST", RUN,     FIELD(server_processes), NONE, 0, 0, NULL, "the server's processes: its CPU time and system calls an operation, its memory"},

    {OPTION_TITLE, 0, "Results", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_STRING,   0,   "label",       "TEXT", RUN,     FIELD(label),          NONE, 0, 0, NULL, "a name for this run in its reports"},
    {OPTION_OPTIONAL_FILE, 0, "json",     "FILE", RUN,     FIELD(json_path),      FIELD(wants_json), 0, 0, NULL, "as JSON: --json instead of text, --json=FILE besides"},
    {OPTION_STRING,   0,   "hgrm",        "FILE", RUN,     FIELD(hgrm_path),      NONE, 0, 0, NULL, "the latencies as HdrHistogram's plotters read them"},
    {OPTION_STRING,   0,   "html",        "FILE", RUN,     FIELD(html_path),      NONE, 0, 0, NULL, "a page with charts, in one file"},
    {OPTION_FLAG,     'q', "quiet",       NULL,   ALWAYS,  FIELD(is_quiet),       NONE, 0, 0, NULL, "no progress on standard error"},
    {OPTION_FLAG,     0,   "compare",     NULL,   ALWAYS,  FIELD(compares),       NONE, 0, 0, NULL, "no run: show two results of --json beside each other"},

    {OPTION_TITLE, 0, "Limits, for exit status 1 when missed", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_DURATION, 0,   "max-p50",     "T",  RUN,     LATENCY(LIMIT_P50),   NONE, 1, 3600 * SECOND, NULL, "half of the operations take at most T"},
    {OPTION_DURATION, 0,   "max-p90",     "T",  RUN,     LATENCY(LIMIT_P90),   NONE, 1, 3600 * SECOND, NULL, "90 of 100"},
    {OPTION_DURATION, 0,   "max-p99",     "T",  RUN,     LATENCY(LIMIT_P99),   NONE, 1, 3600 * SECOND, NULL, "99 of 100"},
    {OPTION_DURATION, 0,   "max-p999",    "T",  RUN,     LATENCY(LIMIT_P999),  NONE, 1, 3600 * SECOND, NULL, "999 of 1,000"},
    {OPTION_DURATION, 0,   "max-latency", "T",  RUN,     LATENCY(LIMIT_MOST),  NONE, 1, 3600 * SECOND, NULL, "all of them"},
    {OPTION_COUNT,    0,   "min-rate",    "N",  PACED,   FIELD(rate_min),      NONE, 1, UINT32_MAX,    NULL, "at least N operations a second"},
    {OPTION_COUNT,    0,   "max-errors",  "N",  RUN,     FIELD(errors_max),    FIELD(limits_errors), 0, UINT32_MAX, NULL, "at most N operations fail; 0 allows none"},
    {OPTION_DURATION, 0,   "max-cpu",     "T",  SHARED,  FIELD(server_cpu_max_ns), NONE, 1, 3600 * SECOND, NULL, "CPU time of --server-pid an operation, such as 200us"},
    {OPTION_COUNT,    0,   "max-regression", "PERCENT", COMPARE, FIELD(regression_max_percent), FIELD(limits_regression), 0, 1000000, NULL, "the second result is worse by no more than that"},

    {OPTION_TITLE, 0, "About", NULL, 0, 0, NONE, 0, 0, NULL, NULL},
    {OPTION_FLAG,     'h', "help",        NULL,   ALWAYS,  NONE, NONE, 0, 0, NULL, "this text"},
    {OPTION_FLAG,     0,   "manual",      NULL,   ALWAYS,  NONE, NONE, 0, 0, NULL, "the manual page, for man -l -"},
    {OPTION_FLAG,     'V', "version",     NULL,   ALWAYS,  NONE, NONE, 0, 0, NULL, "the version"},
};
/* clang-format on */
