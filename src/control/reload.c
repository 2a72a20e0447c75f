/*
 * Building, preparing, publishing. Everything that can fail comes before the first worker is told;
 * what is told is taken by every worker in its next turn.
 */
#include "control/reload.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend_health.h"
#include "base/text.h"
#include "control/endpoint_sockets.h"
#include "control/generation_builder.h"
#include "control/generation_reading.h"
#include "control/staple_list.h"
#include "trust/trust_policy.h"

/* Between two looks at whether the workers have gone over. */
#define LOOK_US 200

static struct result fail(const struct reload *reload, const char *step, struct result result)
{
    diagnostics_add(reload->diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0},
                    "%s: %s; what was there before goes on", step, result_text(result));
    return result;
}

static struct result read_all(const struct reload *reload, struct generation **ret_fresh)
{
    struct result result = generation_reading_run(reload->config_path, reload->look, reload->owner,
                                                  reload->diagnostics, ret_fresh);
    return result.code == ERROR_THREAD ? fail(reload, "the thread that reads it", result) : result;
}

/* Preparing. */

static struct result prepare_one(const struct reload *reload, const struct generation *fresh,
                                 struct endpoint_sockets *sockets, uint32_t worker,
                                 struct worker_publication *publication)
{
    struct result result = worker_prepare(reload->group->workers[worker], fresh,
                                          endpoint_sockets_of(sockets, worker), publication);
    endpoint_sockets_give(sockets, worker);
    return result;
}

static struct result prepare_all(const struct reload *reload, const struct generation *fresh,
                                 struct endpoint_sockets *sockets,
                                 struct worker_publication *publications)
{
    uint32_t count = 0;
    struct result result = RESULT_OK;
    while (count < reload->group->count && result_is_ok(result)) {
        result = prepare_one(reload, fresh, sockets, count, &publications[count]);
        count += result_is_ok(result);
    }
    if (result_is_ok(result)) {
        result = staple_list_keep(reload->services->shared.ocsp_engine, fresh);
    }
    if (!result_is_ok(result)) {
        while (count-- > 0) {
            worker_discard(&publications[count]);
        }
    }
    return result;
}

static struct result prepare_logs(const struct reload *reload, const struct generation *fresh,
                                  struct log_change *ret_logs)
{
    return log_writer_prepare(reload->log_writer, &fresh->config->gateway, reload->diagnostics,
                              ret_logs);
}

static struct result open_and_prepare(const struct reload *reload, const struct generation *fresh,
                                      struct worker_publication *publications)
{
    struct endpoint_sockets sockets;
    struct endpoint_wish wish = {
        .generation = fresh,
        .former = reload->generations->current,
        .worker_count = reload->group->count,
        .inherited = reload->inherited,
        .diagnostics = reload->diagnostics,
    };
    struct result result = endpoint_sockets_open(&sockets, &wish);
    if (result_is_ok(result)) {
        result = prepare_all(reload, fresh, &sockets, publications);
        if (!result_is_ok(result)) {
            (void)fail(reload, "the workers cannot be prepared", result);
        }
    }
    endpoint_sockets_close(&sockets);
    return result;
}

static struct result prepare_tickets(const struct reload *reload)
{
    struct result result = shared_services_renew_ticket_seed(reload->services);
    return result_is_ok(result) ? result : fail(reload, "new ticket keys", result);
}

/* Publishing. */

static bool have_all_published(const struct worker_group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        if (!worker_has_published(group->workers[i])) {
            return false;
        }
    }
    return true;
}

/* A worker that has ended takes no letters; nobody reloads a gateway that is stopping. */
static void publish_all(const struct reload *reload, struct worker_publication *publications)
{
    const struct timespec look = {.tv_nsec = LOOK_US * 1000L};
    for (uint32_t i = 0; i < reload->group->count; i++) {
        worker_publish(reload->group->workers[i], &publications[i]);
    }
    while (!have_all_published(reload->group)) {
        (void)nanosleep(&look, NULL);
    }
}

static bool has_policy(const struct generation *generation, const uint8_t *policy_id)
{
    for (size_t i = 0; i < generation->config->ssl_profile_count; i++) {
        if (memcmp(trust_policy_id(generation->trust_policies[i]), policy_id,
                   TRUST_POLICY_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Nobody is judged by them any more; their verdicts would only take up room. */
static void forget_policies(const struct reload *reload, const struct generation *fresh)
{
    const struct generation *former = reload->generations->current;
    for (size_t i = 0; i < former->config->ssl_profile_count; i++) {
        const uint8_t *id = trust_policy_id(former->trust_policies[i]);
        if (!has_policy(fresh, id)) {
            shared_services_forget_policy(reload->services, id);
        }
    }
}

static struct result take_over(const struct reload *reload, struct generation *fresh)
{
    struct worker_publication *publications = calloc(reload->group->count, sizeof(*publications));
    if (publications == NULL) {
        return fail(reload, "reload", result_failure(ERROR_OUT_OF_MEMORY));
    }
    traffic_labels_add(reload->labels, fresh->config);
    struct log_change logs = {0};
    struct result result = backend_health_adopt(reload->services->backend_health, fresh);
    result = result_is_ok(result) ? prepare_logs(reload, fresh, &logs)
                                  : fail(reload, "the accounts of the servers", result);
    if (result_is_ok(result)) {
        result = prepare_tickets(reload);
    }
    if (result_is_ok(result)) {
        result = open_and_prepare(reload, fresh, publications);
    }
    if (result_is_ok(result)) {
        publish_all(reload, publications);
        backend_health_publish(reload->services->backend_health, fresh);
        log_writer_publish(reload->log_writer, &logs);
        forget_policies(reload, fresh);
        config_restarts_note(reload->restarts, fresh->config, reload->diagnostics);
        generations_replace(reload->generations, fresh);
    }
    log_writer_discard(&logs); /* nothing, once it is published */
    shared_services_forget_ticket_seed(reload->services);
    free(publications);
    return result;
}

struct result reload_apply(const struct reload *reload)
{
    struct generation *fresh = NULL;
    TRY(read_all(reload, &fresh));
    struct result result = take_over(reload, fresh);
    if (!result_is_ok(result)) {
        generation_builder_destroy(fresh);
    }
    return result;
}

void reload_append_outcome(const char *config_path, struct result result, size_t error_count,
                           struct text *text)
{
    if (result_is_ok(result)) {
        text_append_format(text, "reloaded %s", config_path);
    } else if (error_count == 0) {
        text_append_format(text, "cannot reload %s: %s; the configuration in use stays",
                           config_path, result_text(result));
    } else {
        text_append_format(text, "%zu %s in %s; the configuration in use stays", error_count,
                           text_noun(error_count, "error", "errors"), config_path);
    }
}
