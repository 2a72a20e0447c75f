/* Finding field names by number, and comparing them as backends may do. */
#include "http/field_name.h"
#include "base/check.h"
#include "byte_class.h"

#define FIELD_ROW(id, name, fate) {BYTES_OF(name), fate},

static const struct {
    struct bytes name;
    enum field_fate fate;
} fields[FIELD_NAME_COUNT] = {{{0}, FIELD_IS_FORWARDED}, FIELD_NAME_LIST(FIELD_ROW)};

#define NAME_LENGTH_MAX 19

/*
 * Where the names of a length begin; those of length n are from first_of_length[n] up to
 * first_of_length[n + 1]. It goes with the order of FIELD_NAME_LIST, and a unit test finds every
 * name by it.
 */
/* clang-format off */
static const uint8_t first_of_length[NAME_LENGTH_MAX + 2] = {
    [0 ... 2] = FIELD_NAME_TE,
    [3 ... 4] = FIELD_NAME_HOST,
    [5]       = FIELD_NAME_PROXY,
    [6]       = FIELD_NAME_COOKIE,
    [7]       = FIELD_NAME_REFERER,
    [8 ... 10] = FIELD_NAME_CONNECTION,
    [11]      = FIELD_NAME_TRACEPARENT,
    [12]      = FIELD_NAME_X_REQUEST_ID,
    [13]      = FIELD_NAME_AUTHORIZATION,
    [14]      = FIELD_NAME_CONTENT_LENGTH,
    [15]      = FIELD_NAME_X_FORWARDED_FOR,
    [16]      = FIELD_NAME_PROXY_CONNECTION,
    [17]      = FIELD_NAME_TRANSFER_ENCODING,
    [18]      = FIELD_NAME_PROXY_AUTHENTICATE,
    [19]      = FIELD_NAME_PROXY_AUTHORIZATION,
    [20]      = FIELD_NAME_COUNT,
};
/* clang-format on */

/*
 * Letters of either case become small ones; what else changes stays different from all letters,
 * digits and hyphens, of which the known names consist.
 */
static uint8_t fold(uint8_t byte)
{
    return byte | 0x20;
}

static bool folds_to(struct bytes name, struct bytes known)
{
    for (size_t i = 0; i < known.length; i++) {
        if (fold(name.at[i]) != fold(known.at[i]) ||
            !byte_class_has(name.at[i], BYTE_OF_PLAIN_NAME)) {
            return false;
        }
    }
    return true;
}

enum field_name field_name_find(struct bytes name)
{
    if (name.length > NAME_LENGTH_MAX) {
        return FIELD_NAME_UNKNOWN;
    }
    for (unsigned row = first_of_length[name.length]; row < first_of_length[name.length + 1];
         row++) {
        if (folds_to(name, fields[row].name)) {
            return (enum field_name)row;
        }
    }
    return FIELD_NAME_UNKNOWN;
}

struct bytes field_name_text(enum field_name name)
{
    CHECK(name < FIELD_NAME_COUNT);
    return fields[name].name;
}

enum field_fate field_name_fate(enum field_name name)
{
    CHECK(name < FIELD_NAME_COUNT);
    return fields[name].fate;
}

bool field_name_is_valid(struct bytes name)
{
    return name.length > 0 && byte_class_span(name, BYTE_OF_TOKEN) == name.length;
}

bool field_name_is_plain(struct bytes name)
{
    return name.length > 0 && byte_class_span(name, BYTE_OF_PLAIN_NAME) == name.length;
}

static uint8_t fold_as_cgi(uint8_t byte)
{
    if (byte == '_') {
        return '-';
    }
    return byte >= 'A' && byte <= 'Z' ? fold(byte) : byte;
}

bool field_name_is_alike(struct bytes a, struct bytes b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (a.at[i] != b.at[i] && fold_as_cgi(a.at[i]) != fold_as_cgi(b.at[i])) {
            return false;
        }
    }
    return true;
}
