/*
 * Paths in a configuration start from the folder of the file that names them. Any thread; results
 * lie in the arena. Nothing is looked up: these are texts.
 */
#ifndef CONFIG_FILE_PATH_H
#define CONFIG_FILE_PATH_H

#include "arena.h"

/* The folder of the file at path, absolute (it stays true after a chdir); NULL when there is no
 * memory. */
char *file_path_directory(struct arena *arena, const char *path);

/* path when it is absolute, else below directory; NULL when there is no memory. */
char *file_path_resolve(struct arena *arena, const char *directory, const char *path);

#endif
