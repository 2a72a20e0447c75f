/* `sallyport manual`: the two manual pages, printed from the tables that the program itself uses.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config/config_report.h"
#include "manual_page.h"

int command_manual(const struct command_arguments *arguments)
{
    if (arguments->operand == NULL || strcmp(arguments->operand, "sallyport") == 0) {
        return result_is_ok(manual_page_print(stdout)) ? CLI_DONE : CLI_FAILED;
    }
    if (strcmp(arguments->operand, "sallyport.conf") == 0) {
        config_manual(stdout, command_version_text());
        return CLI_DONE;
    }
    (void)fprintf(stderr,
                  "sallyport manual: there is no page '%s'; say `sallyport` or "
                  "`sallyport.conf`\n",
                  arguments->operand);
    return CLI_WRONG_USAGE;
}
