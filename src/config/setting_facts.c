/* The sentences that the reference and the manual page have in common. */
#include "setting_facts.h"

#include <ctype.h>

#include "setting_print.h"

void setting_facts_append_help(struct text *text, const struct setting *row)
{
    text_append_char(text, (char)toupper((unsigned char)row->help[0]));
    text_append_string(text, row->help + 1);
    text_append_char(text, '.');
}

void setting_facts_append(struct text *text, const struct setting *row)
{
    if (row->is_required) {
        text_append_string(text, "Required. ");
    }
    if (row->times_max > 1) {
        text_append_format(text, "May be repeated, up to %u times. ", row->times_max);
    }
    size_t before_bounds = text->length;
    setting_print_bounds(row, text);
    if (text->length > before_bounds) {
        text->at[before_bounds] = 'F';
        text_append_string(text, ". ");
    }
    if (row->default_text != NULL) {
        text_append_format(text, "Default: %s. ", row->default_text);
    }
    text_append_format(text, "A change takes effect %s.",
                       schema_takes_effect_texts[row->takes_effect]);
}
