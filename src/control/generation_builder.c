/*
 * Building a generation in stages; each stage goes on after a mistake, so that one run tells them
 * all. What was built is taken down again when any of them failed: there is no half generation.
 */
#include "control/generation_builder.h"

#include <stdlib.h>
#include <string.h>

#include "backend_health.h"
#include "backend_resolver.h"
#include "base/check.h"
#include "config/config.h"
#include "control/privileges.h"
#include "control/staple_list.h"
#include "start_check.h"
#include "tls/ticket_key_file.h"
#include "tls/tls_credential.h"
#include "trust/trust_policy.h"

/* Asked about a configuration, or a draft of one. */
typedef void (*config_look)(const struct config *config, struct diagnostics *diagnostics);

static struct result load_policies(struct generation *generation, struct diagnostics *diagnostics)
{
    const struct config *config = generation->config;
    struct result result = RESULT_OK;
    generation->trust_policies =
        calloc(config->ssl_profile_count, sizeof(*generation->trust_policies));
    if (generation->trust_policies == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        struct result loaded = trust_policy_create(&config->ssl_profiles[i], diagnostics,
                                                   &generation->trust_policies[i]);
        result = result_is_ok(loaded) ? result : loaded;
    }
    return result;
}

static struct result load_listener_credentials(struct generation *generation,
                                               const struct config_listener *listener,
                                               struct diagnostics *diagnostics)
{
    struct result result = RESULT_OK;
    struct tls_credential **credentials = calloc(listener->certificate_count, sizeof(*credentials));
    if (credentials == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    generation->tls_credentials[listener->index] = credentials;
    for (size_t i = 0; i < listener->certificate_count; i++) {
        const struct config_certificate *files = &listener->certificates[i];
        struct result loaded = files->key_path.text == NULL /* of a draft alone */
                                   ? tls_credential_check_chain(files, diagnostics)
                                   : tls_credential_create(files, diagnostics, &credentials[i]);
        result = result_is_ok(loaded) ? result : loaded;
    }
    return result;
}

static struct result load_credentials(struct generation *generation,
                                      struct diagnostics *diagnostics)
{
    const struct config *config = generation->config;
    struct result result = RESULT_OK;
    generation->tls_credentials =
        calloc(config->listener_count, sizeof(*generation->tls_credentials));
    if (generation->tls_credentials == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->listener_count; i++) {
        struct result loaded =
            load_listener_credentials(generation, &config->listeners[i], diagnostics);
        result = result_is_ok(loaded) ? result : loaded;
    }
    return result;
}

static struct result resolve_backends(struct generation *generation,
                                      struct diagnostics *diagnostics)
{
    const struct config *config = generation->config;
    struct result result = RESULT_OK;
    generation->backends = calloc(config->backend_count, sizeof(*generation->backends));
    if (generation->backends == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->backend_count; i++) {
        struct result resolved =
            backend_resolver_resolve(&config->backends[i], diagnostics, &generation->backends[i]);
        result = result_is_ok(resolved) ? result : resolved;
    }
    return result;
}

static struct endpoint *find_endpoint(struct generation *generation,
                                      const struct config_address *address)
{
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        struct endpoint *endpoint = &generation->endpoints[i];
        if (config_address_equal(&endpoint->address, address)) {
            return endpoint;
        }
    }
    return NULL;
}

static struct result add_endpoint(struct generation *generation,
                                  const struct config_address *address,
                                  struct endpoint **ret_endpoint)
{
    struct endpoint *endpoint = &generation->endpoints[generation->endpoint_count];
    endpoint->listeners = calloc(generation->config->listener_count, sizeof(*endpoint->listeners));
    if (endpoint->listeners == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    endpoint->address = *address;
    generation->endpoint_count++;
    *ret_endpoint = endpoint;
    return RESULT_OK;
}

static struct result gather_endpoints(struct generation *generation)
{
    const struct config *config = generation->config;
    size_t address_count = 0;
    for (size_t i = 0; i < config->listener_count; i++) {
        address_count += config->listeners[i].address_count;
    }
    CHECK(config->listener_count > 0 && address_count > 0); /* else config_load() had failed */
    generation->endpoint_count = 0;
    generation->endpoints = calloc(address_count, sizeof(*generation->endpoints));
    if (generation->endpoints == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->listener_count; i++) {
        const struct config_listener *listener = &config->listeners[i];
        for (size_t j = 0; j < listener->address_count; j++) {
            struct endpoint *endpoint = find_endpoint(generation, &listener->addresses[j]);
            if (endpoint == NULL) {
                TRY(add_endpoint(generation, &listener->addresses[j], &endpoint));
            }
            endpoint->listeners[endpoint->listener_count++] = listener;
        }
    }
    return RESULT_OK;
}

static struct result load_ticket_keys(struct generation *generation,
                                      struct diagnostics *diagnostics)
{
    const struct config_text *path = &generation->config->gateway.ticket_key_file;
    if (path->text == NULL) {
        return RESULT_OK;
    }
    return ticket_key_file_load(path, diagnostics, generation->ticket_keys,
                                &generation->ticket_key_count);
}

/* All that lies outside of the configuration's text; also of a draft. */
static struct result load_files(struct generation *generation, struct diagnostics *diagnostics)
{
    struct result policies = load_policies(generation, diagnostics);
    struct result credentials = load_credentials(generation, diagnostics);
    struct result ticket_keys = load_ticket_keys(generation, diagnostics);
    struct result backends = resolve_backends(generation, diagnostics);
    struct privileges unused; /* whether they exist is what counts here */
    struct result privileges = privileges_find(&generation->config->gateway, diagnostics, &unused);
    TRY(policies);
    TRY(credentials);
    TRY(ticket_keys);
    TRY(backends);
    return privileges;
}

static struct result load_all(struct generation *generation, struct diagnostics *diagnostics)
{
    TRY(load_files(generation, diagnostics));
    TRY(staple_list_create(generation, diagnostics));
    return gather_endpoints(generation);
}

/* The files are to blame for more than the text has been blamed for already. Takes the draft;
 * whatever comes of it is taken down again before anybody could use it. */
static void tell_of_draft(struct config *draft, struct diagnostics *diagnostics)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    if (generation == NULL) {
        diagnostics->out_of_memory = true;
        config_destroy(draft);
        return;
    }
    generation->config = draft;
    struct result loaded = load_files(generation, diagnostics);
    if (loaded.code == ERROR_OUT_OF_MEMORY) {
        diagnostics->out_of_memory = true; /* some mistake may be missing */
    }
    generation_builder_destroy(generation);
}

