/*
 * Text for manual pages, in the macros of man(7). Any thread; writes to a stream, keeps nothing.
 *
 * What is printed may hold any characters: none of them is taken for a request or an escape.
 */
#ifndef BASE_ROFF_H
#define BASE_ROFF_H

#include <stdio.h>

/* The page's first line. source is the program with its version. */
void roff_print_title(FILE *output, const char *name, unsigned section, const char *source);

void roff_print_section(FILE *output, const char *title);
void roff_print_subsection(FILE *output, const char *title);

/* The head of an indented paragraph: word in bold, rest (may be "") as it is. */
void roff_print_item(FILE *output, const char *word, const char *rest);

/* Filled text on lines of its own; what stands in `backquotes` becomes bold. */
void roff_print_text(FILE *output, const char *text);

void roff_print_paragraph(FILE *output, const char *text);

/* Lines that stay as they are, indented. */
void roff_print_example(FILE *output, const char *text);

#endif
