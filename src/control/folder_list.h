/*
 * The folders in which a change can mean another file behind a path: where the file lies, and where
 * each symbolic link on the way to it does. Control thread.
 *
 * Bounded: folders beyond FOLDER_LIST_COUNT_MAX are left out.
 */
#ifndef CONTROL_FOLDER_LIST_H
#define CONTROL_FOLDER_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

#define FOLDER_LIST_COUNT_MAX 256

/* Starts zeroed. */
struct folder_list {
    char *paths[FOLDER_LIST_COUNT_MAX];
    size_t count;
};

/*
 * Adds the folders of path, those of them that there are: of what does not exist the deepest one
 * that does. is_folder: path itself is one of them. ERROR_OUT_OF_MEMORY.
 */
struct result folder_list_add(struct folder_list *list, const char *path, bool is_folder);

bool folder_list_equal(const struct folder_list *a, const struct folder_list *b);

/* Empties it. */
void folder_list_deinit(struct folder_list *list);

#endif
