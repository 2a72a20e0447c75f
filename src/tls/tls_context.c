/*
 * wolfSSL contexts of one listener: one for each certificate, because wolfSSL binds a certificate
 * to a context. Created and destroyed by the control thread or the worker, then read by its worker
 * alone.
 *
 * All that must hold for a session to be safe is set here, before the first session exists.
 */
#include <stdlib.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/check.h"
#include "tls/tls_policy.h"

#include "client_hello_parser.h"
#include "tls_callback.h"
#include "tls_context_choice.h"
#include "tls_resumption.h"
#include "wolfssl_internal.h"

enum { SUITE_LIST_SIZE = 2048, GROUPS_MAX = 8 };

struct tls_context {
    unsigned versions;      /* set of enum config_tls_version */
    int groups[GROUPS_MAX]; /* IANA's numbers, which are wolfSSL's, too */
    size_t group_count;
    struct tls_site site;
    size_t count;
    /* In the order of choice. */
    struct {
        enum tls_key_kind key_kind;
        WOLFSSL_CTX *library;
    } certificates[TLS_KEY_KIND_COUNT];
};

static WOLFSSL_CTX *create_library_context(unsigned versions)
{
    WOLFSSL_METHOD *method = versions == CONFIG_TLS_1_2   ? wolfTLSv1_2_server_method()
                             : versions == CONFIG_TLS_1_3 ? wolfTLSv1_3_server_method()
                                                          : wolfSSLv23_server_method();
    return method == NULL ? NULL : wolfSSL_CTX_new(method);
}

