/* Who gets how many rows. Called by top_view.c. */
#include "top_layout.h"

#include <stdbool.h>

void top_layout_share(const struct top_layout_wish *wishes, size_t count, size_t rows,
                      size_t *ret_rows)
{
    size_t gap = 0; /* before the next section */
    for (size_t i = 0; i < count; i++) {
        bool fits = wishes[i].least > 0 && gap + wishes[i].least <= rows;
        ret_rows[i] = fits ? wishes[i].least : 0;
        rows -= fits ? gap + wishes[i].least : 0;
        gap = fits ? 1 : gap;
    }
    bool has_dealt = true;
    while (rows > 0 && has_dealt) {
        has_dealt = false;
        for (size_t i = 0; i < count && rows > 0; i++) {
            if (ret_rows[i] > 0 && ret_rows[i] < wishes[i].most) {
                ret_rows[i]++;
                rows--;
                has_dealt = true;
            }
        }
    }
}
