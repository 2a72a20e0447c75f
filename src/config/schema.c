/*
 * The settings, row by row, in the order in which the reference shows them. Names of keys and words
 * are those of the original where it has them.
 */
#include <string.h>

#include "config/config.h"
#include "config/config_limits.h"
#include "named_policy.h"
#include "schema.h"

#define FIELD(section, member) offsetof(struct config_##section, member), 0
#define LIST(section, items, count) \
    offsetof(struct config_##section, items), offsetof(struct config_##section, count)
#define TEXTS(section, list) LIST(section, list.items, list.count)
#define NO_FIELD             0, 0
#define MEMBER(member)       offsetof(struct config_certificate, member)

#define MS(seconds) ((seconds)*1000u)
#define HOUR        MS(3600u)
#define DAY         MS(86400u)
#define WEEK        MS(604800u)

/* Short names for the table. */
#define WORKERS      CONFIG_WORKERS_MAX
#define CPUS         CONFIG_CPU_NUMBER_MAX
#define SOCKET_BYTES CONFIG_SOCKET_PATH_BYTES_MAX
#define PATH_BYTES   CONFIG_PATH_BYTES_MAX
#define URL_BYTES    CONFIG_URL_BYTES_MAX
#define FILES        CONFIG_FILES_MAX
#define CHAINS       CONFIG_CHAINS_OF_PROFILE_MAX
#define RULES        CONFIG_IDENTITIES_OF_PROFILE_MAX

/* clang-format off */
static const struct setting_word verify_modes[] = {
    {"strict",      CONFIG_VERIFY_STRICT,      NULL},
    {"passthrough", CONFIG_VERIFY_PASSTHROUGH, NULL},
    {"off",         CONFIG_VERIFY_OFF,         NULL},
    {NULL, 0, NULL},
};

static const struct setting_word revocations[] = {
    {"none", CONFIG_REVOCATION_NONE, NULL},
    {"ocsp", CONFIG_REVOCATION_OCSP, NULL},
    {NULL, 0, NULL},
};

static const struct setting_word ocsp_failures[] = {
    {"deny",  CONFIG_OCSP_DENY,  NULL},
    {"allow", CONFIG_OCSP_ALLOW, NULL},
    {NULL, 0, NULL},
};

static const struct setting_word ocsp_checks[] = {
    {"leaf",  false, NULL},
    {"chain", true,  NULL},
    {NULL, 0, NULL},
};

static const struct setting_word ocsp_methods[] = {
    {"post", false, NULL},
    {"get",  true,  NULL},
    {NULL, 0, NULL},
};

static const struct setting_word log_formats[] = {
    {"json",     CONFIG_LOG_JSON,     NULL},
    {"combined", CONFIG_LOG_COMBINED, NULL},
    {NULL, 0, NULL},
};

static const struct setting_word failure_styles[] = {
    {"application_gateway", CONFIG_FAILURE_APPLICATION_GATEWAY, NULL},
    {"api_management",      CONFIG_FAILURE_API_MANAGEMENT,      NULL},
    {NULL, 0, NULL},
};

static const struct setting_word balances[] = {
    {"round_robin",       CONFIG_BALANCE_ROUND_ROBIN,       NULL},
    {"least_connections", CONFIG_BALANCE_LEAST_CONNECTIONS, NULL},
    {NULL, 0, NULL},
};

static const struct setting_word check_kinds[] = {
    {"off",  CONFIG_CHECK_OFF,  NULL},
    {"tcp",  CONFIG_CHECK_TCP,  NULL},
    {"http", CONFIG_CHECK_HTTP, NULL},
    {NULL, 0, NULL},
};

static const struct setting_word identity_forms[] = {
    {"x_client_cert",     CONFIG_IDENTITY_X_CLIENT_CERT,     NULL},
    {"x_arr_clientcert",  CONFIG_IDENTITY_X_ARR_CLIENTCERT,  NULL},
    {"client_cert",       CONFIG_IDENTITY_CLIENT_CERT,       NULL},
    {"client_cert_chain", CONFIG_IDENTITY_CLIENT_CERT_CHAIN, NULL},
    {"xfcc",              0,                                 "is not available in this version"},
    {NULL, 0, NULL},
};

const struct schema_section schema_sections[SECTION_COUNT] = {
#define PARTS(type) offsetof(struct type, place), offsetof(struct type, settings_given)
    [SECTION_GATEWAY]     = {"gateway",     false, sizeof(struct config_gateway),     offsetof(struct config, gateway),      0,                                          PARTS(config_gateway),     0,                                          "what holds for the whole gateway"},
    [SECTION_LISTENER]    = {"listener",    true,  sizeof(struct config_listener),    offsetof(struct config, listeners),    offsetof(struct config, listener_count),    PARTS(config_listener),    offsetof(struct config_listener, name),     "where clients come in: address, host names, certificate, and what lies behind"},
    [SECTION_SSL_PROFILE] = {"ssl_profile", true,  sizeof(struct config_ssl_profile), offsetof(struct config, ssl_profiles), offsetof(struct config, ssl_profile_count), PARTS(config_ssl_profile), offsetof(struct config_ssl_profile, name),  "how clients prove who they are, and which TLS is spoken"},
    [SECTION_BACKEND]     = {"backend",     true,  sizeof(struct config_backend),     offsetof(struct config, backends),     offsetof(struct config, backend_count),     PARTS(config_backend),     offsetof(struct config_backend, name),      "a pool of HTTP servers that requests are forwarded to"},
    [SECTION_REWRITE]     = {"rewrite",     true,  sizeof(struct config_rewrite),     offsetof(struct config, rewrites),     offsetof(struct config, rewrite_count),     PARTS(config_rewrite),     offsetof(struct config_rewrite, name),      "headers to set or remove on the way to the backend and back"},
#undef PARTS
};

#define ONCE     1, false
#define NEEDED   1, true
#define TIMES(n) n, false
#define SOME(n)  n, true

const struct setting schema_settings[] = {
/*   section              key                                kind                      field                                                   min                      max           words                  default                    times          takes effect */
    {SECTION_GATEWAY,     "workers",                         SETTING_WORKERS,          FIELD(gateway, workers),                                1,                       WORKERS,      NULL,                  "auto",                    ONCE,          ON_RESTART,
     "pinned threads that carry the traffic; auto: one for each CPU that this process may use"},
    {SECTION_GATEWAY,     "cpu_affinity",                    SETTING_CPU_LIST,         FIELD(gateway, cpu_affinity),                           0,                       CPUS,         NULL,                  "auto",                    ONCE,          ON_RESTART,
     "which CPUs: worker n is pinned to the n-th of the list; auto: of the CPUs that this process may use; off: not pinned"},
    {SECTION_GATEWAY,     "stats_socket",                    SETTING_PATH_OR_OFF,      FIELD(gateway, stats_socket_source),                    0,                       SOCKET_BYTES, NULL,                  "off",                     ONCE,          ON_RESTART,
     "UNIX socket that speaks HTTP: metrics, status and control; its group may read, root and its owner may change things"},
    {SECTION_GATEWAY,     "stats_address",                   SETTING_ADDRESS,          FIELD(gateway, stats_address),                          0,                       0,            NULL,                  NULL,                      ONCE,          ON_RESTART,
     "address of this machine's loopback where the same may be read, for Prometheus; nothing can be changed over it"},
    {SECTION_GATEWAY,     "access_log",                      SETTING_LOG,              FIELD(gateway, access_log),                             0,                       PATH_BYTES,   NULL,                  "off",                     ONCE,          ON_NEXT_REQUEST,
     "where each request has a line: a file, - or stdout for standard output, stderr, or syslog (RFC 5424) at /dev/log or at another socket; what cannot be written is dropped and counted, and no request waits for it; SIGUSR1 opens it anew"},
    {SECTION_GATEWAY,     "access_log_format",               SETTING_WORD,             FIELD(gateway, access_log_format),                      0,                       0,            log_formats,           "json",                    ONCE,          ON_NEXT_REQUEST,
     "what its lines look like: json is an object with all that is known, combined the line of Apache and nginx, with the common name of a good certificate as the user"},
    {SECTION_GATEWAY,     "error_log",                       SETTING_ERROR_LOG,        FIELD(gateway, error_log),                              0,                       PATH_BYTES,   NULL,                  "-",                       ONCE,          ON_NEXT_REQUEST,
     "where the gateway says what it does and what goes wrong: a file, - or stderr for standard error, stdout, or syslog as above; until the gateway is ready it is said on standard error too; SIGUSR1 opens it anew"},
    {SECTION_GATEWAY,     "include",                         SETTING_INCLUDE,          NO_FIELD,                                               0,                       PATH_BYTES,   NULL,                  NULL,                      TIMES(FILES),  ON_NEXT_REQUEST,
     "more files, read in the order of their names; they may not include others"},
    {SECTION_GATEWAY,     "watch",                           SETTING_FLAG,             FIELD(gateway, watches_files),                          0,                       0,            NULL,                  "off",                     ONCE,          ON_NEXT_REQUEST,
     "reload by itself when a file changes that the configuration rests on: its own, what it includes, certificates, keys, CA files, ticket keys; with a mistake the configuration in use stays, as with any reload"},
    {SECTION_GATEWAY,     "max_connections",                 SETTING_COUNT,            FIELD(gateway, connections_max),                        1,                       1000000,      NULL,                  "10000",                   ONCE,          ON_RESTART,
     "clients connected at once, all workers together"},
    {SECTION_GATEWAY,     "handshake_timeout",               SETTING_DURATION,         FIELD(gateway, handshake_timeout_ms),                   100,                     HOUR,         NULL,                  "5s",                      ONCE,          ON_NEXT_CONNECTION,
     "longest time from accepting a client to the end of its TLS handshake"},
    {SECTION_GATEWAY,     "client_header_timeout",           SETTING_DURATION,         FIELD(gateway, client_header_timeout_ms),               100,                     HOUR,         NULL,                  "60s",                     ONCE,          ON_NEXT_CONNECTION,
     "longest time for the whole head of a request; then 408"},
    {SECTION_GATEWAY,     "keepalive_timeout",               SETTING_DURATION,         FIELD(gateway, keepalive_timeout_ms),                   100,                     DAY,          NULL,                  "75s",                     ONCE,          ON_NEXT_CONNECTION,
     "longest time that a client's connection may lie idle between requests"},
    {SECTION_GATEWAY,     "tunnel_idle_timeout",             SETTING_DURATION,         FIELD(gateway, tunnel_idle_timeout_ms),                 100,                     DAY,          NULL,                  "1h",                      ONCE,          ON_NEXT_CONNECTION,
     "longest time that nothing may move, either way, on an upgraded connection (WebSocket); as HAProxy's timeout tunnel is commonly set, while nginx closes after the 60s of proxy_read_timeout"},
    {SECTION_GATEWAY,     "client_body_timeout",             SETTING_DURATION,         FIELD(gateway, client_body_timeout_ms),                 100,                     HOUR,         NULL,                  "60s",                     ONCE,          ON_NEXT_CONNECTION,
     "longest time between two reads of a request's body"},
    {SECTION_GATEWAY,     "send_timeout",                    SETTING_DURATION,         FIELD(gateway, send_timeout_ms),                        100,                     HOUR,         NULL,                  "60s",                     ONCE,          ON_NEXT_CONNECTION,
     "longest time between two writes that the client takes"},
    {SECTION_GATEWAY,     "drain_delay",                     SETTING_DURATION,         FIELD(gateway, drain_delay_ms),                         0,                       MS(600u),     NULL,                  "0s",                      ONCE,          ON_NEXT_REQUEST,
     "how long clients are still let in after SIGTERM, while /readyz says 503 already: time for whoever spreads them to look elsewhere"},
    {SECTION_GATEWAY,     "drain_timeout",                   SETTING_DURATION,         FIELD(gateway, drain_timeout_ms),                       0,                       HOUR,         NULL,                  "30s",                     ONCE,          ON_NEXT_REQUEST,
     "how long requests under way may take after SIGTERM and drain_delay"},
    {SECTION_GATEWAY,     "verdict_max_age",                 SETTING_DURATION,         FIELD(gateway, verdict_max_age_ms),                     1000,                    DAY,          NULL,                  "1h",                      ONCE,          ON_NEXT_CONNECTION,
     "longest time that a verdict on a client holds before its chain is judged again, at the next request; a certificate's end, a change of what is trusted and a revocation end it sooner"},
    {SECTION_GATEWAY,     "trust_cache_entries",             SETTING_COUNT,            FIELD(gateway, trust_cache_entries),                    16,                      1000000,      NULL,                  "65536",                   ONCE,          ON_RESTART,
     "clients whose verdict and identity are remembered, all workers together; others are judged at each full handshake and cannot resume sessions"},
    {SECTION_GATEWAY,     "trust_cache_size",                SETTING_SIZE,             FIELD(gateway, trust_cache_size_bytes),                 1048576,                 68719476736,  NULL,                  "256m",                    ONCE,          ON_RESTART,
     "memory that they may take together"},
    {SECTION_GATEWAY,      "ocsp_max_inflight",               SETTING_COUNT,            FIELD(gateway, ocsp_inflight_max),                      1,                       1000,         NULL,                  "16",                      ONCE,          ON_RESTART,
     "questions to one OCSP responder at once; others wait for their turn"},
    {SECTION_GATEWAY,      "ocsp_cache_entries",              SETTING_COUNT,            FIELD(gateway, ocsp_cache_entries),                     16,                      1000000,      NULL,                  "65536",                   ONCE,          ON_RESTART,
     "certificates whose OCSP answers are remembered, all workers together"},
    {SECTION_GATEWAY,      "ocsp_cache_size",                 SETTING_SIZE,             FIELD(gateway, ocsp_cache_size_bytes),                  1048576,                 68719476736,  NULL,                  "128m",                    ONCE,          ON_RESTART,
     "memory that these answers may take together"},
    {SECTION_GATEWAY,      "ocsp_cache_file",                 SETTING_PATH,             FIELD(gateway, ocsp_cache_file),                        0,                       PATH_BYTES,   NULL,                  NULL,                      ONCE,          ON_RESTART,
     "file that keeps these answers across restarts; each is verified again when it is read; none: they are asked for again"},
    {SECTION_GATEWAY,     "session_tickets",                 SETTING_FLAG,             FIELD(gateway, has_session_tickets),                    0,                       0,            NULL,                  "on",                      ONCE,          ON_RESTART,
     "whether clients may resume a session without showing their certificate again; who is not remembered, or would be judged otherwise today, makes a full handshake"},
    {SECTION_GATEWAY,     "ticket_key_lifetime",             SETTING_DURATION,         FIELD(gateway, ticket_key_lifetime_ms),                 1000,                    WEEK,         NULL,                  "12h",                     ONCE,          ON_RESTART,
     "how long one key encrypts tickets; it decrypts for two such times more; the last full handshake may be two such times ago"},
    {SECTION_GATEWAY,     "ticket_key_file",                 SETTING_PATH,             FIELD(gateway, ticket_key_file),                        0,                       PATH_BYTES,   NULL,                  NULL,                      ONCE,          ON_NEXT_CONNECTION,
     "keys that several machines share: up to three lines of 32 random bytes in base64 (openssl rand -base64 32), the first one encrypts; they do not rotate by themselves"},
    {SECTION_GATEWAY,     "user",                            SETTING_ACCOUNT,          FIELD(gateway, user),                                   0,                       0,            NULL,                  NULL,                      ONCE,          ON_RESTART,
     "whom a gateway that is started as root becomes when its sockets are bound and its keys are read, without any capability; it must be able to read certificates, keys and CA files itself for a reload and to write the logs, and a reload cannot add ports below 1024; without root it must be whom it is started as"},
    {SECTION_GATEWAY,     "group",                           SETTING_ACCOUNT,          FIELD(gateway, group),                                  0,                       0,            NULL,                  NULL,                      ONCE,          ON_RESTART,
     "the group beside it; without it the user's own"},
    {SECTION_GATEWAY,     "identity_header",                 SETTING_HEADER_NAME,      TEXTS(gateway, identity_headers),                       0,                       0,            NULL,                  NULL,                      TIMES(64),     ON_NEXT_CONNECTION,
     "one more header to remove from what clients send, besides the known ones and those that rewrites fill with the identity"},

    {SECTION_LISTENER,    "address",                         SETTING_ADDRESS,          LIST(listener, addresses, address_count),               0,                       0,            NULL,                  NULL,                      SOME(16),      ON_NEXT_CONNECTION,
     "where clients connect; several listeners may share one when their server names differ"},
    {SECTION_LISTENER,    "server_name",                     SETTING_HOST_NAME,        TEXTS(listener, server_names),                          0,                       0,            NULL,                  NULL,                      TIMES(100),    ON_NEXT_CONNECTION,
     "host names that choose this listener; none: it is the default of its addresses"},
    {SECTION_LISTENER,    "certificate",                     SETTING_CERTIFICATE_PART, LIST(listener, certificates, certificate_count),        MEMBER(chain_path),      PATH_BYTES,   NULL,                  NULL,                      SOME(8),       ON_NEXT_CONNECTION,
     "PEM file of the server's certificate, the leaf first; more than one for ECDSA and RSA side by side"},
    {SECTION_LISTENER,    "certificate_key",                 SETTING_CERTIFICATE_PART, LIST(listener, certificates, certificate_count),        MEMBER(key_path),        PATH_BYTES,   NULL,                  NULL,                      TIMES(8),      ON_NEXT_CONNECTION,
     "PEM file of the key of the certificate in the line before it; each certificate needs one"},
    {SECTION_LISTENER,    "certificate_key_passphrase_file", SETTING_CERTIFICATE_PART, LIST(listener, certificates, certificate_count),        MEMBER(passphrase_path), PATH_BYTES,   NULL,                  NULL,                      TIMES(8),      ON_NEXT_CONNECTION,
     "file whose first line is the passphrase of that key, when it is encrypted"},
    {SECTION_LISTENER,    "ssl_profile",                     SETTING_REFERENCE,        FIELD(listener, ssl_profile),                           SECTION_SSL_PROFILE,     0,            NULL,                  NULL,                      NEEDED,        ON_NEXT_CONNECTION,
     "name of the [ssl_profile NAME] that judges its clients"},
    {SECTION_LISTENER,    "backend",                         SETTING_REFERENCE,        FIELD(listener, backend),                               SECTION_BACKEND,         0,            NULL,                  NULL,                      NEEDED,        ON_NEXT_CONNECTION,
     "name of the [backend NAME] that its requests go to"},
    {SECTION_LISTENER,    "rewrite",                         SETTING_REFERENCE,        FIELD(listener, rewrite),                               SECTION_REWRITE,         0,            NULL,                  NULL,                      ONCE,          ON_NEXT_CONNECTION,
     "name of the [rewrite NAME] to apply; none: no rules"},
    {SECTION_LISTENER,    "forward_identity",                SETTING_WORD_SET,         FIELD(listener, identity_forms),                        0,                       0,            identity_forms,        NULL,                      TIMES(4),      ON_NEXT_CONNECTION,
     "tells the backend who the client is, in a ready-made form: X-Client-Cert (percent-encoded PEM), X-ARR-ClientCert (base64 DER), Client-Cert and Client-Cert-Chain (RFC 9440)"},
    {SECTION_LISTENER,     "ocsp_stapling",                   SETTING_FLAG,             FIELD(listener, has_ocsp_stapling),                     0,                       0,            NULL,                  "on",                      ONCE,          ON_NEXT_CONNECTION,
     "sends clients that ask for it the OCSP answer about the listener's certificate, kept fresh, while it is good; the certificate must name a responder (http), its issuer be behind it in the file or a trusted_client_ca"},

    {SECTION_SSL_PROFILE, "trusted_client_ca",               SETTING_PATH,             TEXTS(ssl_profile, trusted_client_ca),                  0,                       PATH_BYTES,   NULL,                  NULL,                      TIMES(CHAINS), ON_NEXT_CONNECTION,
     "PEM file (.pem, .cer, .crt) with one root and its intermediates that clients' certificates may come from"},
    {SECTION_SSL_PROFILE, "verify_client_auth_mode",         SETTING_WORD,             FIELD(ssl_profile, verify_mode),                        0,                       0,            verify_modes,          "strict",                  ONCE,          ON_NEXT_CONNECTION,
     "strict: no good certificate, no entry; passthrough: asks and forwards whatever comes; off: does not ask"},
    {SECTION_SSL_PROFILE, "verify_client_cert_issuer_dn",    SETTING_FLAG,             FIELD(ssl_profile, verify_issuer_dn),                   0,                       0,            NULL,                  "off",                     ONCE,          ON_NEXT_CONNECTION,
     "the issuer of the client's certificate must be the deepest CA of a trusted file, by name"},
    {SECTION_SSL_PROFILE, "verify_client_revocation",        SETTING_WORD,             FIELD(ssl_profile, revocation),                         0,                       0,            revocations,           "none",                    ONCE,          ON_NEXT_CONNECTION,
     "where to ask whether a certificate is revoked; ocsp: at the responder that it names, or at ocsp_responder"},
    {SECTION_SSL_PROFILE,  "ocsp_failure",                    SETTING_WORD,             FIELD(ssl_profile, ocsp.failure),                       0,                       0,            ocsp_failures,         "deny",                    ONCE,          ON_NEXT_CONNECTION,
     "with verify_client_revocation = ocsp: what becomes of a client whose status nobody tells (no responder named, no answer in time, a bad one); revoked and unknown are always refused"},
    {SECTION_SSL_PROFILE,  "ocsp_responder",                  SETTING_HTTP_URL,         FIELD(ssl_profile, ocsp.responder),                     0,                       URL_BYTES,    NULL,                  NULL,                      ONCE,          ON_NEXT_CONNECTION,
     "the responder to ask; none: the one that each certificate names; an answer that is known counts to its end, whichever responder gave it"},
    {SECTION_SSL_PROFILE,  "ocsp_nonce",                      SETTING_FLAG,             FIELD(ssl_profile, ocsp.has_nonce),                     0,                       0,            NULL,                  "off",                     ONCE,          ON_NEXT_CONNECTION,
     "asks for answers made for this very question; responders that sign theirs ahead cannot give any"},
    {SECTION_SSL_PROFILE,  "ocsp_check",                      SETTING_WORD_FLAG,        FIELD(ssl_profile, ocsp.checks_chain),                  0,                       0,            ocsp_checks,           "leaf",                    ONCE,          ON_NEXT_CONNECTION,
     "leaf: the client's own certificate is asked about; chain: its intermediates too"},
    {SECTION_SSL_PROFILE,  "ocsp_method",                     SETTING_WORD_FLAG,        FIELD(ssl_profile, ocsp.is_get),                        0,                       0,            ocsp_methods,          "post",                    ONCE,          ON_NEXT_CONNECTION,
     "how responders are asked; get: questions of up to 255 bytes go into the URL, where caches on the way may answer them"},
    {SECTION_SSL_PROFILE,  "ocsp_timeout",                    SETTING_DURATION,         FIELD(ssl_profile, ocsp.timeout_ms),                    100,                     MS(60u),      NULL,                  "5s",                      ONCE,          ON_NEXT_CONNECTION,
     "longest time from the question to the whole answer; a client waits no longer"},
    {SECTION_SSL_PROFILE,  "ocsp_connect_timeout",            SETTING_DURATION,         FIELD(ssl_profile, ocsp.connect_timeout_ms),            10,                      MS(60u),      NULL,                  "2s",                      ONCE,          ON_NEXT_CONNECTION,
     "longest time to connect to one address of a responder"},
    {SECTION_SSL_PROFILE,  "ocsp_read_timeout",               SETTING_DURATION,         FIELD(ssl_profile, ocsp.read_timeout_ms),               10,                      MS(60u),      NULL,                  "3s",                      ONCE,          ON_NEXT_CONNECTION,
     "longest time between two reads of an answer"},
    {SECTION_SSL_PROFILE,  "ocsp_max_age",                    SETTING_DURATION,         FIELD(ssl_profile, ocsp.max_age_ms),                    1000,                    WEEK,         NULL,                  "12h",                     ONCE,          ON_NEXT_CONNECTION,
     "longest time that an answer counts, whatever its nextUpdate says"},
    {SECTION_SSL_PROFILE,  "ocsp_stale_grace",                SETTING_DURATION,         FIELD(ssl_profile, ocsp.stale_grace_ms),                0,                       WEEK,         NULL,                  "0s",                      ONCE,          ON_NEXT_CONNECTION,
     "how much longer the last answer counts while no newer one can be had"},
    {SECTION_SSL_PROFILE,  "ocsp_retry_after",                SETTING_DURATION,         FIELD(ssl_profile, ocsp.retry_after_ms),                1000,                    HOUR,         NULL,                  "10s",                     ONCE,          ON_NEXT_CONNECTION,
     "how long a failure is remembered before the responder is asked again"},
    {SECTION_SSL_PROFILE, "allow_identity",                  SETTING_CLAIM_SET,        LIST(ssl_profile, identities, identity_count),          0,                       0,            NULL,                  NULL,                      TIMES(RULES),  ON_NEXT_CONNECTION,
     "lets only those in whose certificate makes all the claims of a line, or of another such line; values with blanks, commas, quotes or backslashes go in double quotes"},
    {SECTION_SSL_PROFILE, "validate_trust",                  SETTING_WAIVER,           FIELD(ssl_profile, waives_trust),                       0,                       0,            NULL,                  "on",                      ONCE,          ON_NEXT_CONNECTION,
     "the certificate must come from a trusted CA; off: from anybody, only what it says of itself is checked"},
    {SECTION_SSL_PROFILE, "validate_not_before",             SETTING_WAIVER,           FIELD(ssl_profile, waives_not_before),                  0,                       0,            NULL,                  "on",                      ONCE,          ON_NEXT_CONNECTION,
     "the client's certificate must be valid already; those of CAs always must"},
    {SECTION_SSL_PROFILE, "validate_not_after",              SETTING_WAIVER,           FIELD(ssl_profile, waives_not_after),                   0,                       0,            NULL,                  "on",                      ONCE,          ON_NEXT_CONNECTION,
     "the client's certificate must not have expired; those of CAs never may"},
    {SECTION_SSL_PROFILE, "validate_revocation",             SETTING_WAIVER,           FIELD(ssl_profile, waives_revocation),                  0,                       0,            NULL,                  "on",                      ONCE,          ON_NEXT_CONNECTION,
     "what verify_client_revocation says is done; off: as if that were none"},
    {SECTION_SSL_PROFILE, "report",                          SETTING_FLAG,             FIELD(ssl_profile, is_report_only),                     0,                       0,            NULL,                  "off",                     ONCE,          ON_NEXT_CONNECTION,
     "with verify_client_auth_mode = passthrough: everybody is judged as strict would, nobody is refused, and the log and {var_client_certificate_verdict} tell what strict would have done"},
    {SECTION_SSL_PROFILE, "failure_style",                   SETTING_WORD,             FIELD(ssl_profile, failure_style),                      0,                       0,            failure_styles,        "application_gateway",     ONCE,          ON_NEXT_CONNECTION,
     "how a refused client is told: 400 and a page, or 401 and JSON as API Management does"},
    {SECTION_SSL_PROFILE, "reveal_reason",                   SETTING_FLAG,             FIELD(ssl_profile, reveal_reason),                      0,                       0,            NULL,                  "off",                     ONCE,          ON_NEXT_CONNECTION,
     "tells a refused client the reason in a response header"},
    {SECTION_SSL_PROFILE, "ssl_policy",                      SETTING_WORD_TEXT,        FIELD(ssl_profile, policy.name),                        0,                       0,            named_policy_names,    "AppGwSslPolicy20220101S", ONCE,          ON_NEXT_CONNECTION,
     "TLS versions and cipher suites by name; Custom: by the lists below"},
    {SECTION_SSL_PROFILE, "tls_version",                     SETTING_WORD_SET,         FIELD(ssl_profile, policy.versions),                    0,                       0,            named_policy_versions, NULL,                      TIMES(2),      ON_NEXT_CONNECTION,
     "with ssl_policy = Custom: a version to speak"},
    {SECTION_SSL_PROFILE, "cipher_suite",                    SETTING_WORD_LIST,        TEXTS(ssl_profile, policy.cipher_suites),               0,                       0,            named_policy_suites,   NULL,                      TIMES(32),     ON_NEXT_CONNECTION,
     "with ssl_policy = Custom: a suite to accept, best first"},
    {SECTION_SSL_PROFILE, "group",                           SETTING_WORD_LIST,        TEXTS(ssl_profile, policy.groups),                      0,                       0,            named_policy_groups,   NULL,                      TIMES(8),      ON_NEXT_CONNECTION,
     "a group for the key exchange, best first; none given: X25519, X25519MLKEM768, P-256, P-384"},

    {SECTION_BACKEND,     "server",                          SETTING_SERVER,           LIST(backend, servers, server_count),                   0,                       0,            NULL,                  NULL,                      SOME(1000),    ON_NEXT_REQUEST,
     "one server of the pool; one that a reload takes away gets no new requests, those it has finish"},
    {SECTION_BACKEND,     "balance",                         SETTING_WORD,             FIELD(backend, balance),                                0,                       0,            balances,              "round_robin",             ONCE,          ON_NEXT_REQUEST,
     "who gets the next request; round_robin: the servers take turns; least_connections: the one with the fewest requests under way, all workers together"},
    {SECTION_BACKEND,     "connect_timeout",                 SETTING_DURATION,         FIELD(backend, connect_timeout_ms),                     10,                      HOUR,         NULL,                  "5s",                      ONCE,          ON_NEXT_REQUEST,
     "longest time to connect to a server"},
    {SECTION_BACKEND,     "request_timeout",                 SETTING_DURATION,         FIELD(backend, request_timeout_ms),                     10,                      DAY,          NULL,                  "20s",                     ONCE,          ON_NEXT_REQUEST,
     "longest time from the end of a request to the head of its answer, and between parts of the answer; then 504"},
    {SECTION_BACKEND,     "keepalive_timeout",               SETTING_DURATION,         FIELD(backend, keepalive_timeout_ms),                   10,                      DAY,          NULL,                  "60s",                     ONCE,          ON_NEXT_REQUEST,
     "how long an idle connection to a server is kept"},
    {SECTION_BACKEND,     "keepalive_connections",           SETTING_COUNT,            FIELD(backend, keepalive_connections),                  0,                       100000,       NULL,                  "64",                      ONCE,          ON_NEXT_REQUEST,
     "idle connections that each worker keeps, all servers together"},
    {SECTION_BACKEND,     "health_check",                    SETTING_WORD,             FIELD(backend, health_check.kind),                      0,                       0,            check_kinds,           "off",                     ONCE,          ON_NEXT_REQUEST,
     "how each server is asked whether it is well, beside the traffic; off: only by what becomes of requests; tcp: it takes a connection; http: it answers health_path as health_status says; a server that is down gets no requests"},
    {SECTION_BACKEND,     "health_path",                     SETTING_REQUEST_TARGET,   FIELD(backend, health_check.path),                      0,                       URL_BYTES,    NULL,                  "/",                       ONCE,          ON_NEXT_REQUEST,
     "with health_check = http: what is asked for, with GET"},
    {SECTION_BACKEND,     "health_host",                     SETTING_AUTHORITY,        FIELD(backend, health_check.host),                      0,                       URL_BYTES,    NULL,                  NULL,                      ONCE,          ON_NEXT_REQUEST,
     "with health_check = http: the Host field; none: the server as it is written"},
    {SECTION_BACKEND,     "health_status",                   SETTING_STATUS_RANGE,     FIELD(backend, health_check.statuses),                  0,                       0,            NULL,                  "200-399",                 ONCE,          ON_NEXT_REQUEST,
     "with health_check = http: the statuses of a server that is well"},
    {SECTION_BACKEND,     "health_interval",                 SETTING_DURATION,         FIELD(backend, health_check.interval_ms),               50,                      HOUR,         NULL,                  "10s",                     ONCE,          ON_NEXT_REQUEST,
     "from the end of one check of a server to the next, a tenth more or less, so that they do not come all at once"},
    {SECTION_BACKEND,     "health_timeout",                  SETTING_DURATION,         FIELD(backend, health_check.timeout_ms),                10,                      MS(60u),      NULL,                  "5s",                      ONCE,          ON_NEXT_REQUEST,
     "longest time of a check, from connecting to the head of the answer"},
    {SECTION_BACKEND,     "health_rise",                     SETTING_COUNT,            FIELD(backend, health_check.rise_count),                1,                       100,          NULL,                  "2",                       ONCE,          ON_NEXT_REQUEST,
     "good checks in a row after which a server that is down is up"},
    {SECTION_BACKEND,     "health_fall",                     SETTING_COUNT,            FIELD(backend, health_check.fall_count),                1,                       100,          NULL,                  "3",                       ONCE,          ON_NEXT_REQUEST,
     "bad checks in a row after which a server is down; the first check of all decides alone"},
    {SECTION_BACKEND,     "eject_after",                     SETTING_COUNT,            FIELD(backend, ejection.failure_count),                 0,                       1000,         NULL,                  "3",                       ONCE,          ON_NEXT_REQUEST,
     "requests in a row that a server lets fail (no connection, no answer in request_timeout, an end before its answer, an answer that is not HTTP) after which it gets none for a while; 0: never"},
    {SECTION_BACKEND,     "eject_time",                      SETTING_DURATION,         FIELD(backend, ejection.time_ms),                       50,                      HOUR,         NULL,                  "10s",                     ONCE,          ON_NEXT_REQUEST,
     "how long; then one request tries it, and when that fails too the next time is twice as long"},
    {SECTION_BACKEND,     "eject_time_max",                  SETTING_DURATION,         FIELD(backend, ejection.time_max_ms),                   50,                      DAY,          NULL,                  "5m",                      ONCE,          ON_NEXT_REQUEST,
     "the longest such time"},
    {SECTION_BACKEND,     "eject_share",                     SETTING_COUNT,            FIELD(backend, ejection.share_percent),                 0,                       100,          NULL,                  "50",                      ONCE,          ON_NEXT_REQUEST,
     "how many percent of the servers may be missing, for whatever reason, so that one more is left out for failed requests; the last ones get requests all the same, unless this is 100"},
    {SECTION_BACKEND,     "eject_on_5xx",                    SETTING_FLAG,             FIELD(backend, ejection.counts_5xx),                    0,                       0,            NULL,                  "off",                     ONCE,          ON_NEXT_REQUEST,
     "whether an answer with a status of 500 to 599 is such a failure too"},

    {SECTION_REWRITE,     "request_header",                  SETTING_HEADER_RULE,      LIST(rewrite, request_headers, request_header_count),   true,                    0,            NULL,                  NULL,                      TIMES(100),    ON_NEXT_REQUEST,
     "sets a header of the request; an empty value removes it; {var_NAME} and {http_req_NAME} are filled in"},
    {SECTION_REWRITE,     "response_header",                 SETTING_HEADER_RULE,      LIST(rewrite, response_headers, response_header_count), false,                   0,            NULL,                  NULL,                      TIMES(100),    ON_NEXT_REQUEST,
     "sets a header of the answer; an empty value removes it; {http_resp_NAME} too is filled in"},
};

const struct schema_kind schema_kinds[SETTING_KIND_COUNT] = {
    [SETTING_FLAG]             = {"flag",              "on | off"},
    [SETTING_WAIVER]           = {"flag",              "on | off"},
    [SETTING_WORD]             = {"word",              NULL},
    [SETTING_WORD_FLAG]        = {"word",              NULL},
    [SETTING_WORD_TEXT]        = {"word",              NULL},
    [SETTING_WORD_SET]         = {"word",              NULL},
    [SETTING_WORD_LIST]        = {"word",              NULL},
    [SETTING_COUNT]            = {"number",            "NUMBER"},
    [SETTING_DURATION]         = {"duration",          "DURATION"},
    [SETTING_SIZE]             = {"size",              "SIZE"},
    [SETTING_WORKERS]          = {"number",            "auto | NUMBER"},
    [SETTING_CPU_LIST]         = {"CPU list",          "auto | off | 0-3,6"},
    [SETTING_ADDRESS]          = {"address",           "ADDRESS:PORT"},
    [SETTING_HOST_NAME]        = {"host name",         "NAME | *.NAME"},
    [SETTING_PATH]             = {"path",              "PATH"},
    [SETTING_PATH_OR_OFF]      = {"path",              "PATH | off"},
    [SETTING_LOG]              = {"log",               "PATH | - | stdout | stderr | syslog | syslog:PATH | off"},
    [SETTING_ERROR_LOG]        = {"log",               "PATH | - | stdout | stderr | syslog | syslog:PATH"},
    [SETTING_HTTP_URL]         = {"URL",               "http://HOST[:PORT]/PATH"},
    [SETTING_INCLUDE]          = {"path pattern",      "PATTERN"},
    [SETTING_CERTIFICATE_PART] = {"path",              "PATH"},
    [SETTING_REFERENCE]        = {"name of a section", "NAME"},
    [SETTING_SERVER]           = {"server",            "HOST:PORT"},
    [SETTING_HEADER_RULE]      = {"header rule",       "NAME: TEMPLATE"},
    [SETTING_HEADER_NAME]      = {"header name",       "NAME"},
    [SETTING_CLAIM_SET]        = {"claims",            "CLAIM=VALUE, ..."},
    [SETTING_ACCOUNT]          = {"account",           "NAME"},
    [SETTING_REQUEST_TARGET]   = {"path",              "/PATH"},
    [SETTING_AUTHORITY]        = {"host",              "HOST[:PORT]"},
    [SETTING_STATUS_RANGE]     = {"statuses",          "200-399"},
};

const char *const schema_takes_effect_texts[] = {
    [ON_RESTART]         = "after a restart",
    [ON_NEXT_CONNECTION] = "after a reload, for new connections",
    [ON_NEXT_REQUEST]    = "after a reload, at once",
};
/* clang-format on */

const size_t schema_setting_count = sizeof(schema_settings) / sizeof(schema_settings[0]);

_Static_assert(sizeof(schema_settings) / sizeof(schema_settings[0]) <= CONFIG_SETTING_COUNT_MAX,
               "settings_given has a bit for each row");

const struct setting *schema_find(enum schema_section_kind section, const char *key)
{
    for (size_t i = 0; i < schema_setting_count; i++) {
        if (schema_settings[i].section == section && strcmp(schema_settings[i].key, key) == 0) {
            return &schema_settings[i];
        }
    }
    return NULL;
}

bool schema_is_in(const struct config_setting_set *set, const struct setting *setting)
{
    size_t row = (size_t)(setting - schema_settings);
    return (set->words[row / 64] >> row % 64 & 1) != 0;
}

void schema_put_in(struct config_setting_set *set, const struct setting *setting)
{
    size_t row = (size_t)(setting - schema_settings);
    set->words[row / 64] |= UINT64_C(1) << row % 64;
}

enum schema_section_kind schema_find_section(const char *kind)
{
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(schema_sections[i].kind, kind) == 0) {
            return (enum schema_section_kind)i;
        }
    }
    return SECTION_COUNT;
}

size_t schema_target_count(enum schema_section_kind section, const struct config *config)
{
    size_t count = 1;
    if (schema_sections[section].count_field != 0) {
        memcpy(&count, (const char *)config + schema_sections[section].count_field, sizeof(count));
    }
    return count;
}

const void *schema_target(enum schema_section_kind section, const struct config *config,
                          size_t index)
{
    const struct schema_section *row = &schema_sections[section];
    const char *field = (const char *)config + row->field;
    if (row->count_field == 0) {
        return field;
    }
    const char *items = NULL;
    memcpy(&items, field, sizeof(items));
    return items + index * row->size_bytes;
}
