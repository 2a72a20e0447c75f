/*
 * Reading /stats in one pass: each value is looked up by its path in the tables. Called by
 * command_top.c for each answer.
 */
#include "gateway_figures.h"

#include <math.h>

#include "base/json_reader.h"

struct reading {
    struct gateway_figures *figures;
    struct json_reader json;
    size_t row; /* of the array that is being read, from 0 */
    /* What is being put together; a row is taken when the next one begins, or at the end. */
    struct gateway_certificate certificate;
    bool has_certificate;
    char backend[GATEWAY_FIGURES_WORD_SIZE];
    size_t backend_row;
    size_t server_row;
    bool has_server;
};

#define PATH_ROW(name, word) [name] = word,

static const char *const number_paths[] = {GATEWAY_NUMBER_LIST(PATH_ROW)};
static const char *const timing_words[] = {GATEWAY_TIMING_LIST(PATH_ROW)};

static void copy_string(char *memory, size_t size, struct bytes string)
{
    struct text text = text_over(memory, size - 1);
    json_reader_append_string(&text, string);
    memory[text.length] = '\0';
    if (strlen(memory) < text.length) {
        memory[0] = '\0'; /* a NUL in a name: nobody is called so */
    }
}

#define COPY(member, value) copy_string((member), sizeof(member), (value)->text)

static bool has_path(const struct json_value *value, const char *path)
{
    return bytes_equal(value->path, bytes_from_string(path));
}

/* What follows the prefix; false when it is another one. */
static bool take_prefix(struct bytes path, const char *prefix, struct bytes *ret_rest)
{
    struct bytes wanted = bytes_from_string(prefix);
    *ret_rest = bytes_slice(path, wanted.length, path.length);
    return bytes_equal(bytes_slice(path, 0, wanted.length), wanted);
}

static void take_word(struct gateway_words *words, struct bytes word,
                      const struct json_value *value)
{
    double count = 0;
    if (words->count < GATEWAY_FIGURES_WORDS_MAX && json_reader_number(value, &count)) {
        struct gateway_word *item = &words->items[words->count++];
        copy_string(item->word, sizeof(item->word), word);
        item->count = count;
    }
}

/* word: such as "request.counts". */
static void take_timing(struct reading *reading, struct bytes word, const struct json_value *value)
{
    size_t length = bytes_find(word, '.');
    size_t bucket = json_reader_position(&reading->json, 0);
    if (!bytes_equal(bytes_slice(word, length, word.length), BYTES_OF(".counts")) ||
        bucket >= GATEWAY_FIGURES_BUCKETS_MAX) {
        return;
    }
    for (size_t i = 0; i < GATEWAY_TIMING_COUNT; i++) {
        if (bytes_equal(bytes_slice(word, 0, length), bytes_from_string(timing_words[i]))) {
            (void)json_reader_number(value, &reading->figures->timings[i][bucket]);
        }
    }
}

static void take_bound(struct reading *reading, const struct json_value *value)
{
    struct gateway_figures *figures = reading->figures;
    if (figures->bound_count < GATEWAY_FIGURES_BUCKETS_MAX - 1 &&
        json_reader_number(value, &figures->bounds_seconds[figures->bound_count])) {
        figures->bound_count++;
    }
}

/* Certificates. */

/* Into its place by its end; the last one goes when there is no more room. */
static void keep_certificate(struct reading *reading)
{
    struct gateway_figures *figures = reading->figures;
    size_t at = gateway_figures_certificate_count(figures);
    if (!reading->has_certificate) {
        return;
    }
    reading->has_certificate = false;
    figures->certificate_count++;
    if (at == GATEWAY_FIGURES_CERTIFICATES_MAX &&
        figures->certificates[--at].not_after_seconds <= reading->certificate.not_after_seconds) {
        return;
    }
    for (; at > 0 &&
           figures->certificates[at - 1].not_after_seconds > reading->certificate.not_after_seconds;
         at--) {
        figures->certificates[at] = figures->certificates[at - 1];
    }
    figures->certificates[at] = reading->certificate;
}

static void take_certificate(struct reading *reading, struct bytes member,
                             const struct json_value *value)
{
    size_t row = json_reader_position(&reading->json, 0);
    if (reading->has_certificate && row != reading->row) {
        keep_certificate(reading);
    }
    if (!reading->has_certificate) {
        reading->certificate = (struct gateway_certificate){.not_after_seconds = INFINITY};
        reading->has_certificate = true;
        reading->row = row;
    }
    if (bytes_equal(member, BYTES_OF("role"))) {
        COPY(reading->certificate.role, value);
    } else if (bytes_equal(member, BYTES_OF("path"))) {
        COPY(reading->certificate.path, value);
    } else if (bytes_equal(member, BYTES_OF("not_after_seconds"))) {
        (void)json_reader_number(value, &reading->certificate.not_after_seconds);
    }
}

