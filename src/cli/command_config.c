/* `sallyport config`: the reference of all settings, and a configuration as it is understood. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config/config.h"
#include "config/config_report.h"

static int dump(const struct command_arguments *arguments)
{
    struct diagnostics found;
    struct config *config = NULL;
    if (arguments->config_path == NULL) {
        (void)fprintf(stderr,
                      "sallyport config dump: the configuration is missing: give -c FILE\n");
        return CLI_WRONG_USAGE;
    }
    diagnostics_init(&found);
    struct result result = config_load(arguments->config_path, &found, &config);
    diagnostics_print(&found, stderr);
    if (result_is_ok(result)) {
        config_dump(config, stdout, arguments->is_json);
    }
    config_destroy(config);
    diagnostics_deinit(&found);
    return result_is_ok(result) ? CLI_DONE : CLI_FAILED;
}

int command_config(const struct command_arguments *arguments)
{
    if (arguments->operand != NULL && strcmp(arguments->operand, "reference") == 0) {
        config_reference(stdout, arguments->is_json);
        return CLI_DONE;
    }
    if (arguments->operand != NULL && strcmp(arguments->operand, "dump") == 0) {
        return dump(arguments);
    }
    (void)fprintf(stderr,
                  "sallyport config: say `reference` or `dump`; see `sallyport config --help`\n");
    return CLI_WRONG_USAGE;
}