static struct result set_versions(WOLFSSL_CTX *library, unsigned versions)
{
    int minimum = (versions & CONFIG_TLS_1_2) != 0 ? WOLFSSL_TLSV1_2 : WOLFSSL_TLSV1_3;
    bool is_set = wolfSSL_CTX_SetMinVersion(library, minimum) == WOLFSSL_SUCCESS;
    return is_set ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

static struct result set_policy(struct tls_context *context, WOLFSSL_CTX *library,
                                const struct config_tls_policy *policy)
{
    char memory[SUITE_LIST_SIZE];
    struct text suite_list = text_over(memory, sizeof(memory));
    TRY(set_versions(library, policy->versions));
    TRY(tls_policy_write_suites(policy, &suite_list));
    TRY(tls_policy_list_groups(policy, context->groups, GROUPS_MAX, &context->group_count));
    if (wolfSSL_CTX_set_cipher_list(library, suite_list.at) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_groups(library, context->groups, (int)context->group_count) !=
            WOLFSSL_SUCCESS) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    return RESULT_OK;
}

static struct result forbid_tickets(WOLFSSL_CTX *library, unsigned versions)
{
    bool is_done = wolfSSL_CTX_NoTicketTLSv12(library) == WOLFSSL_SUCCESS &&
                   ((versions & CONFIG_TLS_1_3) == 0 || wolfSSL_CTX_no_ticket_TLSv13(library) == 0);
    return is_done ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

static struct result set_tickets(const struct tls_context *context, WOLFSSL_CTX *library)
{
    const struct tls_tickets *tickets = context->site.tickets;
    if (tickets == NULL) {
        return forbid_tickets(library, context->versions);
    }
    bool is_done = wolfSSL_CTX_set_TicketEncCb(library, tls_callback_ticket) == WOLFSSL_SUCCESS &&
                   wolfSSL_CTX_set_TicketHint(
                       library, (int)ticket_keys_hint_seconds(&tickets->keys)) == WOLFSSL_SUCCESS;
    return is_done ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

static struct result set_credential(WOLFSSL_CTX *library, const struct tls_credential *credential)
{
    struct bytes chain = tls_credential_chain(credential);
    struct bytes key = tls_credential_key(credential);
    bool is_set =
        wolfSSL_CTX_use_certificate_chain_buffer_format(library, chain.at, (long)chain.length,
                                                        WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
        wolfSSL_CTX_use_PrivateKey_buffer(library, key.at, (long)key.length,
                                          WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
    return is_set ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

static void set_verification(WOLFSSL_CTX *library, enum config_verify_mode mode)
{
    if (mode == CONFIG_VERIFY_OFF) {
        wolfSSL_CTX_set_verify(library, WOLFSSL_VERIFY_NONE, NULL);
        return;
    }
    wolfSSL_CTX_set_verify(library, WOLFSSL_VERIFY_PEER, tls_callback_capture_chain);
    wolfssl_internal_defer_verification(library);
}

static struct result add_certificate(struct tls_context *context,
                                     const struct tls_credential *credential,
                                     const struct config_ssl_profile *profile)
{
    WOLFSSL_CTX *library = create_library_context(context->versions);
    if (library == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    /* From here on tls_context_destroy() frees it. */
    context->certificates[context->count].library = library;
    context->certificates[context->count].key_kind = tls_credential_key_kind(credential);
    context->count++;
    TRY(set_policy(context, library, &profile->policy));
    TRY(set_credential(library, credential));
    TRY(set_tickets(context, library));
    if (wolfSSL_CTX_set_group_messages(library) != WOLFSSL_SUCCESS) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    set_verification(library, profile->verify_mode);
    wolfSSL_CTX_SetIORecv(library, tls_callback_receive);
    wolfSSL_CTX_SetIOSend(library, tls_callback_send);
    return RESULT_OK;
}

static struct result add_all(struct tls_context *context,
                             const struct tls_credential *const *credentials, size_t count,
                             const struct config_ssl_profile *profile)
{
    for (enum tls_key_kind kind = 0; kind < TLS_KEY_KIND_COUNT; kind++) {
        for (size_t i = 0; i < count; i++) {
            if (tls_credential_key_kind(credentials[i]) == kind) {
                TRY(add_certificate(context, credentials[i], profile));
            }
        }
    }
    return RESULT_OK;
}

/*
 * A session keeps the suite of its first handshake, and in TLS 1.2 wolfSSL looks for it in the
 * client's list only: what the policy says must be the same when a ticket comes back.
 */
static struct result bind_tickets(struct tls_context *context,
                                  const struct config_tls_policy *policy)
{
    char memory[SUITE_LIST_SIZE];
    struct text bound = text_over(memory, sizeof(memory));
    text_append_format(&bound, "%u %s", policy->versions, TLS_CONTEXT_PROTOCOL);
    for (size_t i = 0; i < context->group_count; i++) {
        text_append_format(&bound, " %d", context->groups[i]);
    }
    text_append_char(&bound, ' ');
    TRY(tls_policy_write_suites(policy, &bound));
    return tls_resumption_bind(context->site.binding, text_bytes(&bound), context->site.binding);
}

struct result tls_context_create(const struct tls_credential *const *credentials, size_t count,
                                 const struct config_ssl_profile *profile,
                                 const struct tls_site *site, struct tls_context **ret_context)
{
    CHECK(count > 0 && count <= TLS_KEY_KIND_COUNT);
    struct tls_context *context = calloc(1, sizeof(*context));
    if (context == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    context->versions = profile->policy.versions;
    if (site != NULL) {
        context->site = *site;
    }
    struct result result = add_all(context, credentials, count, profile);
    if (result_is_ok(result)) {
        result = bind_tickets(context, &profile->policy);
    }
    if (!result_is_ok(result)) {
        goto destroy_context;
    }
    *ret_context = context;
    return RESULT_OK;

destroy_context:
    tls_context_destroy(context);
    return result;
}

void tls_context_destroy(struct tls_context *context)
{
    if (context == NULL) {
        return;
    }
    for (size_t i = 0; i < context->count; i++) {
        wolfSSL_CTX_free(context->certificates[i].library);
    }
    free(context);
}

WOLFSSL_CTX *tls_context_choose(const struct tls_context *context, const struct client_hello *hello,
                                enum tls_key_kind *ret_key_kind)
{
    size_t chosen = 0;
    while (
        chosen < context->count &&
        !client_hello_takes_key(hello, context->certificates[chosen].key_kind, context->versions)) {
        chosen++;
    }
    chosen = chosen < context->count ? chosen : 0;
    *ret_key_kind = context->certificates[chosen].key_kind;
    return context->certificates[chosen].library;
}

enum tls_failure tls_context_refuse(const struct tls_context *context,
                                    const struct client_hello *hello)
{
    uint32_t groups = 0;
    for (size_t i = 0; i < context->group_count; i++) {
        groups |= client_hello_parser_group((uint16_t)context->groups[i]);
    }
    if ((context->versions & hello->versions) == 0) {
        return TLS_FAILURE_PROTOCOL_VERSION;
    }
    /* wolfSSL would ask by a HelloRetryRequest for a group that the client does not have. */
    return (groups & hello->groups) == 0 ? TLS_FAILURE_NO_SHARED_GROUP : TLS_FAILURE_NONE;
}

bool tls_context_is_tls12(const struct tls_context *context, const struct client_hello *hello)
{
    return (context->versions & hello->versions) == CONFIG_TLS_1_2;
}

struct result tls_context_set_groups(const struct tls_context *context, WOLFSSL *library)
{
    for (size_t i = 0; i < context->group_count; i++) {
        int group = context->groups[i];
        if (group != WOLFSSL_X25519MLKEM768 && /* TLS 1.3 only */
            wolfSSL_UseSupportedCurve(library, (word16)group) != WOLFSSL_SUCCESS) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
    }
    return RESULT_OK;
}

const struct tls_site *tls_context_site(const struct tls_context *context)
{
    return &context->site;
}