static struct result read_all(struct generation *generation, const char *path, config_look look,
                              struct diagnostics *diagnostics)
{
    struct config *draft = NULL;
    struct result result = config_load_or_draft(path, diagnostics, &generation->config, &draft);
    const struct config *read = draft != NULL ? draft : generation->config;
    if (look != NULL && read != NULL) {
        look(read, diagnostics);
    }
    if (draft != NULL) {
        tell_of_draft(draft, diagnostics);
    }
    return result_is_ok(result) ? load_all(generation, diagnostics) : result;
}

static struct result build(const char *path, config_look look, struct diagnostics *diagnostics,
                           struct generation **ret_generation)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    if (generation == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    generation->users = calloc(1, sizeof(*generation->users));
    struct result result = generation->users == NULL
                               ? result_failure(ERROR_OUT_OF_MEMORY)
                               : read_all(generation, path, look, diagnostics);
    if (diagnostics->out_of_memory) { /* whatever else is wrong: this is no mistake in a file */
        result = result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (!result_is_ok(result)) {
        generation_builder_destroy(generation);
        return result;
    }
    *ret_generation = generation;
    return RESULT_OK;
}

struct result generation_builder_build(const char *path, struct diagnostics *diagnostics,
                                       struct generation **ret_generation)
{
    return build(path, NULL, diagnostics, ret_generation);
}

struct result generation_builder_check(const char *path, struct diagnostics *diagnostics)
{
    struct generation *generation = NULL;
    size_t errors_before = diagnostics->error_count;
    TRY(build(path, start_check_tell, diagnostics, &generation));
    generation_builder_destroy(generation);
    return diagnostics->error_count == errors_before ? RESULT_OK : result_failure(ERROR_BAD_CONFIG);
}

static void destroy_credentials(struct generation *generation,
                                const struct config_listener *listener)
{
    struct tls_credential **credentials = generation->tls_credentials[listener->index];
    for (size_t i = 0; credentials != NULL && i < listener->certificate_count; i++) {
        tls_credential_destroy(credentials[i]);
    }
    free(credentials);
}

void generation_builder_end_trust(struct generation *generation)
{
    const struct config *config = generation->config;
    for (size_t i = 0; generation->trust_policies != NULL && i < config->ssl_profile_count; i++) {
        trust_policy_destroy(generation->trust_policies[i]);
    }
    for (size_t i = 0; generation->tls_credentials != NULL && i < config->listener_count; i++) {
        destroy_credentials(generation, &config->listeners[i]);
    }
    staple_list_destroy(generation);
    free(generation->trust_policies);
    free(generation->tls_credentials);
    generation->trust_policies = NULL;
    generation->tls_credentials = NULL;
    explicit_bzero(generation->ticket_keys, sizeof(generation->ticket_keys));
}

static void destroy_parts(struct generation *generation)
{
    const struct config *config = generation->config;
    generation_builder_end_trust(generation);
    if (generation->health != NULL) {
        backend_health_release(generation->health, generation);
    }
    for (size_t i = 0; generation->backends != NULL && i < config->backend_count; i++) {
        backend_resolver_free(&generation->backends[i]);
    }
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        free(generation->endpoints[i].listeners);
    }
}

void generation_builder_destroy(struct generation *generation)
{
    if (generation == NULL) {
        return;
    }
    if (generation->config != NULL) {
        destroy_parts(generation);
    }
    free(generation->backends);
    free(generation->endpoints);
    free(generation->users);
    config_destroy(generation->config);
    free(generation);
}
