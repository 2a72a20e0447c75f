/* A route's label is the names of its listener and backend with what no name holds between them. */
#include "proxy/traffic_labels.h"

#include <stdio.h>

#include "config/config_limits.h"

#define SEPARATOR '\n'

_Static_assert(LABEL_NAME_BYTES_MAX >= 2 * CONFIG_NAME_BYTES_MAX + 1, "a route has room");

static void write_route(const struct config_listener *listener,
                        char ret_name[static LABEL_NAME_BYTES_MAX + 1])
{
    (void)snprintf(ret_name, LABEL_NAME_BYTES_MAX + 1, "%s%c%s", listener->name, SEPARATOR,
                   listener->backend->name);
}

void traffic_labels_add(struct traffic_labels *labels, const struct config *config)
{
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        (void)label_table_add(&labels->profiles, config->ssl_profiles[i].name);
    }
    for (size_t i = 0; i < config->listener_count; i++) {
        char route[LABEL_NAME_BYTES_MAX + 1];
        write_route(&config->listeners[i], route);
        (void)label_table_add(&labels->listeners, config->listeners[i].name);
        (void)label_table_add(&labels->routes, route);
    }
}

size_t traffic_labels_find_route(const struct traffic_labels *labels,
                                 const struct config_listener *listener)
{
    char route[LABEL_NAME_BYTES_MAX + 1];
    write_route(listener, route);
    return label_table_find(&labels->routes, route);
}

struct traffic_route_name traffic_labels_route(const struct traffic_labels *labels, size_t number)
{
    struct bytes name = bytes_from_string(label_table_name(&labels->routes, number));
    size_t end = bytes_find(name, SEPARATOR);
    bool is_pair = end < name.length; /* "other" stands for both */
    return (struct traffic_route_name){
        .listener = bytes_slice(name, 0, end),
        .backend = is_pair ? bytes_slice(name, end + 1, name.length) : name,
    };
}
