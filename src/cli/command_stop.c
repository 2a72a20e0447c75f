/* `sallyport stop`: the gateway ends at once. */
#include <stdio.h>

#include "gateway_client.h"

#define LIMIT_MS     10000
#define END_LIMIT_MS 30000

int command_stop(const struct command_arguments *arguments)
{
    int status = gateway_client_command(
        arguments,
        &(struct gateway_client_question){
            .command = "stop", .method = HTTP_METHOD_POST, .path = "/stop", .limit_ms = LIMIT_MS});
    if (status != CLI_DONE) {
        return status;
    }
    if (!gateway_client_wait_for_end(arguments, END_LIMIT_MS)) {
        (void)fputs("sallyport stop: it still runs after 30 s\n", stderr);
        return CLI_FAILED;
    }
    return CLI_DONE;
}
