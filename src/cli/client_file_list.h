/*
 * The files that `explain` is given, those of folders among them. The main thread's; whoever makes
 * the list owns it.
 */
#ifndef CLI_CLIENT_FILE_LIST_H
#define CLI_CLIENT_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define CLIENT_FILE_LIST_COUNT_MAX 100000

struct client_file_list {
    char **paths;
    bool *is_named; /* by the user himself, not found in a folder */
    size_t count;
    bool has_folder;
    int error_number;         /* not 0: a folder could not be read, or there was no memory */
    const char *failed_place; /* which one; the caller's */
};

/*
 * A file is taken as it is; of a folder the files with the ending of a certificate (.pem .crt .cer
 * .cert .der), sorted by name, and no folder below it. False: see error_number.
 */
bool client_file_list_make(struct client_file_list *list, char *const *places, size_t count);

/* Accepts a zeroed one. */
void client_file_list_deinit(struct client_file_list *list);

#endif
