/* Slots by index in one reserved piece of address space, and the generations that make handles
 * safe. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/check.h"
#include "base/slab.h"

static size_t memory_size(const struct slab *slab)
{
    return slab->slot_size_bytes * slab->capacity_count;
}

struct result slab_init(struct slab *slab, size_t slot_size_bytes, uint32_t capacity_count)
{
    *slab = (struct slab){.capacity_count = capacity_count,
                          .slot_size_bytes = (slot_size_bytes + 63) / 64 * 64};
    void *memory = mmap(NULL, memory_size(slab), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    slab->memory = memory;
    slab->generations = calloc(capacity_count, sizeof(*slab->generations));
    slab->free_slots = calloc(capacity_count, sizeof(*slab->free_slots));
    if (slab->generations == NULL || slab->free_slots == NULL) {
        slab_deinit(slab);
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    return RESULT_OK;
}

void slab_deinit(struct slab *slab)
{
    CHECK(slab->lent_count == 0);
    if (slab->memory != NULL) {
        (void)munmap(slab->memory, memory_size(slab));
    }
    free(slab->generations);
    free(slab->free_slots);
    *slab = (struct slab){0};
}

static void *slot_at(const struct slab *slab, uint32_t index)
{
    return slab->memory + (size_t)index * slab->slot_size_bytes;
}

static uint32_t index_of(const struct slab *slab, const void *slot)
{
    size_t offset = (size_t)((const uint8_t *)slot - slab->memory);
    CHECK(offset < memory_size(slab) && offset % slab->slot_size_bytes == 0);
    return (uint32_t)(offset / slab->slot_size_bytes);
}

void *slab_lend(struct slab *slab)
{
    uint32_t index;
    if (slab->free_count > 0) {
        index = slab->free_slots[--slab->free_count];
    } else if (slab->used_count < slab->capacity_count) {
        index = slab->used_count++;
    } else {
        return NULL;
    }
    slab->generations[index]++;
    slab->lent_count++;
    return memset(slot_at(slab, index), 0, slab->slot_size_bytes);
}

void slab_return(struct slab *slab, void *slot)
{
    uint32_t index = index_of(slab, slot);
    CHECK(slab->generations[index] % 2 == 1);
    slab->generations[index]++;
    slab->free_slots[slab->free_count++] = index;
    slab->lent_count--;
}

struct slab_handle slab_handle_of(const struct slab *slab, const void *slot)
{
    uint32_t index = index_of(slab, slot);
    return (struct slab_handle){index, slab->generations[index]};
}

void *slab_find(const struct slab *slab, struct slab_handle handle)
{
    if (handle.index >= slab->used_count || handle.generation % 2 == 0 ||
        slab->generations[handle.index] != handle.generation) {
        return NULL;
    }
    return slot_at(slab, handle.index);
}

void *slab_at(const struct slab *slab, uint32_t index)
{
    return slab->generations[index] % 2 == 1 ? slot_at(slab, index) : NULL;
}
