/*
 * A walk along a path, a name at a time, as the kernel does it (path_resolution(7)): a link's text
 * takes the place of its name. The way that is left stands at the end of one buffer.
 */
#include "folder_list.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As the kernel has it. */
#define LINKS_MAX 40

struct walk {
    struct folder_list *list;
    char folder[PATH_MAX]; /* where the walk is, without links: absolute, no slash at its end */
    char left[PATH_MAX];   /* what is still to be gone */
    unsigned link_count;
};

static struct result add_folder(struct folder_list *list, const char *path)
{
    path = path[0] == '\0' ? "/" : path;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->paths[i], path) == 0) {
            return RESULT_OK;
        }
    }
    if (list->count == FOLDER_LIST_COUNT_MAX) {
        return RESULT_OK;
    }
    list->paths[list->count] = strdup(path);
    if (list->paths[list->count] == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    list->count++;
    return RESULT_OK;
}

/* Takes the next name off what is left; false: there is none, or it is too long. */
static bool take_name(struct walk *walk, char ret_name[static NAME_MAX + 1])
{
    size_t start = strspn(walk->left, "/");
    size_t length = strcspn(walk->left + start, "/");
    if (length == 0 || length > NAME_MAX) {
        return false;
    }
    memcpy(ret_name, walk->left + start, length);
    ret_name[length] = '\0';
    memmove(walk->left, walk->left + start + length, strlen(walk->left + start + length) + 1);
    return true;
}

static void go_up(struct walk *walk)
{
    char *slash = strrchr(walk->folder, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
}

static bool go_down(struct walk *walk, const char *name)
{
    size_t length = strlen(walk->folder);
    if (length + 1 + strlen(name) + 1 > sizeof(walk->folder)) {
        return false;
    }
    walk->folder[length] = '/';
    memcpy(walk->folder + length + 1, name, strlen(name) + 1);
    return true;
}

/* walk->folder is a link: its text goes before what is left. */
static bool follow(struct walk *walk)
{
    char target[PATH_MAX];
    ssize_t length = readlink(walk->folder, target, sizeof(target) - 1);
    size_t left_length = strlen(walk->left);
    if (length <= 0 || ++walk->link_count > LINKS_MAX ||
        (size_t)length + left_length + 1 > sizeof(walk->left)) {
        return false;
    }
    memmove(walk->left + length, walk->left, left_length + 1);
    memcpy(walk->left, target, (size_t)length);
    if (target[0] == '/') {
        walk->folder[0] = '\0';
    } else {
        go_up(walk);
    }
    return true;
}

/* One name further; false: the walk is over. */
static bool step(struct walk *walk, struct result *result)
{
    char name[NAME_MAX + 1];
    struct stat status;
    if (!take_name(walk, name)) {
        return false;
    }
    if (strcmp(name, ".") == 0) {
        return true;
    }
    if (strcmp(name, "..") == 0) {
        go_up(walk);
        return true;
    }
    bool is_last = walk->left[strspn(walk->left, "/")] == '\0';
    size_t folder_length = strlen(walk->folder);
    bool is_there = go_down(walk, name) && lstat(walk->folder, &status) == 0;
    bool is_link = is_there && S_ISLNK(status.st_mode);
    if (is_last || is_link || !is_there) {
        char end = walk->folder[folder_length];
        walk->folder[folder_length] = '\0';
        *result = add_folder(walk->list, walk->folder);
        walk->folder[folder_length] = end;
    }
    if (!result_is_ok(*result) || !is_there) {
        return false;
    }
    return !is_link || follow(walk);
}

static bool begin(struct walk *walk, const char *path)
{
    size_t length = strlen(path);
    if (length >= sizeof(walk->left)) {
        return false;
    }
    memcpy(walk->left, path, length + 1);
    return path[0] == '/' || getcwd(walk->folder, sizeof(walk->folder)) != NULL;
}

struct result folder_list_add(struct folder_list *list, const char *path, bool is_folder)
{
    struct walk walk = {.list = list};
    struct result result = RESULT_OK;
    struct stat status;
    if (!begin(&walk, path)) {
        return RESULT_OK; /* it cannot be opened either */
    }
    while (step(&walk, &result)) {
    }
    if (result_is_ok(result) && is_folder && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        result = add_folder(list, walk.folder);
    }
    return result;
}

bool folder_list_equal(const struct folder_list *a, const struct folder_list *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (strcmp(a->paths[i], b->paths[i]) != 0) {
            return false;
        }
    }
    return a->count == b->count;
}

void folder_list_deinit(struct folder_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    *list = (struct folder_list){0};
}
