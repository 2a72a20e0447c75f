/*
 * What a run is to do: the command line as understood, by options.c, and read by everybody else. It
 * does not change while a run goes on; views point into the arguments of main().
 */
#ifndef LOAD_PLAN_H
#define LOAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_THREADS_MAX     64
#define PLAN_CONNECTIONS_MAX 1000000
#define PLAN_FIELDS_MAX      16
#define PLAN_PROCESSES_MAX   64
#define PLAN_IDENTITIES_MAX  100000
#define PLAN_DURATION_MAX_NS UINT64_C(86400000000000)

/* What each mode does is a row in mode.c. */
enum load_mode {
    MODE_HANDSHAKE,
    MODE_RESUME,
    MODE_REQUEST,
    MODE_BULK,
    MODE_IDLE,
    MODE_MIX,
    MODE_COUNT,
};

/* A string that may be given several times. */
struct plan_list {
    const char *at[PLAN_FIELDS_MAX];
    size_t count;
};

struct plan {
    enum load_mode mode;
    const char *url;

    uint64_t connection_count;
    uint64_t thread_count;
    uint64_t duration_ns;
    uint64_t warmup_ns;
    bool has_duration; /* given: without it a run of --count takes as long as it takes */
    bool has_warmup;
    uint64_t timeout_ns;
    uint64_t operation_count;         /* 0: as many as the time allows */
    uint64_t rate;                    /* a second; 0: closed loop */
    uint64_t requests_per_connection; /* 0: any number */
    uint64_t storm_connection_count;  /* mode mix */
    uint64_t storm_rate;              /* 0: closed loop */

    const char *certificate;
    const char *key;
    const char *certificate_folder;
    uint64_t generated_count;
    const char *issuer;
    const char *issuer_key;
    const char *server_ca;
    const char *server_name;
    const char *tls_version; /* "1.2", "1.3"; NULL: the newest that both have */
    const char *groups;
    const char *suites;

    uint64_t body_bytes; /* sent with each request; 0: none */
    const char *method;  /* NULL: GET, or POST with a body */
    struct plan_list fields;
    uint64_t expected_status; /* 0: any of 200 to 299 */
    bool is_without_request;

    const char *source; /* "127.0.0.0/16" */
    const char *cpus;   /* "1,3-5"; NULL: from the last one down */
    bool is_unpinned;
    const char *server_processes; /* "123,124" */

    const char *label;
    bool wants_json;
    const char *json_path; /* NULL with wants_json: standard output, instead of text */
    const char *hgrm_path;
    const char *html_path;
    bool is_quiet;

    uint64_t latency_max_ns[5]; /* by limit.h's places; 0: no limit */
    uint64_t rate_min;
    uint64_t errors_max;
    bool limits_errors;
    uint64_t server_cpu_max_ns;

    bool compares;
    const char *compared[2]; /* two result files */
    uint64_t regression_max_percent;
    bool limits_regression;
};

#endif
