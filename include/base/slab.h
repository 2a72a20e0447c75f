/*
 * A fixed number of slots of one size, and handles that outlive what they name. Owned by one
 * thread.
 *
 * The slots are address space until they are used: an empty slab of 100,000 costs next to no
 * memory. Freed slots are used again last in, first out, so a quiet gateway touches few pages.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct slab {
    uint8_t *memory;
    uint32_t *generations; /* one a slot; odd while lent */
    uint32_t *free_slots;  /* a stack */
    size_t slot_size_bytes;
    uint32_t capacity_count;
    uint32_t free_count;
    uint32_t used_count; /* slots below it have been lent at least once */
    uint32_t lent_count;
};

/* What another thread may keep of a slot. A handle of {0, 0} names nothing. */
struct slab_handle {
    uint32_t index;
    uint32_t generation;
};

struct result slab_init(struct slab *slab, size_t slot_size_bytes, uint32_t capacity_count);

/* Accepts a zeroed slab. All slots must have come back. */
void slab_deinit(struct slab *slab);

/* A zeroed slot, or NULL when all are lent. */
void *slab_lend(struct slab *slab);

/* Every handle of the slot is void from now on. */
void slab_return(struct slab *slab, void *slot);

struct slab_handle slab_handle_of(const struct slab *slab, const void *slot);

/* NULL when what the handle named has gone. */
void *slab_find(const struct slab *slab, struct slab_handle handle);

/* The n-th slot ever lent, or NULL when it is free; for walking over all: n below slab->used_count.
 */
void *slab_at(const struct slab *slab, uint32_t index);

#endif
