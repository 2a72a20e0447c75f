/*
 * See the header. Called by whatever allocates in a micro benchmark, the archives and wolfSSL
 * included.
 */
#include "counted_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

#define ARENA_SIZE  ((size_t)256 << 20)
#define REGION_SIZE (COUNTED_MEMORY_ARENA_COUNT * ARENA_SIZE)
#define NO_ARENA    SIZE_MAX
#define CACHE_LINE  64

/* The allocator: __real_ is the linked one. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);

/* The linker's: where static variables begin and end. */
extern char __data_start[];
extern char _end[];

static uint8_t *region; /* NULL: no arena was ever opened */
static size_t used_bytes[COUNTED_MEMORY_ARENA_COUNT];
static size_t open_arena = NO_ARENA;
static _Thread_local uint64_t allocation_count;

static void *take(size_t alignment, size_t size)
{
    size_t start = (used_bytes[open_arena] + alignment - 1) / alignment * alignment;
    CHECK(start <= ARENA_SIZE && size <= ARENA_SIZE - start);
    used_bytes[open_arena] = start + size;
    return region + open_arena * ARENA_SIZE + start;
}

static bool is_in_arena(const void *memory)
{
    return region != NULL && (uintptr_t)memory - (uintptr_t)region < REGION_SIZE;
}

void *__wrap_malloc(size_t size)
{
    allocation_count++;
    return open_arena == NO_ARENA ? __real_malloc(size) : take(CACHE_LINE, size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocation_count++;
    /* Fresh pages are zero, and nothing of an arena is used twice. */
    return open_arena == NO_ARENA ? __real_calloc(count, size) : take(CACHE_LINE, count * size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    CHECK(!is_in_arena(memory)); /* its size is not known */
    allocation_count++;
    return open_arena == NO_ARENA || memory != NULL ? __real_realloc(memory, size)
                                                    : take(CACHE_LINE, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    allocation_count++;
    return open_arena == NO_ARENA ? __real_aligned_alloc(alignment, size) : take(alignment, size);
}

void __wrap_free(void *memory)
{
    if (!is_in_arena(memory)) {
        __real_free(memory);
    }
}

uint64_t counted_memory_count(void)
{
    return allocation_count;
}

void counted_memory_open(size_t arena)
{
    CHECK(open_arena == NO_ARENA && arena < COUNTED_MEMORY_ARENA_COUNT);
    if (region == NULL) {
        region = mmap(NULL, REGION_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        CHECK(region != MAP_FAILED);
    }
    open_arena = arena;
}

void counted_memory_close(void)
{
    CHECK(open_arena != NO_ARENA);
    open_arena = NO_ARENA;
}

void counted_memory_protect(size_t arena, bool is_read_only)
{
    int rights = is_read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    CHECK(mprotect(region + arena * ARENA_SIZE, ARENA_SIZE, rights) == 0);
}

void counted_memory_protect_static(bool is_read_only)
{
    uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)__data_start / page_bytes * page_bytes;
    size_t length = (uintptr_t)_end - start;
    int rights = is_read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    CHECK(mprotect((void *)start, length, rights) == 0);
}
