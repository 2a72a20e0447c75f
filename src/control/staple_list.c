/*
 * The gateway's own certificates as questions to OCSP responders. An issuer is the next certificate
 * of the file, else a CA that the listener's profile trusts and that has signed the certificate.
 */
#include "control/staple_list.h"

#include <stdlib.h>

#include "tls/tls_credential.h"
#include "trust/own_certificate.h"
#include "trust/revocation.h"

/*
 * How all of them are asked for, whatever the profiles say of clients' certificates: POST without a
 * nonce, at the responder that the certificate names, as often as the answer's life demands.
 */
static const struct ocsp_manner manner = {
    .timeout_ms = 10000,
    .connect_timeout_ms = 5000,
    .read_timeout_ms = 5000,
    .retry_after_ms = 10000,
    .max_age_ms = 7 * 86400 * 1000U,
};

/* One certificate of a listener. */
struct subject {
    const struct config_listener *listener;
    const struct config_certificate *files;
    const struct tls_credential *credential;
    const struct trust_policy *policy;
    struct diagnostics *diagnostics;
};

static struct bytes leaf_of(const struct subject *subject)
{
    return tls_credential_certificate(subject->credential, 0);
}

/* Empty: nobody knows. */
static struct bytes find_issuer(const struct subject *subject)
{
    struct bytes leaf = leaf_of(subject);
    if (tls_credential_chain_count(subject->credential) > 1) {
        struct bytes next = tls_credential_certificate(subject->credential, 1);
        return own_certificate_is_issued_by(leaf, next) ? next : (struct bytes){0};
    }
    for (size_t i = 0; i < trust_policy_ca_count(subject->policy); i++) {
        struct bytes ca = trust_policy_ca_at(subject->policy, i).der;
        if (own_certificate_is_issued_by(leaf, ca)) {
            return ca;
        }
    }
    return (struct bytes){0};
}

/* Only to those who count on it. */
static void warn(const struct subject *subject, const struct own_certificate *facts,
                 const char *why)
{
    if (facts->must_staple) {
        diagnostics_add(subject->diagnostics, DIAGNOSTIC_WARNING, subject->files->chain_path.place,
                        "[listener %s] certificate file %s demands OCSP stapling (RFC 7633), but "
                        "%s; clients may refuse the connection",
                        subject->listener->name, subject->files->chain_path.text, why);
    } else if (config_listener_gives(subject->listener, "ocsp_stapling")) {
        diagnostics_add(subject->diagnostics, DIAGNOSTIC_WARNING, subject->files->chain_path.place,
                        "[listener %s] ocsp_stapling = on: nothing can be stapled to the "
                        "certificate in %s, because %s",
                        subject->listener->name, subject->files->chain_path.text, why);
    }
}

/* NULL in ret_question: nothing can be stapled. */
static struct result ask(const struct subject *subject, struct ocsp_question **ret_question)
{
    struct own_certificate facts;
    if (!own_certificate_read(leaf_of(subject), &facts)) {
        facts = (struct own_certificate){0};
        warn(subject, &facts, "the certificate is not well-formed");
        return RESULT_OK;
    }
    if (!subject->listener->has_ocsp_stapling) {
        if (facts.must_staple) {
            warn(subject, &facts, "ocsp_stapling is off");
        }
        return RESULT_OK;
    }
    if (!facts.names_responder) {
        warn(subject, &facts, "it names no OCSP responder of http");
        return RESULT_OK;
    }
    struct bytes issuer = find_issuer(subject);
    if (issuer.length == 0) {
        warn(subject, &facts,
             "its issuer is neither behind it in the file nor a trusted_client_ca");
        return RESULT_OK;
    }
    return ocsp_question_create(leaf_of(subject), issuer, ret_question);
}

static struct result ask_all_of(struct generation *generation,
                                const struct config_listener *listener,
                                struct diagnostics *diagnostics)
{
    const struct config *config = generation->config;
    for (size_t i = 0; i < listener->certificate_count; i++) {
        struct subject subject = {
            .listener = listener,
            .files = &listener->certificates[i],
            .credential = generation->tls_credentials[listener->index][i],
            .policy = generation->trust_policies[listener->ssl_profile - config->ssl_profiles],
            .diagnostics = diagnostics,
        };
        enum tls_key_kind kind = tls_credential_key_kind(subject.credential);
        TRY(ask(&subject, &generation->staples[listener->index].items[kind]));
    }
    return RESULT_OK;
}

struct result staple_list_create(struct generation *generation, struct diagnostics *diagnostics)
{
    const struct config *config = generation->config;
    generation->staples = calloc(config->listener_count, sizeof(*generation->staples));
    if (generation->staples == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->listener_count; i++) {
        TRY(ask_all_of(generation, &config->listeners[i], diagnostics));
    }
    return RESULT_OK;
}

void staple_list_destroy(struct generation *generation)
{
    size_t count = generation->staples == NULL ? 0 : generation->config->listener_count;
    for (size_t i = 0; i < count; i++) {
        for (enum tls_key_kind kind = 0; kind < TLS_KEY_KIND_COUNT; kind++) {
            ocsp_question_destroy(generation->staples[i].items[kind]);
        }
    }
    free(generation->staples);
    generation->staples = NULL;
}

/* Questions and manners have room for all. */
static void gather(const struct generation *generation, const struct ocsp_question **questions,
                   const struct ocsp_manner **manners, struct ocsp_engine_wishes *wishes)
{
    const struct config *config = generation->config;
    for (size_t i = 0; i < config->listener_count * TLS_KEY_KIND_COUNT; i++) {
        const struct ocsp_question *question =
            generation->staples[i / TLS_KEY_KIND_COUNT].items[i % TLS_KEY_KIND_COUNT];
        if (question != NULL) {
            questions[wishes->question_count++] = question;
        }
    }
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        const struct trust_policy *policy = generation->trust_policies[i];
        if (revocation_is_wanted(policy)) {
            manners[wishes->clients_manner_count++] = revocation_manner(policy);
        }
    }
}

struct result staple_list_keep(struct ocsp_engine *engine, const struct generation *generation)
{
    const struct config *config = generation->config;
    const struct ocsp_question **questions =
        calloc(config->listener_count * TLS_KEY_KIND_COUNT, sizeof(const struct ocsp_question *));
    const struct ocsp_manner **manners =
        calloc(config->ssl_profile_count, sizeof(const struct ocsp_manner *));
    struct ocsp_engine_wishes wishes = {
        .questions = questions, .manner = &manner, .clients_manners = manners};
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (questions != NULL && manners != NULL) {
        gather(generation, questions, manners, &wishes);
        result = ocsp_engine_keep(engine, &wishes);
    }
    free(manners);
    free(questions);
    return result;
}
