/*
 * How the profiles of a generation ask about their clients: what is fetched ahead for nobody is
 * fetched in one of these manners, so that a responder that no profile names any more is left
 * alone. Made by the control thread, then the OCSP thread's; immutable.
 */
#ifndef OCSP_MANNER_LIST_H
#define OCSP_MANNER_LIST_H

#include "trust/ocsp_cache.h"

struct manner_list {
    size_t count;
    struct ocsp_manner items[];
};

/* The manners are copied. ERROR_OUT_OF_MEMORY. */
struct result manner_list_create(const struct ocsp_manner *const *manners, size_t count,
                                 struct manner_list **ret_list);

/* Accepts NULL. */
void manner_list_destroy(struct manner_list *list);

/* The one in which to fetch anew what was asked in former: the same, else the most like it of those
 * that have its responder, else NULL. It lives as long as list. */
const struct ocsp_manner *manner_list_find(const struct manner_list *list,
                                           const struct ocsp_manner *former);

#endif
