/* `sallyport check`: what `run` would read and try, without starting anything. */
#include <stdio.h>

#include "base/text.h"
#include "command.h"
#include "control/generation_builder.h"
#include "tls/tls_library.h"

static void report(const struct command_arguments *arguments, const struct diagnostics *found,
                   bool is_fine)
{
    if (arguments->is_json) {
        diagnostics_print_json(found, stdout);
        return;
    }
    diagnostics_print(found, stderr);
    if (is_fine && !arguments->is_quiet) {
        (void)printf("%s: the configuration is fine\n", arguments->config_path);
    }
    if (!is_fine) {
        (void)fprintf(stderr, "%s: %zu %s, %zu %s\n", arguments->config_path, found->error_count,
                      text_noun(found->error_count, "error", "errors"), found->warning_count,
                      text_noun(found->warning_count, "warning", "warnings"));
    }
}

int command_check(const struct command_arguments *arguments)
{
    struct diagnostics found;
    if (!result_is_ok(tls_library_start())) {
        (void)fprintf(stderr, "sallyport check: the TLS library cannot start\n");
        return CLI_FAILED;
    }
    diagnostics_init(&found);
    struct result result = generation_builder_check(arguments->config_path, &found);
    bool is_fine = result_is_ok(result) && (!arguments->is_strict || found.warning_count == 0);
    report(arguments, &found, is_fine);
    diagnostics_deinit(&found);
    tls_library_stop();
    return is_fine ? CLI_DONE : CLI_FAILED;
}
