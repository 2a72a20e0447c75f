/*
 * The contents of a certificate, key or passphrase file; wiped from memory when closed. Control
 * thread.
 */
#ifndef TLS_CREDENTIAL_FILE_H
#define TLS_CREDENTIAL_FILE_H

#include "base/bytes.h"
#include "config/config.h"
#include "config/diagnostics.h"

#define CREDENTIAL_FILE_SIZE_MAX (1024 * 1024)

struct credential_file {
    uint8_t *at;
    size_t length;
    bool is_open_to_others; /* the group or everybody may read it */
};

/*
 * Reads the file whole. False with an error at the path's place when it is missing, unreadable, no
 * regular file, empty or too large; purpose names it in messages: "certificate file".
 */
bool credential_file_open(struct credential_file *file, const struct config_text *path,
                          const char *purpose, struct diagnostics *diagnostics);

/* Accepts a zeroed one. */
void credential_file_close(struct credential_file *file);

static inline struct bytes credential_file_bytes(const struct credential_file *file)
{
    return bytes_from(file->at, file->length);
}

#endif
