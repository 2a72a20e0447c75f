/*
 * The file is written whole beside the old one and takes its place by a rename, so that a crash at
 * any moment leaves the old one or the new one. Called by the store's thread.
 *
 * The cache is walked in batches: awake while records are copied out, asleep while the disk works,
 * so that what others retire is never kept waiting by a slow disk.
 */
#include "ocsp_store_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ocsp_store_file.h"

#define BATCH_SIZE      (256 * 1024)
#define BATCH_COUNT_MAX 256

_Static_assert(BATCH_SIZE >= OCSP_STORE_FILE_RECORD_SIZE_MAX, "each record finds room in a batch");

struct writing {
    const struct ocsp_cache *cache;
    struct reclaim_member *member;
    int descriptor;
    size_t position; /* in the cache */
    uint64_t record_count;
    size_t batch_length;
    uint8_t batch[BATCH_SIZE];
};

static bool write_all(int descriptor, struct bytes bytes)
{
    while (bytes.length > 0) {
        ssize_t length = write(descriptor, bytes.at, bytes.length);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0) {
            return false;
        }
        bytes = bytes_slice(bytes, (size_t)length, SIZE_MAX);
    }
    return true;
}

/* False when the walk is over. */
static bool copy_next(struct writing *writing)
{
    size_t position = writing->position;
    const struct ocsp_record *record = ocsp_cache_next(writing->cache, &position);
    size_t size = record == NULL ? 0 : ocsp_store_file_record_size(record);
    if (size > BATCH_SIZE - writing->batch_length) {
        return true; /* again, in the next batch */
    }
    if (size > 0) {
        ocsp_store_file_write_record(record, writing->batch + writing->batch_length);
        writing->batch_length += size;
        writing->record_count++;
    }
    writing->position = position;
    return record != NULL;
}

/* The awake part of a batch; false when the walk is over. */
static bool fill_batch(struct writing *writing)
{
    bool has_more = true;
    writing->batch_length = 0;
    reclaim_wake(writing->member);
    for (size_t i = 0; i < BATCH_COUNT_MAX && has_more; i++) {
        has_more = copy_next(writing);
    }
    reclaim_sleep(writing->member);
    return has_more;
}

static bool write_content(struct writing *writing)
{
    uint8_t end[OCSP_STORE_FILE_END_SIZE];
    bool has_more = true;
    while (has_more) {
        has_more = fill_batch(writing);
        if (!write_all(writing->descriptor, bytes_from(writing->batch, writing->batch_length))) {
            return false;
        }
    }
    ocsp_store_file_write_end(writing->record_count, end);
    return write_all(writing->descriptor, bytes_from(end, sizeof(end)));
}

/* Whole and on the disk, or not at all: a new file of our own, never one that lies there. */
static bool write_new(const char *path, struct writing *writing)
{
    if (unlink(path) != 0 && errno != ENOENT) {
        return false;
    }
    writing->descriptor =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (writing->descriptor < 0) {
        return false;
    }
    bool is_good = write_content(writing) && fsync(writing->descriptor) == 0;
    int reason = errno;
    is_good = close(writing->descriptor) == 0 && is_good;
    if (!is_good) {
        (void)unlink(path);
        errno = reason;
    }
    return is_good;
}

/* Of "a/b" it is "a", of "/b" it is "/", of "b" the working folder. */
static int open_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    char *folder = slash == NULL ? strdup(".") : strndup(path, length == 0 ? 1 : length);
    int descriptor = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    return descriptor;
}

/* Without it a loss of power might still bring back the old name. */
static bool sync_folder(const char *path)
{
    int descriptor = open_folder(path);
    if (descriptor < 0) {
        return false;
    }
    bool is_good = fsync(descriptor) == 0 || errno == EINVAL; /* a file system that cannot */
    (void)close(descriptor);
    return is_good;
}

static struct result replace(const char *path, const char *new_path, struct writing *writing)
{
    if (!write_new(new_path, writing)) {
        return result_failure(ERROR_FILE);
    }
    if (rename(new_path, path) != 0) {
        int reason = errno;
        (void)unlink(new_path);
        errno = reason;
        return result_failure(ERROR_FILE);
    }
    return sync_folder(path) ? RESULT_OK : result_failure(ERROR_FILE);
}

struct result ocsp_store_write(const char *path, const struct ocsp_cache *cache,
                               struct reclaim_member *member)
{
    struct writing *writing = malloc(sizeof(*writing));
    char *new_path = NULL;
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (writing == NULL) {
        return result;
    }
    writing->cache = cache;
    writing->member = member;
    writing->position = 0;
    writing->record_count = 0;
    if (asprintf(&new_path, "%s.new", path) >= 0) {
        result = replace(path, new_path, writing);
        free(new_path);
    }
    free(writing);
    return result;
}
