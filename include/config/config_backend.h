/*
 * A backend section: its servers, who of them gets a request, how their health is found out.
 * Immutable with the snapshot that it belongs to (config.h).
 */
#ifndef CONFIG_CONFIG_BACKEND_H
#define CONFIG_CONFIG_BACKEND_H

#include "config/config_values.h"

enum config_balance { CONFIG_BALANCE_ROUND_ROBIN, CONFIG_BALANCE_LEAST_CONNECTIONS };

enum config_check_kind { CONFIG_CHECK_OFF, CONFIG_CHECK_TCP, CONFIG_CHECK_HTTP };

/* Statuses that an answer may have. */
struct config_status_range {
    uint16_t first;
    uint16_t last;             /* included */
    struct config_text source; /* as written */
};

/* How the health thread asks a server whether it is well. */
struct config_health_check {
    enum config_check_kind kind;
    struct config_text path; /* asked for with GET */
    struct config_text host; /* of the Host field; empty: the server as it is written */
    struct config_status_range statuses;
    uint32_t interval_ms; /* from the end of a check to the next */
    uint32_t timeout_ms;  /* from connecting to the head of the answer */
    uint32_t rise_count;  /* good checks in a row until a server that is down is up */
    uint32_t fall_count;  /* bad ones until it is down */
};

/* When a server is left out because requests to it failed. */
struct config_ejection {
    uint32_t failure_count; /* in a row; 0: never */
    uint32_t time_ms;       /* the first time; twice as long each time after */
    uint32_t time_max_ms;
    uint32_t share_percent; /* of the servers that may be missing at once */
    bool counts_5xx;        /* an answer of 5xx is a failure */
};

struct config_backend {
    const char *name;
    struct config_place place;
    struct config_setting_set settings_given;
    struct config_server *servers;
    size_t server_count;
    enum config_balance balance;
    uint32_t connect_timeout_ms;
    uint32_t request_timeout_ms;    /* request's end to answer's head; between parts of it */
    uint32_t keepalive_timeout_ms;  /* an idle connection to a server is closed after it */
    uint32_t keepalive_connections; /* idle ones a worker keeps, all servers together */
    struct config_health_check health_check;
    struct config_ejection ejection;
};

#endif
