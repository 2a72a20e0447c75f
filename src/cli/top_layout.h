/* Dealing the rows of a column to the sections in it. Any thread; no state. */
#ifndef CLI_TOP_LAYOUT_H
#define CLI_TOP_LAYOUT_H

#include <stddef.h>

#define TOP_LAYOUT_SECTIONS_MAX 8

/* Of one section, its title included. */
struct top_layout_wish {
    size_t least;
    size_t most; /* not less than least */
};

/*
 * The sections before others come first: who does not get the least that he needs gets nothing.
 * What is left is dealt in turn, up to the most. An empty row is kept between two.
 *
 * count: at most TOP_LAYOUT_SECTIONS_MAX. ret_rows: of each; 0: no room.
 */
void top_layout_share(const struct top_layout_wish *wishes, size_t count, size_t rows,
                      size_t *ret_rows);

#endif
