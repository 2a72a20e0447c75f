/* Gathers the files that `explain` is to look at. Called by command_explain.c. */
#include "client_file_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char *const endings[] = {".pem", ".crt", ".cer", ".cert", ".der"};

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int has_ending(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    if (ending == NULL || entry->d_name[0] == '.') {
        return 0; /* Hidden files are not meant. */
    }
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (strcasecmp(ending, endings[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* By bytes: the same on every machine, whatever its locale. */
static int compare(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

/* Takes path over. The arrays double at each power of two. */
static bool add(struct client_file_list *list, char *path, bool is_named)
{
    size_t used = list->count;
    if (path == NULL || used == CLIENT_FILE_LIST_COUNT_MAX) {
        free(path);
        errno = path == NULL ? ENOMEM : E2BIG;
        return false;
    }
    if ((used & (used - 1)) == 0) {
        size_t capacity = used == 0 ? 1 : 2 * used;
        char **paths = reallocarray(list->paths, capacity, sizeof(*paths));
        list->paths = paths == NULL ? list->paths : paths;
        bool *is_named_grown = reallocarray(list->is_named, capacity, sizeof(*is_named_grown));
        list->is_named = is_named_grown == NULL ? list->is_named : is_named_grown;
        if (paths == NULL || is_named_grown == NULL) {
            free(path);
            errno = ENOMEM;
            return false;
        }
    }
    list->paths[used] = path;
    list->is_named[used] = is_named;
    list->count++;
    return true;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

/* Only what is a file: a FIFO in a folder would be waited for. */
static bool add_found(struct client_file_list *list, const char *folder, const char *name)
{
    struct stat status;
    char *path = join(folder, name);
    if (path != NULL && stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        free(path);
        return true;
    }
    return add(list, path, false);
}

static bool add_folder(struct client_file_list *list, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, has_ending, compare);
    bool is_good = count >= 0;
    for (int i = 0; i < count; i++) {
        is_good = is_good && add_found(list, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

bool client_file_list_make(struct client_file_list *list, char *const *places, size_t count)
{
    *list = (struct client_file_list){0};
    for (size_t i = 0; i < count; i++) {
        bool is_in_folder = is_folder(places[i]);
        list->has_folder |= is_in_folder;
        errno = 0;
        if (!(is_in_folder ? add_folder(list, places[i]) : add(list, strdup(places[i]), true))) {
            list->error_number = errno != 0 ? errno : EIO;
            list->failed_place = places[i];
            return false;
        }
    }
    return true;
}

void client_file_list_deinit(struct client_file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    free(list->is_named);
    *list = (struct client_file_list){0};
}
