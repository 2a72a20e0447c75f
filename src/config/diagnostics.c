/*
 * Gathers and prints what is wrong with a configuration. Called by the loader and by the later
 * stages that read certificates; control thread or sub-command. Nothing is dropped quietly: past
 * the bound messages are counted and the count is printed.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/visible_text.h"
#include "config/config_limits.h"
#include "config/diagnostics.h"
#include "config/json_print.h"

#define COLOUR_BOLD "\033[1m"
#define COLOUR_OFF  "\033[0m"

/* clang-format off */
static const struct {
    const char *word;
    const char *colour;
} severities[] = {
    [DIAGNOSTIC_ERROR]   = {"error",   "\033[1;31m"},
    [DIAGNOSTIC_WARNING] = {"warning", "\033[1;35m"},
    [DIAGNOSTIC_NOTE]    = {"note",    "\033[1;36m"},
};
/* clang-format on */

static void count(struct diagnostics *diagnostics, enum diagnostic_severity severity);
static const char *intern(struct diagnostics *diagnostics, const char *file);
static struct diagnostic *append(struct diagnostics *diagnostics);
static const struct diagnostic **sort(const struct diagnostics *diagnostics);
static int compare(const void *left, const void *right);
static bool wants_colour(FILE *output);
static void print_one(const struct diagnostic *diagnostic, bool is_coloured, FILE *output);

void diagnostics_init(struct diagnostics *diagnostics)
{
    *diagnostics = (struct diagnostics){0};
}

void diagnostics_deinit(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        free(diagnostics->items[i].message);
    }
    for (size_t i = 0; i < diagnostics->file_name_count; i++) {
        free(diagnostics->file_names[i]);
    }
    free(diagnostics->items);
    free(diagnostics->file_names);
    *diagnostics = (struct diagnostics){0};
}

void diagnostics_add(struct diagnostics *diagnostics, enum diagnostic_severity severity,
                     struct config_place place, const char *format, ...)
{
    count(diagnostics, severity);
    if (diagnostics->count == CONFIG_MESSAGES_MAX) {
        diagnostics->omitted_count++;
        return;
    }
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&message, format, arguments);
    va_end(arguments);
    struct diagnostic *diagnostic = length < 0 ? NULL : append(diagnostics);
    if (diagnostic == NULL) {
        if (length >= 0) {
            free(message);
        }
        diagnostics->out_of_memory = true;
        return;
    }
    *diagnostic = (struct diagnostic){
        .severity = severity,
        .place = {.file = intern(diagnostics, place.file), .line = place.line},
        .message = message,
    };
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *output)
{
    const struct diagnostic **sorted = sort(diagnostics);
    bool is_coloured = wants_colour(output);
    for (size_t i = 0; i < diagnostics->count; i++) {
        print_one(sorted == NULL ? &diagnostics->items[i] : sorted[i], is_coloured, output);
    }
    if (diagnostics->omitted_count > 0) {
        fprintf(output, "note: %zu more %s not shown\n", diagnostics->omitted_count,
                text_noun(diagnostics->omitted_count, "message is", "messages are"));
    }
    free(sorted);
}

void diagnostics_print_json(const struct diagnostics *diagnostics, FILE *output)
{
    const struct diagnostic **sorted = sort(diagnostics);
    fputc('[', output);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = sorted == NULL ? &diagnostics->items[i] : sorted[i];
        fprintf(output, "%s\n  {\"severity\": \"%s\", \"file\": ", i == 0 ? "" : ",",
                severities[item->severity].word);
        json_print_string(output, item->place.file);
        fprintf(output, ", \"line\": %d, \"message\": ", item->place.line);
        json_print_string(output, item->message);
        fputc('}', output);
    }
    fputs(diagnostics->count == 0 ? "]\n" : "\n]\n", output);
    free(sorted);
}

const struct diagnostic *diagnostics_first_error(const struct diagnostics *diagnostics)
{
    const struct diagnostic *first = NULL;
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        if (item->severity == DIAGNOSTIC_ERROR && (first == NULL || compare(&item, &first) < 0)) {
            first = item;
        }
    }
    return first;
}