/* Backends. */

/* The row of the server that is being read; NULL when there is no more room. */
static struct gateway_server *server_of(struct reading *reading)
{
    struct gateway_figures *figures = reading->figures;
    size_t backend_row = json_reader_position(&reading->json, 0);
    size_t server_row = json_reader_position(&reading->json, 1);
    if (!reading->has_server || backend_row != reading->backend_row ||
        server_row != reading->server_row) {
        reading->has_server = true;
        reading->backend_row = backend_row;
        reading->server_row = server_row;
        size_t place = figures->server_count++;
        if (place < GATEWAY_FIGURES_SERVERS_MAX) {
            figures->servers[place] = (struct gateway_server){0};
            memcpy(figures->servers[place].backend, reading->backend, sizeof(reading->backend));
        }
    }
    return figures->server_count > GATEWAY_FIGURES_SERVERS_MAX
               ? NULL
               : &figures->servers[figures->server_count - 1];
}

/* A state is a word, or whether the server is up. */
static void take_state(struct gateway_server *server, const struct json_value *value)
{
    if (value->kind == JSON_READER_STRING) {
        COPY(server->state, value);
        return;
    }
    bool is_up =
        bytes_equal(value->text, BYTES_OF("true")) || bytes_equal(value->text, BYTES_OF("1"));
    copy_string(server->state, sizeof(server->state), is_up ? BYTES_OF("up") : BYTES_OF("down"));
}

static void take_backend(struct reading *reading, struct bytes member,
                         const struct json_value *value)
{
    if (bytes_equal(member, BYTES_OF("name"))) {
        COPY(reading->backend, value);
        return;
    }
    bool is_address = bytes_equal(member, BYTES_OF("servers.address"));
    bool is_state = bytes_equal(member, BYTES_OF("servers.state")) ||
                    bytes_equal(member, BYTES_OF("servers.up"));
    struct gateway_server *server = is_address || is_state ? server_of(reading) : NULL;
    if (server != NULL && is_address) {
        COPY(server->address, value);
    } else if (server != NULL) {
        take_state(server, value);
    }
}

/* All. */

static void take_number(struct gateway_figures *figures, const struct json_value *value)
{
    for (size_t i = 0; i < GATEWAY_NUMBER_COUNT; i++) {
        if (has_path(value, number_paths[i])) {
            (void)json_reader_number(value, &figures->numbers[i]);
            return;
        }
    }
}

static void take(struct reading *reading, const struct json_value *value)
{
    struct gateway_figures *figures = reading->figures;
    struct bytes rest;
    if (take_prefix(value->path, "timings.", &rest)) {
        take_timing(reading, rest, value);
    } else if (take_prefix(value->path, "verdicts.", &rest)) {
        take_word(&figures->verdicts, rest, value);
    } else if (take_prefix(value->path, "ocsp_faults.", &rest)) {
        take_word(&figures->ocsp_faults, rest, value);
    } else if (take_prefix(value->path, "certificates.", &rest)) {
        take_certificate(reading, rest, value);
    } else if (take_prefix(value->path, "backends.", &rest)) {
        take_backend(reading, rest, value);
    } else if (has_path(value, "timing_bounds_seconds")) {
        take_bound(reading, value);
    } else if (has_path(value, "version")) {
        COPY(figures->version, value);
    } else if (has_path(value, "state")) {
        COPY(figures->state, value);
    } else if (has_path(value, "config.last_reload_successful")) {
        figures->was_reload_good = bytes_equal(value->text, BYTES_OF("true"));
    } else if (has_path(value, "config.last_reload_error") && value->kind == JSON_READER_STRING) {
        COPY(figures->reload_error, value);
    } else {
        take_number(figures, value);
    }
}

bool gateway_figures_read(struct bytes json, struct gateway_figures *ret_figures)
{
    struct reading reading = {.figures = ret_figures, .json = json_reader_over(json)};
    struct json_value value;
    memset(ret_figures, 0, sizeof(*ret_figures));
    ret_figures->was_reload_good = true;
    if (!json_reader_is_object(json)) {
        return false;
    }
    while (json_reader_next(&reading.json, &value)) {
        take(&reading, &value);
    }
    keep_certificate(&reading);
    return true;
}
