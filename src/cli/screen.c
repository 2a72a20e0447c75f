/* Cells, and how they become bytes. Called by what draws `sallyport top`. */
#include "screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 2048
#define EIGHTHS   8

/* clang-format off */
static const struct {
    const char *utf8;
    char ascii;
} glyphs[SCREEN_GLYPH_COUNT] = {
    [SCREEN_NO_GLYPH]   = {"", ' '},
    [SCREEN_LEVEL]      = {"\u2581", '_'},
    [SCREEN_LEVEL + 1]  = {"\u2582", '_'},
    [SCREEN_LEVEL + 2]  = {"\u2583", '.'},
    [SCREEN_LEVEL + 3]  = {"\u2584", '.'},
    [SCREEN_LEVEL + 4]  = {"\u2585", '-'},
    [SCREEN_LEVEL + 5]  = {"\u2586", '='},
    [SCREEN_LEVEL + 6]  = {"\u2587", '*'},
    [SCREEN_LEVEL_FULL] = {"\u2588", '#'},
    [SCREEN_BAR]        = {"\u258f", '-'},
    [SCREEN_BAR + 1]    = {"\u258e", '-'},
    [SCREEN_BAR + 2]    = {"\u258d", '-'},
    [SCREEN_BAR + 3]    = {"\u258c", '-'},
    [SCREEN_BAR + 4]    = {"\u258b", '='},
    [SCREEN_BAR + 5]    = {"\u258a", '='},
    [SCREEN_BAR + 6]    = {"\u2589", '='},
    [SCREEN_BAR_FULL]   = {"\u2588", '#'},
    [SCREEN_LINE]       = {"\u2500", '-'},
    [SCREEN_DOT]        = {"\u00b7", '.'},
    [SCREEN_ELLIPSIS]   = {"\u2026", '~'},
};

static const char *const codes[] = {
    [SCREEN_PLAIN]   = "\x1b[0m",
    [SCREEN_FAINT]   = "\x1b[0;2m",
    [SCREEN_TITLE]   = "\x1b[0;1m",
    [SCREEN_STRONG]  = "\x1b[0;1m",
    [SCREEN_GOOD]    = "\x1b[0;32m",
    [SCREEN_WARNING] = "\x1b[0;33m",
    [SCREEN_BAD]     = "\x1b[0;1;31m",
    [SCREEN_ACCENT]  = "\x1b[0;36m",
    [SCREEN_SECOND]  = "\x1b[0;35m",
    [SCREEN_BANNER]  = "\x1b[0;1;7;31m",
};
/* clang-format on */

struct result screen_init(struct screen *screen, size_t rows, size_t columns,
                          struct terminal_style style)
{
    screen->style = style;
    screen->rows = rows < SCREEN_ROWS_MAX ? rows : SCREEN_ROWS_MAX;
    screen->columns = columns < SCREEN_COLUMNS_MAX ? columns : SCREEN_COLUMNS_MAX;
    screen->cells = calloc(screen->rows * screen->columns + 1, sizeof(*screen->cells));
    return screen->cells == NULL ? result_failure(ERROR_OUT_OF_MEMORY) : RESULT_OK;
}

void screen_deinit(struct screen *screen)
{
    free(screen->cells);
    screen->cells = NULL;
}

static void set_cell(struct screen *screen, struct screen_place place, struct screen_cell cell)
{
    if (place.row < screen->rows && place.column < screen->columns && place.column < place.end) {
        cell.paint = (uint8_t)place.paint;
        screen->cells[place.row * screen->columns + place.column] = cell;
    }
}

static size_t write_string(struct screen *screen, struct screen_place place, const char *string)
{
    for (; *string != '\0' && place.column < place.end; string++, place.column++) {
        bool is_safe = *string >= ' ' && *string <= '~';
        set_cell(screen, place, (struct screen_cell){.character = is_safe ? *string : '?'});
    }
    return place.column;
}

size_t screen_print(struct screen *screen, struct screen_place place, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return write_string(screen, place, text);
}

void screen_print_before(struct screen *screen, struct screen_place place, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    size_t length = strlen(text);
    place.end = place.column;
    place.column = length < place.column ? place.column - length : 0;
    (void)write_string(screen, place, text);
}

