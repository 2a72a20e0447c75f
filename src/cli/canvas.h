/* Where an explanation for people is written: an output with its colours and signs. The main
 * thread's; a plain value. */
#ifndef CLI_CANVAS_H
#define CLI_CANVAS_H

#include "terminal.h"

enum canvas_paint { PAINT_GOOD, PAINT_BAD, PAINT_FAINT, PAINT_BOLD };

struct canvas {
    FILE *output;
    struct terminal_style style;
};

/* What is printed between the two is painted, where the output has colours. */
void canvas_begin(const struct canvas *canvas, enum canvas_paint paint);
void canvas_end(const struct canvas *canvas);

/* A line of its own below an empty one. */
void canvas_print_title(const struct canvas *canvas, const char *title);

/* Words and a newline; what does not fit the line goes on below its beginning, which is at the
 * column indent, where the output stands. */
void canvas_print_wrapped(const struct canvas *canvas, const char *words, size_t indent);

#endif
