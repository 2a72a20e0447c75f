/*
 * An intrusive doubly linked ring of nodes. Owned by whoever owns the head; one thread.
 *
 * A node that is in no list points to itself or to NULL (zeroed memory is a node in no list).
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *previous;
};

#define LIST_OWNER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *head)
{
    head->next = head;
    head->previous = head;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

static inline bool list_holds(const struct list *node)
{
    return node->next != NULL && node->next != node;
}

static inline void list_add_last(struct list *head, struct list *node)
{
    node->next = head;
    node->previous = head->previous;
    head->previous->next = node;
    head->previous = node;
}

static inline void list_add_first(struct list *head, struct list *node)
{
    list_add_last(head->next, node);
}

/* Harmless on a node that is in no list. */
static inline void list_remove(struct list *node)
{
    if (node->next == NULL) {
        return;
    }
    node->previous->next = node->next;
    node->next->previous = node->previous;
    node->next = NULL;
    node->previous = NULL;
}

static inline struct list *list_first(const struct list *head)
{
    return head->next == head ? NULL : head->next;
}

static inline struct list *list_take_first(struct list *head)
{
    struct list *node = list_first(head);
    if (node != NULL) {
        list_remove(node);
    }
    return node;
}

#endif
