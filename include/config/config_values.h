/*
 * What the parts of a configuration consist of: texts with their places, addresses, certificates,
 * policies. Immutable with the snapshot that they belong to (config.h).
 */
#ifndef CONFIG_CONFIG_VALUES_H
#define CONFIG_CONFIG_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "config/diagnostics.h"
#include "config/template.h"

/* A set of settings: a bit a row of the schema, which has as many rows at most. */
#define CONFIG_SETTING_COUNT_MAX 256
struct config_setting_set {
    uint64_t words[CONFIG_SETTING_COUNT_MAX / 64];
};

/* A text and where it stands. text is NULL when the setting was not given. */
struct config_text {
    const char *text;
    struct config_place place;
};

struct config_text_list {
    struct config_text *items;
    size_t count;
};

struct config_address {
    struct sockaddr_storage socket_address;
    socklen_t length_bytes;
    struct config_text source; /* as written */
};

/* The same place, however it was written. */
static inline bool config_address_equal(const struct config_address *a,
                                        const struct config_address *b)
{
    return a->length_bytes == b->length_bytes &&
           memcmp(&a->socket_address, &b->socket_address, a->length_bytes) == 0;
}

/* One certificate with its key, both PEM files, and the file of the key's passphrase, if any. A
 * path that was given and refused is "": of a draft alone (config.h). */
struct config_certificate {
    struct config_text chain_path;
    struct config_text key_path;
    struct config_text passphrase_path;
};

/* A bit a version, so that a policy is a set. */
enum config_tls_version { CONFIG_TLS_1_2 = 1, CONFIG_TLS_1_3 = 2 };

enum config_verify_mode {
    CONFIG_VERIFY_STRICT,
    CONFIG_VERIFY_PASSTHROUGH,
    CONFIG_VERIFY_OFF,
};

enum config_revocation { CONFIG_REVOCATION_NONE, CONFIG_REVOCATION_OCSP };

/* What becomes of a client whose status nobody could tell. */
enum config_ocsp_failure { CONFIG_OCSP_DENY, CONFIG_OCSP_ALLOW };

/* How a profile asks OCSP responders; all of it with CONFIG_REVOCATION_OCSP only. */
struct config_ocsp {
    enum config_ocsp_failure failure;
    struct config_text responder; /* URL; empty: the one that the certificate names */
    bool has_nonce;
    bool checks_chain; /* the intermediates too, not the leaf alone */
    bool is_get;
    uint32_t timeout_ms;         /* of a whole question */
    uint32_t connect_timeout_ms; /* to one address of the responder */
    uint32_t read_timeout_ms;    /* between two reads of its answer */
    uint32_t max_age_ms;         /* of an answer, whatever its nextUpdate */
    uint32_t stale_grace_ms;     /* an answer's after its end while there is no newer one */
    uint32_t retry_after_ms;     /* a failure is remembered so long */
};

/* How a client is told that it is refused. */
enum config_failure_style {
    CONFIG_FAILURE_APPLICATION_GATEWAY, /* 400, HTML */
    CONFIG_FAILURE_API_MANAGEMENT,      /* 401, JSON */
};

/* What an identity rule may ask of a client's certificate; in the order of the reference. */
enum config_claim_kind {
    CONFIG_CLAIM_THUMBPRINT,
    CONFIG_CLAIM_SERIAL_NUMBER,
    CONFIG_CLAIM_COMMON_NAME,
    CONFIG_CLAIM_SUBJECT,
    CONFIG_CLAIM_DNS_NAME,
    CONFIG_CLAIM_URI,
    CONFIG_CLAIM_ISSUER_SUBJECT,
    CONFIG_CLAIM_ISSUER_THUMBPRINT,
    CONFIG_CLAIM_KIND_COUNT,
};

struct config_claim {
    enum config_claim_kind kind;
    /* A thumbprint's bytes, a serial number's without zeros in front, else text; not
     * NUL-terminated. */
    struct bytes value;
};

/* One allow_identity line: all of its claims must hold. */
struct config_claim_set {
    struct config_claim claims[CONFIG_CLAIM_KIND_COUNT]; /* each kind once at most */
    size_t claim_count;
    struct config_text source; /* as written */
};

/* TLS versions, suites and groups; a named policy or the profile's own list. */
struct config_tls_policy {
    const char *name;                      /* "Custom" for own lists */
    unsigned versions;                     /* set of enum config_tls_version */
    struct config_text_list cipher_suites; /* IANA names, best first */
    struct config_text_list groups;        /* X25519MLKEM768, X25519, P-256, P-384; best first */
};

struct config_server {
    const char *host; /* name or address literal, without brackets */
    uint16_t port;
    struct config_text source;
};

/* Set name to what value yields, or remove it when value is empty. */
struct config_header_rule {
    const char *name;
    struct template *value;
    struct config_place place;
    struct config_text source; /* as written */
};

/* The ready-made forms of telling a backend who the client is; a bit each. */
enum config_identity_form {
    CONFIG_IDENTITY_X_CLIENT_CERT = 1,
    CONFIG_IDENTITY_X_ARR_CLIENTCERT = 2,
    CONFIG_IDENTITY_CLIENT_CERT = 4,
    CONFIG_IDENTITY_CLIENT_CERT_CHAIN = 8,
};

#endif
