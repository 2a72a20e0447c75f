/* Colours, titles and lines that are not too long. Called by whatever explains for people. */
#include "canvas.h"

#include <string.h>

#define TEXT_WIDTH 100

void canvas_begin(const struct canvas *canvas, enum canvas_paint paint)
{
    static const char *const codes[] = {[PAINT_GOOD] = "\x1b[32m",
                                        [PAINT_BAD] = "\x1b[31m",
                                        [PAINT_FAINT] = "\x1b[2m",
                                        [PAINT_BOLD] = "\x1b[1m"};
    (void)fputs(canvas->style.is_coloured ? codes[paint] : "", canvas->output);
}

void canvas_end(const struct canvas *canvas)
{
    (void)fputs(canvas->style.is_coloured ? "\x1b[0m" : "", canvas->output);
}

void canvas_print_title(const struct canvas *canvas, const char *title)
{
    canvas_begin(canvas, PAINT_BOLD);
    (void)fprintf(canvas->output, "\n%s", title);
    canvas_end(canvas);
    (void)fputc('\n', canvas->output);
}

void canvas_print_wrapped(const struct canvas *canvas, const char *words, size_t indent)
{
    size_t column = indent;
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        if (column > indent && column + 1 + length > TEXT_WIDTH) {
            (void)fprintf(canvas->output, "\n%*s", (int)indent, "");
            column = indent;
        }
        column += (size_t)fprintf(canvas->output, "%s%.*s", column > indent ? " " : "", (int)length,
                                  words);
        words += length + (words[length] == ' ' ? 1 : 0);
    }
    (void)fputc('\n', canvas->output);
}
