/*
 * A queue of lookups and the detached threads that take from it; each thread ends when the queue is
 * empty. What they share is freed by the last that knows it: the owner, or a thread that came back
 * from getaddrinfo() long after the owner had stopped.
 *
 * A lookup is written by its thread until it is posted, by the owner before and after.
 */
#include "name_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

struct name_lookup {
    struct letter letter;
    struct name_lookup *next; /* in the queue */
    name_lookup_callback found;
    void *owner; /* NULL: forgotten */
    struct name_addresses addresses;
    uint16_t port;
    char host[HTTP_HOST_BYTES_MAX + 1];
};

struct name_resolver {
    pthread_mutex_t mutex;
    struct mailbox *answer_to;  /* NULL: stopped */
    struct name_lookup *oldest; /* the queue */
    struct name_lookup *newest;
    uint32_t thread_count;
};

static void free_resolver(struct name_resolver *resolver)
{
    (void)pthread_mutex_destroy(&resolver->mutex);
    free(resolver);
}

/* With the mutex, as the next two. */
static void add_last(struct name_resolver *resolver, struct name_lookup *lookup)
{
    if (resolver->oldest == NULL) {
        resolver->oldest = lookup;
    } else {
        resolver->newest->next = lookup;
    }
    resolver->newest = lookup;
}

static struct name_lookup *take_first(struct name_resolver *resolver)
{
    struct name_lookup *lookup = resolver->oldest;
    if (lookup != NULL) {
        resolver->oldest = lookup->next;
    }
    return lookup;
}

static void free_queue(struct name_resolver *resolver)
{
    struct name_lookup *lookup;
    while ((lookup = take_first(resolver)) != NULL) {
        free(lookup);
    }
}

/* On the threads that look up. */

static void look_up(struct name_lookup *lookup)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    char port[8];
    struct addrinfo *found = NULL;
    (void)snprintf(port, sizeof(port), "%u", lookup->port);
    if (getaddrinfo(lookup->host, port, &hints, &found) != 0) {
        return;
    }
    struct name_addresses *addresses = &lookup->addresses;
    for (struct addrinfo *entry = found; entry != NULL; entry = entry->ai_next) {
        struct name_address *address = &addresses->items[addresses->count];
        if (addresses->count < NAME_RESOLVER_ADDRESS_COUNT_MAX &&
            entry->ai_addrlen <= sizeof(address->socket_address)) {
            memcpy(&address->socket_address, entry->ai_addr, entry->ai_addrlen);
            address->length_bytes = entry->ai_addrlen;
            addresses->count++;
        }
    }
    freeaddrinfo(found);
}

/* With the mutex: so that nothing is posted once name_resolver_stop() has returned. */
static void post(struct name_resolver *resolver, struct name_lookup *lookup)
{
    if (resolver->answer_to == NULL) {
        free(lookup);
    } else {
        mailbox_post(resolver->answer_to, &lookup->letter);
    }
}

static void *run(void *argument)
{
    struct name_resolver *resolver = argument;
    struct name_lookup *lookup;
    (void)pthread_mutex_lock(&resolver->mutex);
    while ((lookup = take_first(resolver)) != NULL) {
        (void)pthread_mutex_unlock(&resolver->mutex);
        look_up(lookup);
        (void)pthread_mutex_lock(&resolver->mutex);
        post(resolver, lookup);
    }
    resolver->thread_count--;
    bool is_last = resolver->answer_to == NULL && resolver->thread_count == 0;
    (void)pthread_mutex_unlock(&resolver->mutex);
    if (is_last) {
        free_resolver(resolver); /* The owner has stopped, and no other thread is left. */
    }
    return NULL;
}

/* On the owner's thread. */

static void on_found(struct letter *letter)
{
    struct name_lookup *lookup = LIST_OWNER(letter, struct name_lookup, letter);
    if (lookup->owner != NULL) {
        lookup->found(lookup->owner, &lookup->addresses);
    }
    free(lookup);
}

struct result name_resolver_create(struct mailbox *answer_to, struct name_resolver **ret_resolver)
{
    struct name_resolver *resolver = calloc(1, sizeof(*resolver));
    if (resolver == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    CHECK(pthread_mutex_init(&resolver->mutex, NULL) == 0); /* allocates nothing */
    resolver->answer_to = answer_to;
    *ret_resolver = resolver;
    return RESULT_OK;
}

static bool start_thread(struct name_resolver *resolver)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, resolver) != 0) {
        return false;
    }
    (void)pthread_setname_np(thread, "ocsp-names"); /* only what top shows */
    (void)pthread_detach(thread);
    return true;
}

/* With the mutex. False: there is no thread that would ever take from the queue. */
static bool provide_thread(struct name_resolver *resolver)
{
    if (resolver->thread_count < NAME_RESOLVER_THREAD_COUNT_MAX && start_thread(resolver)) {
        resolver->thread_count++;
    }
    return resolver->thread_count > 0;
}

struct result name_resolver_start(struct name_resolver *resolver, const struct name_order *order,
                                  struct name_lookup **ret_lookup)
{
    struct name_lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    lookup->letter.deliver = on_found;
    lookup->found = order->found;
    lookup->owner = order->owner;
    lookup->port = order->port;
    (void)snprintf(lookup->host, sizeof(lookup->host), "%s", order->host);
    (void)pthread_mutex_lock(&resolver->mutex);
    bool has_thread = provide_thread(resolver);
    if (has_thread) {
        add_last(resolver, lookup);
    }
    (void)pthread_mutex_unlock(&resolver->mutex);
    if (!has_thread) {
        free(lookup);
        return result_failure(ERROR_THREAD);
    }
    *ret_lookup = lookup;
    return RESULT_OK;
}

void name_resolver_forget(struct name_lookup *lookup)
{
    if (lookup != NULL) {
        lookup->owner = NULL;
    }
}

bool name_resolver_read_address(const char *host, uint16_t port,
                                struct name_addresses *ret_addresses)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct name_address *address = &ret_addresses->items[0];
    if (inet_pton(AF_INET, host, &ipv4.sin_addr) == 1) {
        memcpy(&address->socket_address, &ipv4, sizeof(ipv4));
        address->length_bytes = sizeof(ipv4);
    } else if (inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1) {
        memcpy(&address->socket_address, &ipv6, sizeof(ipv6));
        address->length_bytes = sizeof(ipv6);
    } else {
        return false;
    }
    ret_addresses->count = 1;
    return true;
}

void name_resolver_stop(struct name_resolver *resolver)
{
    if (resolver == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&resolver->mutex);
    resolver->answer_to = NULL;
    free_queue(resolver);
    bool is_last = resolver->thread_count == 0;
    (void)pthread_mutex_unlock(&resolver->mutex);
    if (is_last) {
        free_resolver(resolver);
    }
}
