/* `sallyport run` */
#include "command.h"

int command_run(const struct command_arguments *arguments)
{
    struct result result = arguments->run_gateway(arguments->config_path);
    return result_is_ok(result) ? CLI_DONE : CLI_FAILED;
}
