/*
 * Reads the claims of an allow_identity line: NAME=VALUE, NAME=VALUE. Called for each such line
 * while a configuration is loaded. What would leave a doubt is a mistake: a name that is not known,
 * a claim given twice, a value that a missing comma or quote has glued to the next.
 */
#include "claim_set.h"

#include <string.h>

#include "config/suggestion.h"

#define NAME_BYTES_MAX    64
#define PROBLEM_BYTES_MAX 512

/* Bytes of a digest: SHA-1, as everybody calls a thumbprint, or SHA-256. */
#define SHA1_SIZE   20
#define SHA256_SIZE 32

struct reading {
    struct bytes source;
    size_t at;
    struct arena *arena;
    struct text *problem;
    struct config_claim_set set;
};

typedef struct result (*read_value)(struct reading *reading, size_t column, struct bytes text,
                                    struct bytes *ret_value);

static struct result read_text(struct reading *reading, size_t column, struct bytes text,
                               struct bytes *ret_value);
static struct result read_ascii(struct reading *reading, size_t column, struct bytes text,
                                struct bytes *ret_value);
static struct result read_thumbprint(struct reading *reading, size_t column, struct bytes text,
                                     struct bytes *ret_value);
static struct result read_serial_number(struct reading *reading, size_t column, struct bytes text,
                                        struct bytes *ret_value);

/* clang-format off */
static const struct {
    const char *name;
    read_value read;
    const char *help;
} kinds[CONFIG_CLAIM_KIND_COUNT] = {
    [CONFIG_CLAIM_THUMBPRINT]        = {"thumbprint",        read_thumbprint,
     "SHA-1 or SHA-256 of the client's certificate, in hex of either case, bare or with : - or blanks between the bytes"},
    [CONFIG_CLAIM_SERIAL_NUMBER]     = {"serial_number",     read_serial_number,
     "its serial number, in hex likewise; zeros in front do not count. Only unique for one issuer: name that too"},
    [CONFIG_CLAIM_COMMON_NAME]       = {"common_name",       read_text,
     "the common name of its subject, to the letter; a subject with several matches none"},
    [CONFIG_CLAIM_SUBJECT]           = {"subject",           read_text,
     "its whole subject, as {var_client_certificate_subject} shows it, compared by RFC 5280: ASCII case and extra blanks do not count, the order does"},
    [CONFIG_CLAIM_DNS_NAME]          = {"dns_name",          read_ascii,
     "one of the DNS names of its subjectAltName, in either case; a * stands for itself"},
    [CONFIG_CLAIM_URI]               = {"uri",               read_ascii,
     "one of the URIs of its subjectAltName, to the letter"},
    [CONFIG_CLAIM_ISSUER_SUBJECT]    = {"issuer_subject",    read_text,
     "the name of its issuer, compared as subject is"},
    [CONFIG_CLAIM_ISSUER_THUMBPRINT] = {"issuer_thumbprint", read_thumbprint,
     "as thumbprint, of the issuer's certificate on the path that was verified"},
};
/* clang-format on */

const char *claim_set_name(enum config_claim_kind kind)
{
    return kinds[kind].name;
}

const char *claim_set_help(enum config_claim_kind kind)
{
    return kinds[kind].help;
}

const struct config_claim *claim_set_find(const struct config_claim_set *set,
                                          enum config_claim_kind kind)
{
    for (size_t i = 0; i < set->claim_count; i++) {
        if (set->claims[i].kind == kind) {
            return &set->claims[i];
        }
    }
    return NULL;
}

/* ---- mistakes ---- */

/* Columns count from 1, in bytes of the value, as editors do for ASCII. */
#define REFUSE(reading, column, ...)                                                          \
    (begin_problem((reading), (column)), text_append_format((reading)->problem, __VA_ARGS__), \
     result_failure(ERROR_BAD_CONFIG))

static void begin_problem(struct reading *reading, size_t column)
{
    text_append_format(reading->problem, "at column %zu of the value: ", column + 1);
}

static struct result refuse_name(struct reading *reading, size_t column, const char *name)
{
    struct suggestion suggestion = suggestion_for(name);
    begin_problem(reading, column);
    text_append_format(reading->problem, "there is no claim '%s': expected ", name);
    for (size_t i = 0; i < CONFIG_CLAIM_KIND_COUNT; i++) {
        text_append_string(reading->problem, kinds[i].name);
        text_append_string(reading->problem, i + 2 < CONFIG_CLAIM_KIND_COUNT   ? ", "
                                             : i + 1 < CONFIG_CLAIM_KIND_COUNT ? " or "
                                                                               : "");
        suggestion_consider(&suggestion, kinds[i].name);
    }
    if (suggestion.best != NULL) {
        text_append_format(reading->problem, " (did you mean '%s'?)", suggestion.best);
    } else if (reading->set.claim_count > 0) {
        text_append_string(reading->problem, "; a value with a comma in it goes in double quotes");
    }
    return result_failure(ERROR_BAD_CONFIG);
}

