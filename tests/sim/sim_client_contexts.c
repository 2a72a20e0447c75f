/* The TLS of the clients: a context for each certificate and version, made once for all seeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/check.h"
#include "sim_client_parts.h"

#define IDENTITY_BYTES_MAX 4096

struct sim_client_contexts {
    WOLFSSL_CTX *items[2][SIM_CERTIFICATE_COUNT];
    char identities[SIM_CERTIFICATE_COUNT][IDENTITY_BYTES_MAX]; /* base64, on one line */
};

static WOLFSSL_CTX *make_context(const char *folder, bool is_tls12, const char *certificate)
{
    char path[256];
    WOLFSSL_CTX *context =
        wolfSSL_CTX_new(is_tls12 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method());
    CHECK(context != NULL);
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_NONE, NULL);
    wolfSSL_CTX_SetIORecv(context, sim_client_receive);
    wolfSSL_CTX_SetIOSend(context, sim_client_transmit);
    if (certificate != NULL) {
        (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, certificate);
        CHECK(wolfSSL_CTX_use_certificate_chain_file(context, path) == WOLFSSL_SUCCESS);
        (void)snprintf(path, sizeof(path), "%s/%s.key", folder, certificate);
        CHECK(wolfSSL_CTX_use_PrivateKey_file(context, path, WOLFSSL_FILETYPE_PEM) ==
              WOLFSSL_SUCCESS);
    }
    return context;
}

/* What lies between the first line of the file and the last. */
static void read_identity(const char *folder, const char *certificate, char *ret_identity)
{
    char path[256];
    char line[128];
    (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, certificate);
    FILE *file = fopen(path, "re");
    CHECK(file != NULL);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        CHECK(strlen(ret_identity) + strlen(line) < IDENTITY_BYTES_MAX);
        strcat(ret_identity, line[0] == '-' ? "" : line);
    }
    (void)fclose(file);
}

struct sim_client_contexts *sim_client_contexts_create(const char *folder)
{
    static const char *const names[SIM_CERTIFICATE_COUNT] = {
        [SIM_CERTIFICATE_GOOD] = "client_good",
        [SIM_CERTIFICATE_STRANGER] = "client_stranger",
        [SIM_CERTIFICATE_NONE] = NULL,
    };
    struct sim_client_contexts *contexts = calloc(1, sizeof(*contexts));
    CHECK(contexts != NULL);
    for (size_t version = 0; version < 2; version++) {
        for (size_t i = 0; i < SIM_CERTIFICATE_COUNT; i++) {
            contexts->items[version][i] = make_context(folder, version == 1, names[i]);
        }
    }
    for (size_t i = 0; i < SIM_CERTIFICATE_COUNT; i++) {
        if (names[i] != NULL) {
            read_identity(folder, names[i], contexts->identities[i]);
        }
    }
    return contexts;
}

void sim_client_contexts_destroy(struct sim_client_contexts *contexts)
{
    for (size_t version = 0; version < 2; version++) {
        for (size_t i = 0; i < SIM_CERTIFICATE_COUNT; i++) {
            wolfSSL_CTX_free(contexts->items[version][i]);
        }
    }
    free(contexts);
}

struct WOLFSSL *sim_client_contexts_new_tls(const struct sim_client_contexts *contexts,
                                            bool is_tls12, enum sim_certificate certificate)
{
    return wolfSSL_new(contexts->items[is_tls12][certificate]);
}

const char *sim_client_contexts_identity(const struct sim_client_contexts *contexts,
                                         enum sim_certificate certificate)
{
    const char *identity = contexts->identities[certificate];
    return identity[0] == '\0' ? NULL : identity;
}
