/*
 * Many explanations in one table: a row a file. The main thread's; whoever makes it owns it. What
 * it keeps of an explanation is copied.
 */
#ifndef CLI_EXPLANATION_TABLE_H
#define CLI_EXPLANATION_TABLE_H

#include "explanation.h"

struct explanation_row;

/* Zeroed: an empty one. */
struct explanation_table {
    struct explanation_row *rows;
    size_t count;
};

struct result explanation_table_add(struct explanation_table *table,
                                    const struct explanation *explanation);

/* Accepts a zeroed one. */
void explanation_table_deinit(struct explanation_table *table);

void explanation_table_print(const struct explanation_table *table, struct terminal_style style,
                             FILE *output);

#endif