/* ---- values ---- */

static struct result keep(struct reading *reading, struct bytes text, struct bytes *ret_value)
{
    const char *copy = arena_copy(reading->arena, text);
    if (copy == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *ret_value = bytes_from(copy, text.length);
    return RESULT_OK;
}

/* Names of subjects: their form is the business of whoever reads certificates. */
static struct result read_text(struct reading *reading, size_t column, struct bytes text,
                               struct bytes *ret_value)
{
    (void)column;
    return keep(reading, text, ret_value);
}

/* What a subjectAltName holds as text: 7 bits, and no blank ever belongs to it. */
static struct result read_ascii(struct reading *reading, size_t column, struct bytes text,
                                struct bytes *ret_value)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~') {
            return REFUSE(reading, column,
                          "expected ASCII without blanks; names of other letters stand in "
                          "certificates in their xn-- or percent-encoded form");
        }
    }
    return keep(reading, text, ret_value);
}

static int hex_digit(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t lower = byte >= 'A' && byte <= 'F' ? (uint8_t)(byte + 'a' - 'A') : byte;
    const char *found = lower != 0 ? strchr(digits, lower) : NULL;
    return found == NULL ? -1 : (int)(found - digits);
}

static bool is_separator(uint8_t byte)
{
    return byte == ':' || byte == '-' || byte == ' ';
}

/* Whole bytes, all next to each other or all with the same separator between them. */
static bool take_hex(struct bytes text, uint8_t *out, size_t *ret_length)
{
    bool is_separated = text.length > 2 && is_separator(text.at[2]);
    size_t step = is_separated ? 3 : 2;
    size_t length = 0;
    for (size_t i = 0; i < text.length; i += step) {
        int high = hex_digit(text.at[i]);
        int low = i + 1 < text.length ? hex_digit(text.at[i + 1]) : -1;
        bool is_joined = !is_separated || i + 2 == text.length ||
                         (i + 3 < text.length && text.at[i + 2] == text.at[2]);
        if (high < 0 || low < 0 || !is_joined) {
            return false;
        }
        out[length++] = (uint8_t)(high << 4 | low);
    }
    *ret_length = length;
    return true;
}

