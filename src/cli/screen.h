/*
 * A page of characters that is drawn whole and shown at once, on a terminal or as plain lines. The
 * main thread's.
 *
 * Only printable ASCII and the glyphs below ever get onto it: what else a text holds is shown as
 * '?', so no foreign bytes reach a terminal.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "base/result.h"
#include "terminal.h"

#define SCREEN_ROWS_MAX    300
#define SCREEN_COLUMNS_MAX 500

enum screen_paint {
    SCREEN_PLAIN,
    SCREEN_FAINT,
    SCREEN_TITLE,
    SCREEN_STRONG,
    SCREEN_GOOD,
    SCREEN_WARNING,
    SCREEN_BAD,
    SCREEN_ACCENT, /* full handshakes, requests */
    SCREEN_SECOND, /* resumed ones */
    SCREEN_BANNER, /* across the whole width: what cannot be overlooked */
};

/* Each has a stand-in in ASCII. The eight levels of a column and the eighths of a bar are in
 * order. */
enum screen_glyph {
    SCREEN_NO_GLYPH,
    SCREEN_LEVEL, /* and the seven behind it */
    SCREEN_LEVEL_FULL = SCREEN_LEVEL + 7,
    SCREEN_BAR, /* one eighth, and the seven behind it */
    SCREEN_BAR_FULL = SCREEN_BAR + 7,
    SCREEN_LINE,
    SCREEN_DOT,
    SCREEN_ELLIPSIS,
    SCREEN_GLYPH_COUNT,
};

struct screen_cell {
    char character; /* unless there is a glyph */
    uint8_t glyph;  /* of enum screen_glyph */
    uint8_t paint;  /* of enum screen_paint */
};

struct screen {
    struct terminal_style style;
    size_t rows;
    size_t columns;
    struct screen_cell *cells;
};

/* Where and how something is written; what lies beyond end (a column) is cut off. */
struct screen_place {
    size_t row;
    size_t column;
    size_t end;
    enum screen_paint paint;
};

/* Empty. Sizes beyond the limits above are cut to them. ERROR_OUT_OF_MEMORY. */
struct result screen_init(struct screen *screen, size_t rows, size_t columns,
                          struct terminal_style style);
void screen_deinit(struct screen *screen);

/* Each returns the column behind what was written. Places beyond the screen are passed over. */
[[gnu::format(printf, 3, 4)]] size_t screen_print(struct screen *screen, struct screen_place place,
                                                  const char *format, ...);
size_t screen_put(struct screen *screen, struct screen_place place, enum screen_glyph glyph);

/* Ends with the column before place.column: for numbers. */
[[gnu::format(printf, 3, 4)]] void
screen_print_before(struct screen *screen, struct screen_place place, const char *format, ...);

/* A text of which the end matters: when there is no room, its beginning gives way. */
size_t screen_print_tail(struct screen *screen, struct screen_place place, const char *string);

/* fraction (0 to 1) of the cells from place.column to place.end, in eighths; more than 0 shows. */
void screen_draw_bar(struct screen *screen, struct screen_place place, double fraction);

/* One column of a small chart: fraction (0 to 1) of a cell's height. 0 is a dot. */
void screen_draw_level(struct screen *screen, struct screen_place place, double fraction);

/* As lines, without what is empty at the end. */
void screen_show_plain(const struct screen *screen, FILE *output);

/* Over what a terminal shows, from its first row on. */
void screen_show_live(const struct screen *screen, FILE *output);

#endif
