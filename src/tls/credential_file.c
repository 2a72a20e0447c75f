/* Reading the small files of certificates and keys with all that can go wrong said plainly. Control
 * thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_content.h"
#include "credential_file.h"

/* What is wrong with the file by its status, or NULL. */
static const char *find_fault(const struct stat *status)
{
    if (!S_ISREG(status->st_mode)) {
        return "is not a regular file";
    }
    if (status->st_size == 0) {
        return "is empty";
    }
    return status->st_size > CREDENTIAL_FILE_SIZE_MAX ? "is larger than 1 MiB" : NULL;
}

static bool read_descriptor(struct credential_file *file, int descriptor,
                            const struct config_text *path, const char *purpose,
                            struct diagnostics *diagnostics)
{
    struct stat status;
    const char *fault = fstat(descriptor, &status) == 0 ? find_fault(&status) : strerror(errno);
    if (fault != NULL) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, path->place, "%s %s %s", purpose, path->text,
                        fault);
        return false;
    }
    file->at = malloc((size_t)status.st_size);
    if (file->at == NULL) {
        diagnostics->out_of_memory = true;
        return false;
    }
    file->length =
        (size_t)status.st_size; /* What credential_file_close() wipes, also on failure. */
    file->is_open_to_others = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
    size_t length = 0;
    bool is_read = file_content_read(descriptor, file->at, file->length, &length);
    if (!is_read || length < file->length) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, path->place, "%s %s cannot be read: %s",
                        purpose, path->text,
                        is_read ? "it has become shorter meanwhile" : strerror(errno));
        return false;
    }
    return true;
}

bool credential_file_open(struct credential_file *file, const struct config_text *path,
                          const char *purpose, struct diagnostics *diagnostics)
{
    *file = (struct credential_file){0};
    /* O_NONBLOCK: a FIFO in the place of a file must not stop the program. */
    int descriptor = open(path->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, path->place, "%s %s cannot be opened: %s",
                        purpose, path->text, strerror(errno));
        return false;
    }
    bool is_read = read_descriptor(file, descriptor, path, purpose, diagnostics);
    close(descriptor);
    if (!is_read) {
        credential_file_close(file);
    }
    return is_read;
}

void credential_file_close(struct credential_file *file)
{
    if (file->at != NULL) {
        explicit_bzero(file->at, file->length);
        free(file->at);
    }
    *file = (struct credential_file){0};
}
