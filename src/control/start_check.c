/*
 * No port is bound, so that one that is in use is no mistake here: the gateway itself may be what
 * runs there. Whoever is to write is asked for by trying, not by reading modes.
 */
#include "start_check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "config/config_limits.h"
#include "control/privileges.h"
#include "net/listen_socket.h"
#include "write_trial.h"

/* Whose rights were looked at. */
enum starter {
    STARTER_IS_CERTAIN, /* the user of the configuration, or root without one */
    STARTER_IS_ASKER,   /* whoever runs the check; another may start the gateway */
    STARTER_IS_UNKNOWN, /* another user, whom this process cannot become */
};

/* ---- files ---- */

/* The user is this process's, the configuration's, or somebody else. */
static enum starter look(const struct config_gateway *gateway, struct write_trial *trials,
                         size_t count)
{
    struct diagnostics told_before;
    struct privileges privileges = {0};
    diagnostics_init(&told_before);
    bool is_found = result_is_ok(privileges_find(gateway, &told_before, &privileges));
    diagnostics_deinit(&told_before);
    if (is_found && privileges.user_name != NULL && privileges_are_root() &&
        write_trial_look_as(&privileges, trials, count)) {
        return STARTER_IS_CERTAIN;
    }
    write_trial_look(trials, count);
    if (!is_found) {
        return STARTER_IS_UNKNOWN;
    }
    if (privileges.user_name == NULL) {
        return privileges_are_root() ? STARTER_IS_CERTAIN : STARTER_IS_ASKER;
    }
    return geteuid() == privileges.user ? STARTER_IS_CERTAIN : STARTER_IS_UNKNOWN;
}

/* A unit's RuntimeDirectory=, LogsDirectory= and the like are there from its start on only. */
static bool may_be_made_by_service(const char *path)
{
    static const char *const roots[] = {"/run/", "/var/run/", "/var/log/", "/var/lib/"};
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        if (strncmp(path, roots[i], strlen(roots[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_missing(int reason)
{
    return reason == ENOENT || reason == ENOTDIR;
}

static bool is_forbidden(int reason)
{
    return reason == EACCES || reason == EPERM;
}

/* What is wrong, and what to do about it. */
struct advice {
    int reason;
    const char *fault; /* NULL: as the system says it */
    const char *remedy;
};

static struct advice advice_for(int reason)
{
    static const struct advice rows[] = {
        {ENOENT, NULL, "make its folder first"},
        {ENOTDIR, NULL, "make its folder first"},
        {EISDIR, NULL, "name a file in that folder"},
        {ENOTSOCK, "there is a file that is no socket", "remove it, or choose another path"},
        {EACCES, NULL, "let the gateway's user write there"},
        {EPERM, NULL, "let the gateway's user write there"},
    };
    struct advice advice = {reason, NULL, "choose a place that may be written to"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        advice = rows[i].reason == reason ? rows[i] : advice;
    }
    advice.fault = advice.fault == NULL ? strerror(reason) : advice.fault;
    return advice;
}

static void tell_trial(const char *key, const struct config_text *source,
                       const struct write_trial *trial, enum starter starter,
                       struct diagnostics *diagnostics)
{
    enum diagnostic_severity severity = DIAGNOSTIC_ERROR;
    struct advice advice = advice_for(trial->reason);
    const char *whose = "";
    const char *unless = "";
    if (trial->reason == 0 || (is_forbidden(trial->reason) && starter == STARTER_IS_UNKNOWN) ||
        diagnostics_has_error_at(diagnostics, source->place)) {
        return;
    }
    if (is_forbidden(trial->reason) && starter == STARTER_IS_ASKER) {
        severity = DIAGNOSTIC_WARNING;
        whose = "for the user of this check: ";
    } else if (is_missing(trial->reason) && may_be_made_by_service(trial->path)) {
        severity = DIAGNOSTIC_WARNING;
        unless = ", unless the service manager makes it";
    }
    diagnostics_add(diagnostics, severity, source->place, "[gateway] %s = %s: %s%s; %s%s", key,
                    source->text, whose, advice.fault, advice.remedy, unless);
}

static void check_files(const struct config_gateway *gateway, struct diagnostics *diagnostics)
{
    const struct config_log *logs[] = {&gateway->access_log, &gateway->error_log};
    const struct config_text *sources[] = {&logs[0]->source, &logs[1]->source,
                                           &gateway->stats_socket_source};
    static const char *const keys[] = {"access_log", "error_log", "stats_socket"};
    struct write_trial trials[] = {
        {.path = logs[0]->kind == CONFIG_LOG_FILE ? logs[0]->path : NULL},
        {.path = logs[1]->kind == CONFIG_LOG_FILE ? logs[1]->path : NULL},
        {.path = gateway->stats_socket, .is_socket = true},
    };
    size_t count = sizeof(trials) / sizeof(trials[0]);
    enum starter starter = look(gateway, trials, count);
    for (size_t i = 0; i < count; i++) {
        tell_trial(keys[i], sources[i], &trials[i], starter, diagnostics);
    }
}

/* ---- addresses ---- */

static uint16_t port_of(const struct sockaddr *address)
{
    return ntohs(address->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                                : ((const struct sockaddr_in *)address)->sin_port);
}

static void check_address(const char *setting, const struct config_address *address,
                          struct diagnostics *diagnostics)
{
    const struct sockaddr *name = (const struct sockaddr *)&address->socket_address;
    const struct config_text *source = &address->source;
    if (diagnostics_has_error_at(diagnostics, source->place)) {
        return;
    }
    struct result result = listen_socket_check_address(name, address->length_bytes);
    if (result.code == ERROR_ADDRESS_UNAVAILABLE) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, source->place,
                        "%s = %s: %s; write an address that this machine has, or 0.0.0.0", setting,
                        source->text, result_text(result));
    } else if (port_of(name) < privileges_first_port()) {
        diagnostics_add(diagnostics, DIAGNOSTIC_WARNING, source->place,
                        "%s = %s: for the user of this check: %s; a port below %u needs "
                        "CAP_NET_BIND_SERVICE",
                        setting, source->text, result_text(result_failure(ERROR_NOT_PERMITTED)),
                        privileges_first_port());
    }
}

static void check_addresses(const struct config *config, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < config->listener_count; i++) {
        const struct config_listener *listener = &config->listeners[i];
        char memory[CONFIG_NAME_BYTES_MAX + 32];
        struct text setting = text_over(memory, sizeof(memory));
        text_append_format(&setting, "[listener %s] address", listener->name);
        (void)text_terminate(&setting);
        for (size_t j = 0; j < listener->address_count; j++) {
            check_address(memory, &listener->addresses[j], diagnostics);
        }
    }
    if (config->gateway.stats_address.length_bytes > 0) {
        check_address("[gateway] stats_address", &config->gateway.stats_address, diagnostics);
    }
}

void start_check_tell(const struct config *config, struct diagnostics *diagnostics)
{
    check_files(&config->gateway, diagnostics);
    check_addresses(config, diagnostics);
}