bool diagnostics_has_error_at(const struct diagnostics *diagnostics, struct config_place place)
{
    for (size_t i = 0; place.file != NULL && i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        if (item->severity == DIAGNOSTIC_ERROR && item->place.line == place.line &&
            item->place.file != NULL && strcmp(item->place.file, place.file) == 0) {
            return true;
        }
    }
    return false;
}

static void count(struct diagnostics *diagnostics, enum diagnostic_severity severity)
{
    diagnostics->error_count += severity == DIAGNOSTIC_ERROR;
    diagnostics->warning_count += severity == DIAGNOSTIC_WARNING;
}

/* Room for one more; the array doubles at each power of two. */
static struct diagnostic *append(struct diagnostics *diagnostics)
{
    size_t used = diagnostics->count;
    if ((used & (used - 1)) == 0) {
        size_t capacity = used == 0 ? 1 : used * 2;
        struct diagnostic *grown =
            reallocarray(diagnostics->items, capacity, sizeof(struct diagnostic));
        if (grown == NULL) {
            return NULL;
        }
        diagnostics->items = grown;
    }
    diagnostics->count++;
    return &diagnostics->items[used];
}

/* A copy of file that lives as long as the list. Files are few: a search from the start will do. */
static const char *intern(struct diagnostics *diagnostics, const char *file)
{
    if (file == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < diagnostics->file_name_count; i++) {
        if (strcmp(diagnostics->file_names[i], file) == 0) {
            return diagnostics->file_names[i];
        }
    }
    char **grown = reallocarray(diagnostics->file_names, diagnostics->file_name_count + 1,
                                sizeof(*diagnostics->file_names));
    char *copy = grown == NULL ? NULL : strdup(file);
    if (grown != NULL) {
        diagnostics->file_names = grown;
    }
    if (copy == NULL) {
        diagnostics->out_of_memory = true;
        return NULL;
    }
    grown[diagnostics->file_name_count++] = copy;
    return copy;
}

static int compare(const void *left, const void *right)
{
    const struct diagnostic *a = *(const struct diagnostic *const *)left;
    const struct diagnostic *b = *(const struct diagnostic *const *)right;
    const char *file_a = a->place.file == NULL ? "" : a->place.file;
    const char *file_b = b->place.file == NULL ? "" : b->place.file;
    int by_file = strcmp(file_a, file_b);
    if (by_file != 0) {
        return by_file;
    }
    if (a->place.line != b->place.line) {
        return a->place.line < b->place.line ? -1 : 1;
    }
    return a < b ? -1 : a > b; /* as they were added */
}

/* NULL when there is no memory: then the order of adding must do. */
static const struct diagnostic **sort(const struct diagnostics *diagnostics)
{
    const struct diagnostic **sorted = calloc(diagnostics->count + 1, sizeof(struct diagnostic *));
    if (sorted == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < diagnostics->count; i++) {
        sorted[i] = &diagnostics->items[i];
    }
    qsort(sorted, diagnostics->count, sizeof(struct diagnostic *), compare);
    return sorted;
}

/* https://no-color.org: any value but the empty one turns colours off. */
static bool wants_colour(FILE *output)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && isatty(fileno(output)) == 1 &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static void print_one(const struct diagnostic *diagnostic, bool is_coloured, FILE *output)
{
    const struct config_place *place = &diagnostic->place;
    fputs(is_coloured ? COLOUR_BOLD : "", output);
    /* Either may hold what a file does; a line end would begin a line of somebody else. */
    if (place->file != NULL) {
        visible_text_print(output, bytes_from_string(place->file));
        fputc(':', output);
    }
    if (place->file != NULL && place->line > 0) {
        fprintf(output, "%d:", place->line);
    }
    fprintf(output, "%s%s%s:%s ", place->file == NULL ? "" : " ",
            is_coloured ? severities[diagnostic->severity].colour : "",
            severities[diagnostic->severity].word, is_coloured ? COLOUR_OFF : "");
    visible_text_print(output, bytes_from_string(diagnostic->message));
    fputc('\n', output);
}
