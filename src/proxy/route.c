/* Names to listeners: the exact name first, then patterns, then the default of the address. */
#include "route.h"
#include "http/host.h"

static bool has_exact_name(const struct config_listener *listener, struct bytes name)
{
    for (size_t i = 0; i < listener->server_names.count; i++) {
        if (bytes_equal(bytes_from_string(listener->server_names.items[i].text), name)) {
            return true;
        }
    }
    return false;
}

static bool has_matching_pattern(const struct config_listener *listener, struct bytes name)
{
    for (size_t i = 0; i < listener->server_names.count; i++) {
        if (host_matches_pattern(name, bytes_from_string(listener->server_names.items[i].text))) {
            return true;
        }
    }
    return false;
}

/* The listener that names name, or NULL. */
static const struct config_listener *find_named(const struct endpoint *endpoint, struct bytes name)
{
    for (size_t i = 0; i < endpoint->listener_count; i++) {
        if (has_exact_name(endpoint->listeners[i], name)) {
            return endpoint->listeners[i];
        }
    }
    for (size_t i = 0; i < endpoint->listener_count; i++) {
        if (has_matching_pattern(endpoint->listeners[i], name)) {
            return endpoint->listeners[i];
        }
    }
    return NULL;
}

const struct config_listener *route_by_server_name(const struct endpoint *endpoint,
                                                   struct bytes name)
{
    const struct config_listener *named = name.length == 0 ? NULL : find_named(endpoint, name);
    if (named != NULL) {
        return named;
    }
    for (size_t i = 0; i < endpoint->listener_count; i++) {
        if (endpoint->listeners[i]->server_names.count == 0) {
            return endpoint->listeners[i];
        }
    }
    return NULL;
}

const struct config_listener *route_by_host(const struct endpoint *endpoint,
                                            const struct config_listener *own, struct bytes host)
{
    const struct config_listener *named = find_named(endpoint, host);
    if (named == NULL) {
        return own;
    }
    return named->ssl_profile == own->ssl_profile ? named : NULL;
}
