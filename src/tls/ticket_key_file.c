/*
 * Reading shared ticket keys. Called by the control thread when a configuration is loaded; nothing
 * of the file stays in memory but the keys.
 */
#include "tls/ticket_key_file.h"

#include <string.h>

#include "base/pem.h"
#include "credential_file.h"

#define LINE_BYTES_MAX 64

struct reading {
    const struct config_text *path;
    struct diagnostics *diagnostics;
    struct ticket_key *keys;
    uint32_t count;
    bool is_bad;
};

static struct bytes trim(struct bytes line)
{
    while (line.length > 0 &&
           (line.at[line.length - 1] == '\r' || line.at[line.length - 1] == ' ' ||
            line.at[line.length - 1] == '\t')) {
        line.length--;
    }
    return line;
}

/* Never the line itself: it may be a key with one wrong letter. */
static void refuse(struct reading *reading, int line_number, const char *what)
{
    diagnostics_add(reading->diagnostics, DIAGNOSTIC_ERROR, reading->path->place,
                    "%s:%d: %s; make keys with: openssl rand -base64 32", reading->path->text,
                    line_number, what);
    reading->is_bad = true;
}

static bool is_known(const struct reading *reading, const struct ticket_key *key)
{
    for (uint32_t i = 0; i < reading->count; i++) {
        if (memcmp(&reading->keys[i], key, sizeof(*key)) == 0) {
            return true;
        }
    }
    return false;
}

static void read_line(struct reading *reading, struct bytes line, int line_number)
{
    uint8_t secret[LINE_BYTES_MAX];
    size_t length = 0;
    struct pem_block block = {.base64 = line};
    struct ticket_key key = {0};
    if (line.length == 0 || line.at[0] == '#') {
        return;
    }
    if (line.length > LINE_BYTES_MAX || !pem_decode(&block, secret, sizeof(secret), &length) ||
        length != TICKET_KEY_SECRET_SIZE) {
        refuse(reading, line_number, "expected 32 bytes in base64");
    } else if (reading->count == TICKET_KEY_COUNT_MAX) {
        refuse(reading, line_number, "more than three keys");
    } else if (!result_is_ok(ticket_key_init(&key, secret))) {
        refuse(reading, line_number, "the key cannot be used");
    } else if (is_known(reading, &key)) {
        refuse(reading, line_number, "the same key as before");
    } else {
        reading->keys[reading->count++] = key;
    }
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(&key, sizeof(key));
}

static void read_lines(struct reading *reading, struct bytes text)
{
    for (int line_number = 1; text.length > 0; line_number++) {
        size_t end = bytes_find(text, '\n');
        read_line(reading, trim(bytes_slice(text, 0, end)), line_number);
        text = bytes_slice(text, end + 1, SIZE_MAX);
    }
}

struct result ticket_key_file_load(const struct config_text *path, struct diagnostics *diagnostics,
                                   struct ticket_key *ret_keys, uint32_t *ret_count)
{
    struct reading reading = {.path = path, .diagnostics = diagnostics, .keys = ret_keys};
    struct credential_file file;
    explicit_bzero(ret_keys, TICKET_KEY_COUNT_MAX * sizeof(*ret_keys));
    if (!credential_file_open(&file, path, "ticket key file", diagnostics)) {
        return result_failure(ERROR_BAD_CONFIG);
    }
    if (file.is_open_to_others) {
        diagnostics_add(diagnostics, DIAGNOSTIC_WARNING, path->place,
                        "the ticket key file %s can be read by others; chmod 600 it", path->text);
    }
    read_lines(&reading, credential_file_bytes(&file));
    credential_file_close(&file);
    if (!reading.is_bad && reading.count == 0) {
        refuse(&reading, 1, "no key");
    }
    if (reading.is_bad) {
        explicit_bzero(ret_keys, TICKET_KEY_COUNT_MAX * sizeof(*ret_keys));
        return result_failure(ERROR_BAD_CONFIG);
    }
    *ret_count = reading.count;
    return RESULT_OK;
}
