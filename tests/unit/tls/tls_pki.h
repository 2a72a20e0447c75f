/*
 * Certificates and profiles for the tests of src/tls, made once for a test program. Paths are
 * relative to the repository's root, where make runs the tests.
 */
#ifndef TESTS_UNIT_TLS_TLS_PKI_H
#define TESTS_UNIT_TLS_TLS_PKI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tls/tls_credential.h"
#include "tls/tls_library.h"

static char pki_folder[] = "/tmp/tls_pki_XXXXXX";

/* A group's setup and teardown. */
static inline int make_pki(void **state)
{
    (void)state;
    char command[128];
    if (mkdtemp(pki_folder) == NULL || !result_is_ok(tls_library_start())) {
        return -1;
    }
    (void)snprintf(command, sizeof(command), "sh tests/pki/make_tls_pki.sh %s", pki_folder);
    return system(command) == 0 ? 0 : -1;
}

static inline int remove_pki(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof(command), "rm -rf %s", pki_folder);
    tls_library_stop();
    return system(command) == 0 ? 0 : -1;
}

static inline const char *pki_path(char *path, size_t capacity, const char *name)
{
    (void)snprintf(path, capacity, "%s/%s", pki_folder, name);
    return path;
}

/* Loads CHAIN with KEY and PASSPHRASE (NULL: none); lines of the "configuration" are 1, 2 and 3. */
static inline struct result load_credential(const char *chain, const char *key,
                                            const char *passphrase, struct diagnostics *diagnostics,
                                            struct tls_credential **ret_credential)
{
    char paths[3][128];
    struct config_certificate files = {
        .chain_path = {pki_path(paths[0], sizeof(paths[0]), chain), {"edge.ini", 1}},
        .key_path = {pki_path(paths[1], sizeof(paths[1]), key), {"edge.ini", 2}},
    };
    if (passphrase != NULL) {
        files.passphrase_path =
            (struct config_text){pki_path(paths[2], sizeof(paths[2]), passphrase), {"edge.ini", 3}};
    }
    return tls_credential_create(&files, diagnostics, ret_credential);
}

/* NAME.pem with NAME.key, which must be without a fault. */
static inline struct tls_credential *credential_named(const char *name)
{
    char chain[64];
    char key[64];
    struct diagnostics diagnostics;
    struct tls_credential *credential = NULL;
    (void)snprintf(chain, sizeof(chain), "%s.pem", name);
    (void)snprintf(key, sizeof(key), "%s.key", name);
    diagnostics_init(&diagnostics);
    assert_true(result_is_ok(load_credential(chain, key, NULL, &diagnostics, &credential)));
    diagnostics_deinit(&diagnostics);
    return credential;
}

#define SUITES_BOTH                                                                                \
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", \
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",        \
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
#define GROUPS_ALL "X25519MLKEM768", "X25519", "P-256", "P-384"

enum { POLICY_NAMES_MAX = 32 };

/* A policy with its memory. */
struct test_policy {
    struct config_text suites[POLICY_NAMES_MAX];
    struct config_text groups[POLICY_NAMES_MAX];
    struct config_ssl_profile profile;
};

static inline size_t fill_names(struct config_text *items, const char *const *names)
{
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        items[count] = (struct config_text){names[count], {"edge.ini", 10}};
    }
    return count;
}

/* suites and groups end with NULL. */
static inline const struct config_ssl_profile *
make_profile(struct test_policy *memory, unsigned versions, const char *const *suites,
             const char *const *groups, enum config_verify_mode mode)
{
    memory->profile = (struct config_ssl_profile){
        .name = "devices",
        .verify_mode = mode,
        .policy = {.name = "Custom",
                   .versions = versions,
                   .cipher_suites = {memory->suites, fill_names(memory->suites, suites)},
                   .groups = {memory->groups, fill_names(memory->groups, groups)}},
    };
    return &memory->profile;
}

#endif