size_t screen_put(struct screen *screen, struct screen_place place, enum screen_glyph glyph)
{
    set_cell(screen, place, (struct screen_cell){.glyph = (uint8_t)glyph});
    return place.column + 1;
}

size_t screen_print_tail(struct screen *screen, struct screen_place place, const char *string)
{
    size_t length = strlen(string);
    size_t end = place.end < screen->columns ? place.end : screen->columns;
    size_t room = end > place.column ? end - place.column : 0;
    if (length > room && room > 0) {
        place.column = screen_put(screen, place, SCREEN_ELLIPSIS);
        string += length - (room - 1);
    }
    return write_string(screen, place, string);
}

void screen_draw_bar(struct screen *screen, struct screen_place place, double fraction)
{
    size_t end = place.end < screen->columns ? place.end : screen->columns;
    size_t room = end > place.column ? end - place.column : 0;
    if (!(fraction > 0) || room == 0) {
        return;
    }
    size_t eighths = (size_t)((double)(room * EIGHTHS) * (fraction < 1 ? fraction : 1) + 0.5);
    eighths = eighths == 0 ? 1 : eighths;
    for (; eighths >= EIGHTHS; eighths -= EIGHTHS) {
        place.column = screen_put(screen, place, SCREEN_BAR_FULL);
    }
    if (eighths > 0) {
        (void)screen_put(screen, place, (enum screen_glyph)(SCREEN_BAR + eighths - 1));
    }
}

void screen_draw_level(struct screen *screen, struct screen_place place, double fraction)
{
    if (!(fraction > 0)) {
        place.paint = SCREEN_FAINT;
        (void)screen_put(screen, place, SCREEN_DOT);
        return;
    }
    double level = fraction < 1 ? fraction * EIGHTHS : EIGHTHS - 1;
    (void)screen_put(screen, place, (enum screen_glyph)(SCREEN_LEVEL + (unsigned)level));
}

/* Showing. */

static bool is_empty(const struct screen_cell *cell)
{
    return cell->glyph == SCREEN_NO_GLYPH && (cell->character == '\0' || cell->character == ' ');
}

static void show_cell(const struct screen *screen, const struct screen_cell *cell, FILE *output)
{
    if (cell->glyph == SCREEN_NO_GLYPH) {
        (void)fputc(cell->character == '\0' ? ' ' : cell->character, output);
    } else if (screen->style.is_utf8) {
        (void)fputs(glyphs[cell->glyph].utf8, output);
    } else {
        (void)fputc(glyphs[cell->glyph].ascii, output);
    }
}

static void show_row(const struct screen *screen, size_t row, FILE *output)
{
    const struct screen_cell *cells = &screen->cells[row * screen->columns];
    size_t count = screen->columns;
    unsigned paint = SCREEN_PLAIN;
    while (count > 0 && is_empty(&cells[count - 1]) && cells[count - 1].paint != SCREEN_BANNER) {
        count--;
    }
    for (size_t i = 0; i < count; i++) {
        if (screen->style.is_coloured && cells[i].paint != paint) {
            paint = cells[i].paint;
            (void)fputs(codes[paint], output);
        }
        show_cell(screen, &cells[i], output);
    }
    (void)fputs(paint == SCREEN_PLAIN ? "" : codes[SCREEN_PLAIN], output);
}

static bool is_row_empty(const struct screen *screen, size_t row)
{
    for (size_t i = 0; i < screen->columns; i++) {
        if (!is_empty(&screen->cells[row * screen->columns + i])) {
            return false;
        }
    }
    return true;
}

void screen_show_plain(const struct screen *screen, FILE *output)
{
    size_t rows = screen->rows;
    while (rows > 0 && is_row_empty(screen, rows - 1)) {
        rows--;
    }
    for (size_t i = 0; i < rows; i++) {
        show_row(screen, i, output);
        (void)fputc('\n', output);
    }
}

/* Each row clears what was behind it; the last one has no line end, or all would move up. */
void screen_show_live(const struct screen *screen, FILE *output)
{
    (void)fputs("\x1b[H", output);
    for (size_t i = 0; i < screen->rows; i++) {
        (void)fputs(i == 0 ? "" : "\r\n", output);
        show_row(screen, i, output);
        (void)fputs("\x1b[K", output);
    }
    (void)fputs("\x1b[J", output);
}
