/*
 * A look: the list of files from the text of the configuration, watches on their folders, then what
 * each file is. In this order, so that what happens in between is seen by one of them.
 */
#include "control/file_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/config_sources.h"
#include "control/message_log.h"
#include "folder_list.h"

/* A burst of changes is waited out, but not for ever. */
#define QUIET_MS      200
#define PATIENCE_MS   1000
#define LOOK_AGAIN_MS 10000u

/* The list may change while its folders get their watches. */
#define ROUNDS_MAX 3

#define EVENTS                                                                          \
    (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* What a file is; zeroed: it is not there. */
struct facts {
    dev_t device;
    ino_t inode;
    off_t size_bytes;
    struct timespec written;
    struct timespec changed; /* its rights too */
};

struct look {
    struct config_sources *sources;
    struct facts *facts; /* one a source */
};

struct file_watch {
    const char *config_path;
    struct look seen;
    int descriptor; /* of inotify; -1: none */
    bool is_enabled;
    bool has_failed;         /* to watch a folder */
    uint64_t first_event_ms; /* not looked at yet; 0: none */
    uint64_t last_event_ms;
    uint64_t looked_ms;
};

/* Looking. */

static void read_facts(const struct config_source *source, struct facts *ret_facts)
{
    struct stat status;
    *ret_facts = (struct facts){0};
    if (!source->is_folder && stat(source->path, &status) == 0) {
        ret_facts->device = status.st_dev;
        ret_facts->inode = status.st_ino;
        ret_facts->size_bytes = status.st_size;
        ret_facts->written = status.st_mtim;
        ret_facts->changed = status.st_ctim;
    }
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same_file(const struct facts *a, const struct facts *b)
{
    return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
           is_same_time(a->written, b->written) && is_same_time(a->changed, b->changed);
}

static void end_look(struct look *look)
{
    config_sources_destroy(look->sources);
    free(look->facts);
    *look = (struct look){0};
}

static struct result read_all(struct look *look)
{
    size_t count = config_sources_count(look->sources);
    look->facts = calloc(count, sizeof(*look->facts));
    if (look->facts == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        struct config_source source = config_sources_at(look->sources, i);
        read_facts(&source, &look->facts[i]);
    }
    return RESULT_OK;
}

/* The first of latter that is not what it was; NULL: all are the same. Another list is a change of
 * the configuration itself, or of what it includes. */
static const char *find_difference(const struct look *former, const struct look *latter)
{
    size_t former_count = former->sources == NULL ? 0 : config_sources_count(former->sources);
    size_t latter_count = config_sources_count(latter->sources);
    for (size_t i = 0; i < latter_count; i++) {
        struct config_source source = config_sources_at(latter->sources, i);
        if (i >= former_count ||
            strcmp(source.path, config_sources_at(former->sources, i).path) != 0 ||
            !is_same_file(&former->facts[i], &latter->facts[i])) {
            return source.path;
        }
    }
    return former_count == latter_count ? NULL : config_sources_at(latter->sources, 0).path;
}

/* Watching. */

/* SIGIO to this thread for each event. */
static int open_inotify(void)
{
    struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = gettid()};
    int descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (descriptor >= 0 && (fcntl(descriptor, F_SETOWN_EX, &owner) != 0 ||
                            fcntl(descriptor, F_SETFL, O_NONBLOCK | O_ASYNC) != 0)) {
        (void)close(descriptor);
        return -1;
    }
    return descriptor;
}

static void close_inotify(struct file_watch *watch)
{
    if (watch->descriptor >= 0) {
        (void)close(watch->descriptor);
        watch->descriptor = -1;
    }
}

static struct result list_folders(const struct config_sources *sources, struct folder_list *list)
{
    for (size_t i = 0; i < config_sources_count(sources); i++) {
        struct config_source source = config_sources_at(sources, i);
        TRY(folder_list_add(list, source.path, source.is_folder));
    }
    return RESULT_OK;
}

static void note_failure(struct file_watch *watch, bool has_failed)
{
    if (has_failed && !watch->has_failed) {
        message_log_say(MESSAGE_WARNING,
                        "warning: watch = on: not every folder can be watched; files there are "
                        "looked at every %u s (raise fs.inotify.max_user_watches and "
                        "max_user_instances)",
                        LOOK_AGAIN_MS / 1000);
    }
    watch->has_failed = has_failed;
}

/* A folder that is gone again is found missing by the look. */
static void watch_folders(struct file_watch *watch, const struct folder_list *folders)
{
    close_inotify(watch); /* what the old one has to tell, the look will see */
    watch->descriptor = open_inotify();
    bool has_failed = watch->descriptor < 0 || folders->count == FOLDER_LIST_COUNT_MAX;
    for (size_t i = 0; i < folders->count && watch->descriptor >= 0; i++) {
        if (inotify_add_watch(watch->descriptor, folders->paths[i], EVENTS) < 0 &&
            errno != ENOENT && errno != ENOTDIR) {
            has_failed = true;
        }
    }
    note_failure(watch, has_failed);
}

/* Sources, whose folders are watched when that is wanted. */
static struct result settle_sources(struct file_watch *watch, struct config_sources **ret_sources)
{
    struct folder_list watched = {0};
    struct config_sources *sources = NULL;
    struct result result = RESULT_OK;
    for (unsigned round = 0; round < ROUNDS_MAX && result_is_ok(result); round++) {
        struct folder_list folders = {0};
        config_sources_destroy(sources);
        sources = NULL;
        result = config_sources_create(watch->config_path, &sources);
        if (!watch->is_enabled || !result_is_ok(result)) {
            break;
        }
        result = list_folders(sources, &folders);
        if (round > 0 && folder_list_equal(&folders, &watched)) {
            folder_list_deinit(&folders);
            break;
        }
        watch_folders(watch, &folders);
        folder_list_deinit(&watched);
        watched = folders;
    }
    folder_list_deinit(&watched);
    if (!result_is_ok(result)) {
        config_sources_destroy(sources);
        return result;
    }
    *ret_sources = sources;
    return RESULT_OK;
}

static struct result look(struct file_watch *watch, struct look *ret_look)
{
    struct look fresh = {0};
    watch->first_event_ms = 0;
    watch->looked_ms = clock_monotonic_ms();
    TRY(settle_sources(watch, &fresh.sources));
    struct result result = read_all(&fresh);
    if (!result_is_ok(result)) {
        end_look(&fresh);
        return result;
    }
    *ret_look = fresh;
    return RESULT_OK;
}

/* For the control thread. */

struct result file_watch_create(const char *config_path, struct file_watch **ret_watch)
{
    struct file_watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    watch->config_path = config_path;
    watch->descriptor = -1;
    *ret_watch = watch;
    return RESULT_OK;
}

void file_watch_destroy(struct file_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    close_inotify(watch);
    end_look(&watch->seen);
    free(watch);
}

void file_watch_note(struct file_watch *watch)
{
    struct look fresh;
    if (result_is_ok(look(watch, &fresh))) {
        end_look(&watch->seen);
        watch->seen = fresh;
    }
}

void file_watch_enable(struct file_watch *watch, bool is_wanted)
{
    if (is_wanted && !watch->is_enabled) {
        watch->looked_ms = 0; /* at once: nobody has watched since they were read */
    }
    watch->is_enabled = is_wanted;
    if (!is_wanted) {
        close_inotify(watch);
        watch->first_event_ms = 0;
        watch->has_failed = false;
    }
}

void file_watch_take(struct file_watch *watch)
{
    char events[4096];
    uint64_t now_ms = clock_monotonic_ms();
    while (watch->descriptor >= 0 && read(watch->descriptor, events, sizeof(events)) > 0) {
        watch->first_event_ms = watch->first_event_ms == 0 ? now_ms : watch->first_event_ms;
        watch->last_event_ms = now_ms;
    }
}

/* When to look next. */
static uint64_t due_ms(const struct file_watch *watch)
{
    uint64_t due = watch->looked_ms == 0 ? 0 : watch->looked_ms + LOOK_AGAIN_MS;
    if (watch->first_event_ms != 0) {
        uint64_t quiet = watch->last_event_ms + QUIET_MS;
        uint64_t patience = watch->first_event_ms + PATIENCE_MS;
        uint64_t event_due = quiet < patience ? quiet : patience;
        due = event_due < due ? event_due : due;
    }
    return due;
}

uint32_t file_watch_wait_ms(const struct file_watch *watch)
{
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t due = due_ms(watch);
    if (!watch->is_enabled) {
        return UINT32_MAX;
    }
    return due > now_ms ? (uint32_t)(due - now_ms) : 0;
}

const char *file_watch_find_change(struct file_watch *watch)
{
    struct look fresh;
    if (!watch->is_enabled || clock_monotonic_ms() < due_ms(watch) ||
        !result_is_ok(look(watch, &fresh))) {
        return NULL;
    }
    const char *changed = find_difference(&watch->seen, &fresh);
    end_look(&watch->seen);
    watch->seen = fresh;
    return changed;
}
