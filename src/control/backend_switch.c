/* From a name that somebody has typed to the servers that it means. */
#include "backend_switch.h"

#include <string.h>
#include <sys/eventfd.h>

#include "base/text.h"
#include "config/suggestion.h"
#include "health_register.h"

/* A longer one names nothing that there is. */
#define TARGET_BYTES_MAX 511

static bool is_server_named(const struct health_server *server, const char *name)
{
    return server->address != NULL && (strcmp(server->text, name) == 0 ||
                                       strcmp(server->address->server->source.text, name) == 0);
}

/* The part behind "NAME/"; empty for the backend itself, NULL when target means another one. */
static const char *server_part(const struct health_backend *backend, const char *target)
{
    size_t length = strlen(backend->name);
    if (backend->config == NULL || strncmp(backend->name, target, length) != 0) {
        return NULL;
    }
    if (target[length] == '\0') {
        return "";
    }
    return target[length] == '/' && target[length + 1] != '\0' ? target + length + 1 : NULL;
}

static size_t switch_servers(struct backend_health *health, struct health_backend *backend,
                             const char *server_name, bool is_disabled)
{
    size_t count = 0;
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        struct health_server *server = health_server_of(node);
        bool is_meant = server->address != NULL &&
                        (server_name[0] == '\0' || is_server_named(server, server_name));
        if (is_meant) {
            health_judge_disable(server, is_disabled, &health->log);
            count++;
        }
    }
    if (count > 0 && (server_name[0] == '\0' || !is_disabled)) {
        backend->is_disabled = is_disabled;
    }
    return count;
}

static void report_nobody(const struct backend_health *health, const char *target,
                          struct text *report)
{
    struct suggestion suggestion = suggestion_for(target);
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        const struct health_backend *backend = health_backend_of(at);
        if (backend->config != NULL) {
            suggestion_consider(&suggestion, backend->name);
        }
    }
    text_append_format(report, "there is no backend '%s'", target);
    if (suggestion.best != NULL) {
        text_append_format(report, " (did you mean '%s'?)", suggestion.best);
    }
    text_append_char(report, '\n');
}

static void report_no_server(const struct health_backend *backend, const char *server_name,
                             struct text *report)
{
    struct suggestion suggestion = suggestion_for(server_name);
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        const struct health_server *server = health_server_of(node);
        if (server->address != NULL) {
            suggestion_consider(&suggestion, server->address->server->source.text);
            suggestion_consider(&suggestion, server->text);
        }
    }
    text_append_format(report, "backend %s has no server '%s'", backend->name, server_name);
    if (suggestion.best != NULL) {
        text_append_format(report, " (did you mean '%s/%s'?)", backend->name, suggestion.best);
    }
    text_append_char(report, '\n');
}

/* Under the lock. */
static struct result set(struct backend_health *health, const char *target, bool is_disabled,
                         struct text *report)
{
    const struct health_backend *named = NULL;
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        struct health_backend *backend = health_backend_of(at);
        const char *server_name = server_part(backend, target);
        if (server_name == NULL) {
            continue;
        }
        size_t count = switch_servers(health, backend, server_name, is_disabled);
        if (count > 0) {
            text_append_format(report, "%s is %s: %zu %s\n", target,
                               is_disabled ? "disabled" : "enabled", count,
                               text_noun(count, "server", "servers"));
            health_judge_count_servers(backend, &health->log);
            return RESULT_OK;
        }
        named = backend;
    }
    if (named != NULL) {
        report_no_server(named, server_part(named, target), report);
    } else {
        report_nobody(health, target, report);
    }
    return result_failure(ERROR_NOT_FOUND);
}

struct result backend_switch_set(struct backend_health *health, struct bytes target,
                                 bool is_disabled, struct text *report)
{
    char name[TARGET_BYTES_MAX + 1];
    if (target.length == 0 || target.length > TARGET_BYTES_MAX ||
        bytes_find(target, '\0') < target.length) {
        text_append_string(report, "say which one: BACKEND or BACKEND/SERVER\n");
        return result_failure(ERROR_NOT_FOUND);
    }
    memcpy(name, target.at, target.length);
    name[target.length] = '\0';
    (void)pthread_mutex_lock(&health->lock);
    struct result result = set(health, name, is_disabled, report);
    (void)pthread_mutex_unlock(&health->lock);
    (void)eventfd_write(health->bell, 1); /* for what is to be logged */
    return result;
}
