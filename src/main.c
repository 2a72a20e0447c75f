/* Where the program begins. */
#include "cli/cli.h"
#include "gateway.h"

int main(int argument_count, char **arguments)
{
    return cli_run(argument_count, arguments, gateway_run);
}
