/*
 * One loaded configuration: an immutable snapshot of the INI files, checked, with every default
 * filled in.
 *
 * Built by the control thread, then read by any thread and changed by none, until config_destroy().
 * All memory belongs to the snapshot. Each value that a later stage may reject (a file, an address,
 * a name) keeps its place, so that the message can point at it.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "config/config_backend.h"
#include "config/config_log.h"
#include "config/config_values.h"

struct arena;

struct config_ssl_profile {
    const char *name;
    struct config_place place;
    struct config_setting_set settings_given;  /* what is no default */
    struct config_text_list trusted_client_ca; /* paths of PEM files */
    enum config_verify_mode verify_mode;
    bool verify_issuer_dn;
    bool reveal_reason;
    enum config_revocation revocation;
    struct config_ocsp ocsp;
    struct config_claim_set *identities; /* one of them must hold; none: everybody who is trusted */
    size_t identity_count;
    bool waives_trust; /* the validate_* switches: true when off */
    bool waives_not_before;
    bool waives_not_after;
    bool waives_revocation;
    bool is_report_only; /* passthrough, but judged and logged as strict would */
    enum config_failure_style failure_style;
    struct config_tls_policy policy;
};

struct config_rewrite {
    const char *name;
    struct config_place place;
    struct config_setting_set settings_given;
    struct config_header_rule *request_headers;
    size_t request_header_count;
    struct config_header_rule *response_headers;
    size_t response_header_count;
};

struct config_listener {
    const char *name;
    struct config_place place;
    struct config_setting_set settings_given;
    uint32_t index; /* of config.listeners */
    struct config_address *addresses;
    size_t address_count;
    struct config_text_list server_names; /* lower case, or *.example.com; none: the default */
    struct config_certificate *certificates;
    size_t certificate_count;
    const struct config_ssl_profile *ssl_profile;
    const struct config_backend *backend;
    const struct config_rewrite *rewrite; /* NULL: none */
    unsigned identity_forms;              /* set of enum config_identity_form */
    bool has_ocsp_stapling;
};

struct config_gateway {
    struct config_place place;
    struct config_setting_set settings_given;
    struct config_text workers;      /* as written; worker_count is what came of it */
    struct config_text cpu_affinity; /* as written; cpus is what came of it */
    uint32_t worker_count;    /* never 0: auto is resolved to the CPUs this process may use */
    uint32_t *cpus;           /* worker_count of them, or NULL: not pinned */
    const char *stats_socket; /* path, NULL for none */
    struct config_address stats_address;    /* of loopback; length_bytes 0: none */
    struct config_text stats_socket_source; /* as written, with its place; "off" for none */
    struct config_log access_log;
    enum config_log_format access_log_format;
    struct config_log error_log; /* never off */
    uint32_t connections_max;    /* clients, all workers together */
    uint32_t handshake_timeout_ms;
    uint32_t client_header_timeout_ms;
    uint32_t keepalive_timeout_ms;
    uint32_t tunnel_idle_timeout_ms; /* nothing moves either way after a 101 */
    uint32_t client_body_timeout_ms; /* between two reads of a body */
    uint32_t send_timeout_ms;        /* between two writes that the client takes */
    uint32_t drain_delay_ms;
    uint32_t drain_timeout_ms;
    bool watches_files; /* and reloads by itself when they change */
    uint32_t verdict_max_age_ms;
    uint32_t trust_cache_entries; /* identities, all workers together */
    uint64_t trust_cache_size_bytes;
    uint32_t ocsp_inflight_max; /* questions at once, to one responder */
    uint32_t ocsp_cache_entries;
    uint64_t ocsp_cache_size_bytes;
    struct config_text ocsp_cache_file; /* empty: what is known is forgotten at the end */
    bool has_session_tickets;
    uint32_t ticket_key_lifetime_ms;          /* of one key, as long as it encrypts */
    struct config_text ticket_key_file;       /* empty: keys of our own, which rotate */
    struct config_text user;                  /* whom a gateway started as root becomes; or none */
    struct config_text group;                 /* empty: the user's own */
    struct config_text_list identity_headers; /* removed from what clients send, everywhere */
};

struct config {
    struct arena *arena; /* holds all below but the templates */
    struct config_gateway gateway;
    struct config_listener *listeners;
    size_t listener_count;
    struct config_ssl_profile *ssl_profiles;
    size_t ssl_profile_count;
    struct config_backend *backends;
    size_t backend_count;
    struct config_rewrite *rewrites;
    size_t rewrite_count;
};

/*
 * Reads path and what it includes. Relative paths in it start from the folder of the file that
 * names them and come out absolute. Every mistake is put into diagnostics; with any error
 * ERROR_BAD_CONFIG and no configuration. Warnings alone do not fail. Touches no file but the
 * configuration files themselves.
 */
struct result config_load(const char *path, struct diagnostics *diagnostics,
                          struct config **ret_config);

/*
 * As config_load(); with ERROR_BAD_CONFIG *ret_draft is what could be understood all the same, for
 * who looks for mistakes in the files that it names, and for nothing else. References may be NULL;
 * settings with mistakes are missing or have their default; a file that an error speaks of is left
 * out, and a certificate whose key is unknown has a key_path without a text.
 */
struct result config_load_or_draft(const char *path, struct diagnostics *diagnostics,
                                   struct config **ret_config, struct config **ret_draft);

/* Whether the listener's section says key (a name of the schema), rather than leaving it out. */
bool config_listener_gives(const struct config_listener *listener, const char *key);

/* Accepts NULL. No thread may use the configuration any more. */
void config_destroy(struct config *config);

#endif