static struct result read_hex(struct reading *reading, size_t column, struct bytes text,
                              struct bytes *ret_value)
{
    uint8_t *octets = arena_allocate(reading->arena, text.length, 1);
    size_t length = 0;
    if (octets == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (!take_hex(text, octets, &length)) {
        return REFUSE(reading, column,
                      "expected pairs of hex digits and nothing else, such as 5E7FC1A1 or "
                      "5E:7F:C1:A1 (a copy from a dialog may bring a character that is not seen)");
    }
    *ret_value = bytes_from(octets, length);
    return RESULT_OK;
}

static struct result read_thumbprint(struct reading *reading, size_t column, struct bytes text,
                                     struct bytes *ret_value)
{
    struct bytes octets = {0};
    TRY(read_hex(reading, column, text, &octets));
    if (octets.length != SHA1_SIZE && octets.length != SHA256_SIZE) {
        return REFUSE(reading, column,
                      "%zu hex digits: expected 40 (SHA-1) or 64 (SHA-256) of them",
                      2 * octets.length);
    }
    *ret_value = octets;
    return RESULT_OK;
}

static struct result read_serial_number(struct reading *reading, size_t column, struct bytes text,
                                        struct bytes *ret_value)
{
    struct bytes octets = {0};
    TRY(read_hex(reading, column, text, &octets));
    while (octets.length > 0 && octets.at[0] == 0) {
        octets = bytes_slice(octets, 1, octets.length);
    }
    *ret_value = octets;
    return RESULT_OK;
}

/* ---- the line ---- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static void skip_blanks(struct reading *reading)
{
    while (reading->at < reading->source.length && is_blank(reading->source.at[reading->at])) {
        reading->at++;
    }
}

static bool is_at(const struct reading *reading, char byte)
{
    return reading->at < reading->source.length && reading->source.at[reading->at] == (uint8_t)byte;
}

/* NAME= */
static struct result take_kind(struct reading *reading, enum config_claim_kind *ret_kind)
{
    char name[NAME_BYTES_MAX];
    size_t start = reading->at;
    while (reading->at < reading->source.length && !is_at(reading, '=') && !is_at(reading, ',')) {
        reading->at++;
    }
    struct bytes word = bytes_trim(bytes_slice(reading->source, start, reading->at - start));
    struct text text = text_over(name, sizeof(name));
    text_append(&text, bytes_slice(word, 0, sizeof(name) - 1));
    (void)text_terminate(&text);
    if (word.length == 0) {
        return REFUSE(reading, start, "expected a claim, such as common_name=pump-7");
    }
    for (size_t i = 0; i < CONFIG_CLAIM_KIND_COUNT; i++) {
        if (bytes_equal(word, bytes_from_string(kinds[i].name))) {
            *ret_kind = (enum config_claim_kind)i;
            if (!is_at(reading, '=')) {
                return REFUSE(reading, reading->at, "expected '=' and a value after %s", name);
            }
            reading->at++;
            return RESULT_OK;
        }
    }
    return refuse_name(reading, start, name);
}

/* Up to the closing quote; \" and \\ stand for " and \, as everywhere in the file. */
static struct result take_quoted(struct reading *reading, struct bytes *ret_text)
{
    size_t start = reading->at++;
    size_t length = 0;
    char *unquoted = arena_allocate(reading->arena, reading->source.length, 1);
    if (unquoted == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    while (!is_at(reading, '"')) {
        bool is_escaped = is_at(reading, '\\');
        reading->at += is_escaped ? 1 : 0;
        if (is_escaped && !is_at(reading, '"') && !is_at(reading, '\\')) {
            return REFUSE(reading, reading->at - 1,
                          "a backslash in quotes: expected \\\" or \\\\ (a DN's own \\, is \\\\,)");
        }
        if (reading->at == reading->source.length) {
            return REFUSE(reading, start, "a quote is not closed: expected '\"'");
        }
        unquoted[length++] = (char)reading->source.at[reading->at++];
    }
    reading->at++;
    *ret_text = bytes_from(unquoted, length);
    return RESULT_OK;
}

static struct result take_plain(struct reading *reading, struct bytes *ret_text)
{
    size_t start = reading->at;
    while (reading->at < reading->source.length && !is_at(reading, ',')) {
        reading->at++;
    }
    struct bytes text = bytes_trim(bytes_slice(reading->source, start, reading->at - start));
    for (size_t i = 0; i < text.length; i++) {
        if (is_blank(text.at[i]) || text.at[i] == '"' || text.at[i] == '\\') {
            return REFUSE(reading, start + i,
                          "expected a comma before the next claim, or the whole value in double "
                          "quotes");
        }
    }
    *ret_text = text;
    return RESULT_OK;
}

static struct result take_claim(struct reading *reading)
{
    enum config_claim_kind kind = CONFIG_CLAIM_THUMBPRINT;
    struct bytes text = {0};
    struct bytes value = {0};
    skip_blanks(reading);
    size_t start = reading->at;
    TRY(take_kind(reading, &kind));
    if (claim_set_find(&reading->set, kind) != NULL) {
        return REFUSE(reading, start,
                      "%s a second time: expected each claim once; alternatives are lines of "
                      "their own",
                      kinds[kind].name);
    }
    skip_blanks(reading);
    size_t column = reading->at;
    TRY(is_at(reading, '"') ? take_quoted(reading, &text) : take_plain(reading, &text));
    if (text.length == 0) {
        return REFUSE(reading, column, "expected a value for %s", kinds[kind].name);
    }
    TRY(kinds[kind].read(reading, column, text, &value));
    reading->set.claims[reading->set.claim_count++] =
        (struct config_claim){.kind = kind, .value = value};
    return RESULT_OK;
}

struct result claim_set_parse(const char *source, struct arena *arena, struct text *ret_problem,
                              struct config_claim_set *ret_set)
{
    struct reading reading = {
        .source = bytes_from_string(source), .arena = arena, .problem = ret_problem};
    bool is_last = false;
    while (!is_last) {
        TRY(take_claim(&reading));
        skip_blanks(&reading);
        is_last = reading.at == reading.source.length;
        if (!is_last && !is_at(&reading, ',')) {
            return REFUSE(&reading, reading.at, "expected a comma before the next claim");
        }
        reading.at += is_last ? 0 : 1;
    }
    memcpy(ret_set->claims, reading.set.claims, sizeof(ret_set->claims));
    ret_set->claim_count = reading.set.claim_count;
    return RESULT_OK;
}

/* A serial number alone may belong to a certificate of any CA that the profile trusts. */
static void warn_of_serial_number(const struct setting_site *site,
                                  const struct config_claim_set *set)
{
    if (set->claim_count == 1 && set->claims[0].kind == CONFIG_CLAIM_SERIAL_NUMBER) {
        setting_site_warn(site, "serial numbers are unique for one issuer only: expected "
                                "issuer_thumbprint or issuer_subject besides");
    }
}

struct result claim_set_parse_setting(const struct setting_site *site,
                                      struct config_claim_set *ret_set)
{
    char memory[PROBLEM_BYTES_MAX];
    struct text problem = text_over(memory, sizeof(memory));
    struct config_claim_set set = {
        .source = {.text = site->given->value, .place = site->given->place}};
    struct result result =
        claim_set_parse(site->given->value, site->loading->document->arena, &problem, &set);
    if (result.code == ERROR_BAD_CONFIG) {
        setting_site_reject(site, "%s", text_terminate(&problem));
    }
    TRY(result);
    warn_of_serial_number(site, &set);
    *ret_set = set;
    return RESULT_OK;
}
