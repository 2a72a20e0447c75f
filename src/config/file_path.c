/* Joins paths to the folder of the file that names them. */
#include <stdlib.h>
#include <unistd.h>

#include "file_path.h"

static char *join(struct arena *arena, struct bytes folder, struct bytes rest)
{
    size_t separator = folder.length > 0 && folder.at[folder.length - 1] != '/' ? 1 : 0;
    char *joined = arena_allocate(arena, folder.length + separator + rest.length + 1, 1);
    if (joined == NULL) {
        return NULL;
    }
    memcpy(joined, folder.at, folder.length);
    if (separator == 1) {
        joined[folder.length] = '/';
    }
    memcpy(joined + folder.length + separator, rest.at, rest.length);
    return joined;
}

/* "." segments at the start only make messages longer. */
static struct bytes without_leading_dots(struct bytes path)
{
    while (path.length >= 2 && path.at[0] == '.' && path.at[1] == '/') {
        path = bytes_slice(path, 2, path.length);
    }
    return path;
}

char *file_path_directory(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (path[0] == '/') {
        return arena_copy(arena, bytes_from(path, length == 0 ? 1 : length));
    }
    struct bytes relative = without_leading_dots(bytes_from(path, slash == NULL ? 0 : length + 1));
    relative.length -= relative.length > 0; /* its last slash */
    char *working = getcwd(NULL, 0);
    if (working == NULL) {
        /* The working directory is gone: relative paths stay what they are, and will not open. */
        return arena_copy(arena, relative.length == 0 ? BYTES_OF(".") : relative);
    }
    char *directory = relative.length == 0 ? arena_copy(arena, bytes_from_string(working))
                                           : join(arena, bytes_from_string(working), relative);
    free(working);
    return directory;
}

char *file_path_resolve(struct arena *arena, const char *directory, const char *path)
{
    if (path[0] == '/') {
        return arena_copy(arena, bytes_from_string(path));
    }
    return join(arena, bytes_from_string(directory), without_leading_dots(bytes_from_string(path)));
}
