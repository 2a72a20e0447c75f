/* Settings that take effect after a restart, kept and compared as they would be written. The first
 * configuration's hold through all reloads, so it is the one to compare with. */
#include "config/config_restarts.h"

#include <stdlib.h>
#include <string.h>

#include "setting_print.h"

/* Of a value in a message. */
#define SHOWN_BYTES_MAX 200

struct config_restarts {
    char room[SETTING_PRINT_BYTES_MAX]; /* for the value that is compared */
    char *in_use[];                     /* one a setting of the schema; NULL: not of ours */
};

static bool is_of_ours(const struct setting *row)
{
    return row->section == SECTION_GATEWAY && row->takes_effect == ON_RESTART;
}

/* Empty when it was not given. */
static const char *print_value(struct config_restarts *restarts, const struct setting *row,
                               const struct config *config)
{
    struct text text = text_over(restarts->room, sizeof(restarts->room));
    if (setting_print_count(row, &config->gateway) > 0) {
        (void)setting_print(row, &config->gateway, 0, &text);
    }
    return text_terminate(&text);
}

struct result config_restarts_create(const struct config *config,
                                     struct config_restarts **ret_restarts)
{
    struct config_restarts *restarts =
        calloc(1, sizeof(*restarts) + schema_setting_count * sizeof(restarts->in_use[0]));
    if (restarts == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (!is_of_ours(row)) {
            continue;
        }
        restarts->in_use[i] = strdup(print_value(restarts, row, config));
        if (restarts->in_use[i] == NULL) {
            config_restarts_destroy(restarts);
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
    }
    *ret_restarts = restarts;
    return RESULT_OK;
}

void config_restarts_destroy(struct config_restarts *restarts)
{
    for (size_t i = 0; restarts != NULL && i < schema_setting_count; i++) {
        free(restarts->in_use[i]);
    }
    free(restarts);
}

void config_restarts_note(struct config_restarts *restarts, const struct config *latter,
                          struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (!is_of_ours(row)) {
            continue;
        }
        const char *value = print_value(restarts, row, latter);
        if (strcmp(restarts->in_use[i], value) != 0) {
            diagnostics_add(
                diagnostics, DIAGNOSTIC_WARNING, latter->gateway.place,
                "[gateway] %s = %.*s: takes effect after a restart; until then it is %.*s",
                row->key, SHOWN_BYTES_MAX, value[0] == '\0' ? "(not given)" : value,
                SHOWN_BYTES_MAX,
                restarts->in_use[i][0] == '\0' ? "(not given)" : restarts->in_use[i]);
        }
    }
}
