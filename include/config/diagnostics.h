/*
 * What is wrong with a configuration: every mistake with its place, gathered in one run.
 *
 * Owned by whoever loads (the control thread, or a sub-command). Messages are copied; file names
 * must outlive the list's use and are therefore interned in it.
 */
#ifndef CONFIG_DIAGNOSTICS_H
#define CONFIG_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* line 0: the file as a whole. file NULL: no place, for instance a default. */
struct config_place {
    const char *file;
    int line;
};

enum diagnostic_severity { DIAGNOSTIC_ERROR, DIAGNOSTIC_WARNING, DIAGNOSTIC_NOTE };

struct diagnostic {
    enum diagnostic_severity severity;
    struct config_place place;
    char *message;
};

struct diagnostics {
    struct diagnostic *items;
    size_t count;
    size_t error_count;
    size_t warning_count;
    bool out_of_memory; /* some message is missing: the load must fail */
    char **file_names;  /* what the places point to */
    size_t file_name_count;
    size_t omitted_count; /* messages past CONFIG_MESSAGES_MAX: in the counts above, not in items */
};

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_deinit(struct diagnostics *diagnostics);

/* Adds a message; says what is wrong, what was expected and what to do, on one line without a full
 * stop. */
[[gnu::format(printf, 4, 5)]] void diagnostics_add(struct diagnostics *diagnostics,
                                                   enum diagnostic_severity severity,
                                                   struct config_place place, const char *format,
                                                   ...);

/*
 * Compiler style, sorted by file and line: `edge.ini:12: error: ...`. Coloured when output is a
 * terminal and NO_COLOR is not set. Whatever names and messages hold, each takes one line and plays
 * with no terminal.
 */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *output);

/* The error that diagnostics_print() shows first; NULL when there is none, or none is kept. */
const struct diagnostic *diagnostics_first_error(const struct diagnostics *diagnostics);

/* Whether an error was added that names this file and line. */
bool diagnostics_has_error_at(const struct diagnostics *diagnostics, struct config_place place);

/* All of them as a JSON array of objects with severity, file, line and message. */
void diagnostics_print_json(const struct diagnostics *diagnostics, FILE *output);

#endif
