/* Settings that take effect after a restart, compared as they would be written. Called at a reload.
 */
#include "config/config_restarts.h"

#include <stdlib.h>
#include <string.h>

#include "setting_print.h"

/* Room for two values; a reload is no place to save memory. */
struct comparison {
    char in_use[SETTING_PRINT_BYTES_MAX];
    char latter[SETTING_PRINT_BYTES_MAX];
};

/* Empty when it was not given. */
static void print_value(const struct setting *row, const struct config *config, char *memory)
{
    struct text text = text_over(memory, SETTING_PRINT_BYTES_MAX);
    if (setting_print_count(row, &config->gateway) > 0) {
        (void)setting_print(row, &config->gateway, 0, &text);
    }
    (void)text_terminate(&text);
}

void config_restarts_note(const struct config *in_use, const struct config *latter,
                          struct diagnostics *diagnostics)
{
    struct comparison *comparison = malloc(sizeof(*comparison));
    if (comparison == NULL) {
        diagnostics->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (row->section != SECTION_GATEWAY || row->takes_effect != ON_RESTART) {
            continue;
        }
        print_value(row, in_use, comparison->in_use);
        print_value(row, latter, comparison->latter);
        if (strcmp(comparison->in_use, comparison->latter) != 0) {
            diagnostics_add(
                diagnostics, DIAGNOSTIC_WARNING, latter->gateway.place,
                "[gateway] %s = %.200s: takes effect after a restart; until then %.200s", row->key,
                comparison->latter, comparison->in_use);
        }
    }
    free(comparison);
}
