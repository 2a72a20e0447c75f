/* The list is short, one item a profile at most: it is walked over. */
#include "manner_list.h"

#include <stdlib.h>

struct result manner_list_create(const struct ocsp_manner *const *manners, size_t count,
                                 struct manner_list **ret_list)
{
    struct manner_list *list = malloc(sizeof(*list) + count * sizeof(list->items[0]));
    if (list == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    list->count = count;
    for (size_t i = 0; i < count; i++) {
        list->items[i] = *manners[i];
    }
    *ret_list = list;
    return RESULT_OK;
}

void manner_list_destroy(struct manner_list *list)
{
    free(list);
}

static bool has_same_times(const struct ocsp_manner *a, const struct ocsp_manner *b)
{
    return a->timeout_ms == b->timeout_ms && a->connect_timeout_ms == b->connect_timeout_ms &&
           a->read_timeout_ms == b->read_timeout_ms && a->retry_after_ms == b->retry_after_ms &&
           a->max_age_ms == b->max_age_ms && a->stale_grace_ms == b->stale_grace_ms;
}

/* How well one stands for the other; 0: not at all. The nonce weighs most: without it an answer may
 * not be enough. */
static unsigned likeness(const struct ocsp_manner *a, const struct ocsp_manner *b)
{
    if (strcmp(a->url, b->url) != 0) {
        return 0;
    }
    unsigned weight = 1;
    weight += a->has_nonce == b->has_nonce ? 4 : 0;
    weight += a->is_get == b->is_get ? 2 : 0;
    return weight + (has_same_times(a, b) ? 1 : 0);
}

const struct ocsp_manner *manner_list_find(const struct manner_list *list,
                                           const struct ocsp_manner *former)
{
    const struct ocsp_manner *found = NULL;
    unsigned found_likeness = 0;
    for (size_t i = 0; i < list->count; i++) {
        unsigned of_this = likeness(&list->items[i], former);
        if (of_this > found_likeness) {
            found = &list->items[i];
            found_likeness = of_this;
        }
    }
    return found;
}
