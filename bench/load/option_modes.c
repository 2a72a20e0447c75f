/* A set of modes as words; see the header. Called by options.c and options_help.c. */
#include "option_modes.h"

#include <stdio.h>

#include "base/text.h"
#include "mode.h"

static void list_modes(unsigned modes, struct text *text)
{
    for (unsigned mode = 0, left = modes; left != 0; mode++) {
        if ((left & 1U << mode) == 0) {
            continue;
        }
        left &= ~(1U << mode);
        text_append_string(text, mode_of((enum load_mode)mode)->name);
        if (left != 0) {
            text_append_string(text, (left & (left - 1)) == 0 ? " and " : ", ");
        }
    }
}

const char *option_modes_write(const struct option_row *row, char memory[OPTION_MODES_SIZE])
{
    struct text text = text_over(memory, OPTION_MODES_SIZE);
    unsigned modes = row->modes & OPTION_RUNNING;
    unsigned others = OPTION_RUNNING & ~modes;
    if (modes == 0) {
        text_append_string(&text, "--compare");
    } else if ((others & (others - 1)) != 0) {
        list_modes(modes, &text);
    } else {
        text_append_string(&text, others == 0 ? "all modes" : "all modes but ");
        list_modes(others, &text);
    }
    return text_terminate(&text);
}

const char *option_modes_help(const struct option_row *row, char *memory, size_t size_bytes)
{
    char modes[OPTION_MODES_SIZE];
    bool is_for_all = (row->modes & OPTION_RUNNING) == OPTION_RUNNING;
    (void)snprintf(memory, size_bytes, "%s%s%s", is_for_all ? "" : option_modes_write(row, modes),
                   is_for_all ? "" : ": ", row->help);
    return memory;
}
