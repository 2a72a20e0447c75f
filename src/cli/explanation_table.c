/* A table of verdicts, its columns as wide as their widest cell. Called by command_explain.c. */
#include "explanation_table.h"

#include <stdlib.h>
#include <string.h>

#include "moment.h"

#define SUBJECT_SIZE 64 /* A longer one is cut and ends in three dots. */
#define WORD_SIZE    40
#define FAULT_SIZE   192

enum { COLUMN_FILE, COLUMN_SUBJECT, COLUMN_VERDICT, COLUMN_COUNT };

struct explanation_row {
    char *path; /* printable */
    char subject[SUBJECT_SIZE];
    char word[WORD_SIZE];
    char until[FAULT_SIZE]; /* until when it holds, or why there is none */
    bool is_let_in;
};

static char *copy_path(const char *path)
{
    size_t size = 3 * strlen(path) + 1; /* \XX for each byte */
    char *copy = malloc(size);
    if (copy != NULL) {
        struct text text = text_over(copy, size - 1);
        terminal_append_safe(&text, path);
        copy[text.length] = '\0';
    }
    return copy;
}

static void write_subject(const struct explanation *explanation, char memory[SUBJECT_SIZE])
{
    char whole[16384];
    struct text text = text_over(whole, sizeof(whole));
    explanation_append_subject(explanation->presented[0], &text);
    bool is_cut = text.length >= SUBJECT_SIZE;
    (void)snprintf(memory, SUBJECT_SIZE, "%.*s%s", (int)(is_cut ? SUBJECT_SIZE - 4 : text.length),
                   text.at, is_cut ? "..." : "");
}

static void write_fault(const struct explanation *explanation, char memory[FAULT_SIZE])
{
    struct text text = text_over(memory, FAULT_SIZE - 1);
    explanation_append_fault(explanation, &text);
    if (explanation->file.fault_line > 0) {
        text_append_format(&text, " (line %d)", explanation->file.fault_line);
    }
    memory[text.length] = '\0';
}

/* A sentence: the word alone says too little in a table. */
static const char *why_unavailable(const struct revocation_evidence *evidence)
{
    return evidence->is_supposed ? "nobody was asked" : ocsp_fault_text(evidence->state.failure);
}

static void write_verdict(const struct explanation *explanation, struct explanation_row *row)
{
    const struct verdict *verdict = &explanation->verdict;
    char moment[MOMENT_SIZE];
    bool is_success = verdict_is_success(verdict);
    const struct revocation_evidence *evidence = explanation_revocation_decisive(explanation);
    bool has_failed = evidence != NULL && verdict->reason == VERDICT_REVOCATION_UNAVAILABLE;
    bool has_end = is_success && verdict->valid_until_seconds != INT64_MAX;
    (void)snprintf(row->word, sizeof(row->word), "%s", verdict_word(verdict->reason));
    (void)snprintf(row->until, sizeof(row->until), "%s",
                   has_end      ? moment_write(verdict->valid_until_seconds, moment)
                   : is_success ? "the configuration changes"
                   : has_failed ? why_unavailable(evidence)
                                : "-");
}

/* The array doubles at each power of two. */
static struct result grow(struct explanation_table *table)
{
    if ((table->count & (table->count - 1)) != 0) {
        return RESULT_OK;
    }
    size_t capacity = table->count == 0 ? 1 : 2 * table->count;
    struct explanation_row *rows = reallocarray(table->rows, capacity, sizeof(*rows));
    if (rows == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    table->rows = rows;
    return RESULT_OK;
}

struct result explanation_table_add(struct explanation_table *table,
                                    const struct explanation *explanation)
{
    TRY(grow(table));
    struct explanation_row *row = &table->rows[table->count];
    *row = (struct explanation_row){.path = copy_path(explanation->path),
                                    .subject = "-",
                                    .word = "-",
                                    .is_let_in = explanation->is_let_in};
    if (row->path == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    table->count++;
    if (explanation->is_judged) {
        write_subject(explanation, row->subject);
        write_verdict(explanation, row);
    } else {
        write_fault(explanation, row->until);
    }
    return RESULT_OK;
}

void explanation_table_deinit(struct explanation_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->rows[i].path);
    }
    free(table->rows);
    *table = (struct explanation_table){0};
}

static void widen(int *width, const char *cell)
{
    int length = (int)strlen(cell);
    *width = length > *width ? length : *width;
}

static void print_row(const struct explanation_row *row, const int widths[COLUMN_COUNT],
                      struct terminal_style style, FILE *output)
{
    const char *utf8 = row->is_let_in ? "✓" : "✗";
    const char *ascii = row->is_let_in ? "ok  " : "FAIL";
    const char *colour = row->is_let_in ? "\x1b[32m" : "\x1b[31m";
    (void)fprintf(output, "%s%s%s  ", style.is_coloured ? colour : "", style.is_utf8 ? utf8 : ascii,
                  style.is_coloured ? "\x1b[0m" : "");
    (void)fprintf(output, "%-*s  %-*s  %-*s  %s\n", widths[COLUMN_FILE], row->path,
                  widths[COLUMN_SUBJECT], row->subject, widths[COLUMN_VERDICT], row->word,
                  row->until);
}

void explanation_table_print(const struct explanation_table *table, struct terminal_style style,
                             FILE *output)
{
    static const char *const titles[COLUMN_COUNT] = {"FILE", "SUBJECT", "VERDICT"};
    int widths[COLUMN_COUNT] = {0};
    for (int column = 0; column < COLUMN_COUNT; column++) {
        widen(&widths[column], titles[column]);
    }
    for (size_t i = 0; i < table->count; i++) {
        widen(&widths[COLUMN_FILE], table->rows[i].path);
        widen(&widths[COLUMN_SUBJECT], table->rows[i].subject);
        widen(&widths[COLUMN_VERDICT], table->rows[i].word);
    }
    (void)fprintf(output, "%*s%-*s  %-*s  %-*s  %s\n", style.is_utf8 ? 3 : 6, "",
                  widths[COLUMN_FILE], titles[COLUMN_FILE], widths[COLUMN_SUBJECT],
                  titles[COLUMN_SUBJECT], widths[COLUMN_VERDICT], titles[COLUMN_VERDICT],
                  "VALID UNTIL");
    for (size_t i = 0; i < table->count; i++) {
        print_row(&table->rows[i], widths, style, output);
    }
}
