/* Keeping generations as long as their users. Called by the control thread. */
#include "control/generations.h"

#include "base/allocator_arenas.h"
#include "control/generation_builder.h"

void generations_init(struct generations *generations)
{
    *generations = (struct generations){0};
    list_init(&generations->former);
}

void generations_replace(struct generations *generations, struct generation *generation)
{
    if (generations->current != NULL) {
        list_add_last(&generations->former, &generations->current->place);
    }
    generations->current = generation;
}

/* Acquire: pairs with the release of the last user; what it did with the generation is over. */
static bool is_unused(const _Atomic uint32_t *user_count)
{
    return atomic_load_explicit(user_count, memory_order_acquire) == 0;
}

/* What nobody uses of it. True: something was freed, it itself perhaps. */
static bool collect(struct generation *generation)
{
    if (is_unused(&generation->users->count)) {
        list_remove(&generation->place);
        generation_builder_destroy(generation);
        return true;
    }
    if (generation->trust_policies != NULL && is_unused(&generation->users->trust_count)) {
        generation_builder_end_trust(generation);
        return true;
    }
    return false;
}

bool generations_collect(struct generations *generations)
{
    struct list *former = &generations->former;
    bool is_freed = false;
    for (struct list *node = former->next, *next = node->next; node != former;
         node = next, next = node->next) {
        is_freed |= collect(LIST_OWNER(node, struct generation, place));
    }
    if (is_freed) { /* an idle gateway is as small as before the reload */
        allocator_arenas_give_back();
    }
    return !list_is_empty(former);
}

void generations_deinit(struct generations *generations)
{
    struct list *node;
    while ((node = list_take_first(&generations->former)) != NULL) {
        generation_builder_destroy(LIST_OWNER(node, struct generation, place));
    }
    generation_builder_destroy(generations->current);
    generations->current = NULL;
}
