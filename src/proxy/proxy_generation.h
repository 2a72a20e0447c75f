/*
 * A generation as one worker serves it: TLS contexts and backend pools beside the configuration.
 *
 * Made by the control thread, from then on the worker's. When a newer one is published its clients
 * move over, between two requests or with their tunnels; whoever is at a request ends it here.
 * Destroyed by the worker when the last has left.
 */
#ifndef PROXY_PROXY_GENERATION_H
#define PROXY_PROXY_GENERATION_H

#include "connection.h"

struct proxy_generation {
    const struct generation *content;
    struct proxy *proxy;
    struct site *sites;         /* one a listener */
    struct backend_pool *pools; /* one a backend */
    struct http_edit *edits;    /* room for those of one head; of one step */
    uint32_t client_count;      /* connections that were let in by it and not moved on */
    uint32_t exchange_count;    /* requests that one of its listeners serves */
    struct list place;          /* in proxy->retired */
    struct timer limit;         /* for clients that have nowhere to move */
    bool has_left_trust;        /* contexts are destroyed, policies not used */
};

/* Gives up what nobody uses any more of those that are retired; once a turn. */
void proxy_generation_collect(struct proxy *proxy);

/* The one whose endpoint it is and that still takes clients, or NULL: endpoint may be gone. */
struct proxy_generation *proxy_generation_of_endpoint(const struct proxy *proxy,
                                                      const struct endpoint *endpoint);

/* The connection's generation from now on; it has none. */
void proxy_generation_enter(struct connection *connection, struct proxy_generation *generation,
                            const struct endpoint *endpoint);

/* The connection is gone. Harmless when it had none. */
void proxy_generation_leave(struct connection *connection);

/*
 * Moves a connection that is SERVING or TUNNELLING to the current generation, where its listener
 * has the same name at the same address. False: there is none such, and its present request is the
 * last.
 */
bool proxy_generation_follow(struct connection *connection);

/* site, or none (NULL), serves the exchange from now on. */
void proxy_generation_serve(struct exchange *exchange, const struct site *site);

static inline const struct config_gateway *proxy_gateway(const struct proxy *proxy)
{
    return &proxy->current->content->config->gateway;
}

/* The settings that go with the listener, whatever has been published since. */
static inline const struct config_gateway *site_gateway(const struct site *site)
{
    return &site->generation->content->config->gateway;
}

/* The worker's side of a listener of the connection's generation. */
static inline const struct site *connection_site_of(const struct connection *connection,
                                                    const struct config_listener *listener)
{
    return &connection->generation->sites[listener->index];
}

/* The listener's that the client asked for, else the first one's of the address. */
static inline struct listener_counters *
connection_listener_counters(const struct connection *connection)
{
    const struct site *site =
        connection->site != NULL
            ? connection->site
            : connection_site_of(connection, connection->endpoint->listeners[0]);
    return &connection->proxy->around.counters->traffic.listeners[site->listener_label];
}

#endif
