/*
 * Memory that is given back all at once: what a configuration consists of. Owned by one thread
 * while it is filled; afterwards any thread may read what lies in it.
 */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stddef.h>

#include "base/bytes.h"

struct arena;

/* NULL when there is no memory. */
struct arena *arena_create(void);

/* Accepts NULL. Everything allocated from it is gone. */
void arena_destroy(struct arena *arena);

/* count zeroed items of size_bytes each, aligned for any type; NULL when there is no memory. */
void *arena_allocate(struct arena *arena, size_t count, size_t size_bytes);

/* A NUL-terminated copy; NULL when there is no memory. */
char *arena_copy(struct arena *arena, struct bytes text);

#endif
