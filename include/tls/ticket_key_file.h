/*
 * Ticket keys out of a file, for machines that share them: a line of 32 random bytes in base64 for
 * each, up to three; the first one encrypts. Blank lines and those that begin with # are passed
 * over. Control thread.
 */
#ifndef TLS_TICKET_KEY_FILE_H
#define TLS_TICKET_KEY_FILE_H

#include "config/config.h"
#include "config/diagnostics.h"
#include "tls/ticket_seed.h"

/*
 * Every mistake goes to diagnostics with its line; then ERROR_BAD_CONFIG and no key. keys has room
 * for TICKET_KEY_COUNT_MAX.
 */
struct result ticket_key_file_load(const struct config_text *path, struct diagnostics *diagnostics,
                                   struct ticket_key *ret_keys, uint32_t *ret_count);

#endif
