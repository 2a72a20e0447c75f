/*
 * Loaded before the allocator: there is no memory for a piece of just so many bytes as the file
 * SHORT_MEMORY_FILE says at this moment, a uint64_t that the test writes into; 0: for all there is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The allocator's own name for it: to ask for it by dlsym() would need memory. */
void *mallocx(size_t size, int flags);

static const _Atomic uint64_t *missing_bytes;

__attribute__((constructor)) static void find_file(void)
{
    const char *path = getenv("SHORT_MEMORY_FILE");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof(*missing_bytes), PROT_READ, MAP_SHARED, file, 0);
    missing_bytes = mapped == MAP_FAILED ? NULL : mapped;
    (void)close(file);
}

void *malloc(size_t size)
{
    if (missing_bytes != NULL && size != 0 && size == *missing_bytes) {
        errno = ENOMEM;
        return NULL;
    }
    return mallocx(size > 0 ? size : 1, 0);
}
