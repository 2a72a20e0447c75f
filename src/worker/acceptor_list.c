/* All acceptors of a worker, told the same. Called by worker.c. */
#include "acceptor_list.h"

#include <unistd.h>

static struct acceptor *acceptor_at(struct list *place)
{
    return LIST_OWNER(place, struct acceptor, place);
}

struct result acceptor_list_fill(struct list *acceptors, const struct generation *generation,
                                 const int *listen_sockets, bool are_shared)
{
    struct result result = RESULT_OK;
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        if (listen_sockets[i] < 0) {
            continue;
        }
        struct acceptor *acceptor = acceptor_create(listen_sockets[i], &generation->endpoints[i]);
        if (acceptor == NULL) {
            (void)close(listen_sockets[i]);
            result = result_failure(ERROR_OUT_OF_MEMORY);
        } else {
            acceptor->is_shared = are_shared;
            list_add_last(acceptors, &acceptor->place);
        }
    }
    return result;
}

void acceptor_list_empty(struct list *acceptors)
{
    struct list *place;
    while ((place = list_take_first(acceptors)) != NULL) {
        acceptor_destroy(acceptor_at(place));
    }
}

void acceptor_list_equip(struct list *acceptors, struct ring *ring, struct timer_wheel *wheel,
                         struct proxy *proxy)
{
    for (struct list *at = acceptors->next; at != acceptors; at = at->next) {
        acceptor_at(at)->ring = ring;
        acceptor_at(at)->wheel = wheel;
        acceptor_at(at)->proxy = proxy;
    }
}

void acceptor_list_open(struct list *acceptors)
{
    for (struct list *at = acceptors->next; at != acceptors; at = at->next) {
        acceptor_open(acceptor_at(at));
    }
}

void acceptor_list_shut(struct list *acceptors)
{
    for (struct list *at = acceptors->next; at != acceptors; at = at->next) {
        acceptor_shut(acceptor_at(at));
    }
}

void acceptor_list_review(struct list *acceptors)
{
    for (struct list *at = acceptors->next, *next = at->next; at != acceptors;
         at = next, next = at->next) {
        acceptor_review(acceptor_at(at));
        if (acceptor_is_closed(acceptor_at(at))) {
            list_remove(at);
            acceptor_destroy(acceptor_at(at));
        }
    }
}

bool acceptor_list_is_closing(const struct list *acceptors)
{
    for (struct list *at = acceptors->next; at != acceptors; at = at->next) {
        if (acceptor_at(at)->is_shut) {
            return true;
        }
    }
    return false;
}

void acceptor_list_refit(struct list *acceptors, const struct generation *generation)
{
    for (struct list *at = acceptors->next; at != acceptors; at = at->next) {
        struct acceptor *acceptor = acceptor_at(at);
        const struct endpoint *endpoint =
            generation_find_endpoint(generation, &acceptor->endpoint->address);
        if (endpoint != NULL) {
            acceptor->endpoint = endpoint;
        } else {
            acceptor_shut(acceptor);
        }
    }
}
