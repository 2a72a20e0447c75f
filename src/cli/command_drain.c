/* `sallyport drain`: the gateway ends when its last client has been served. */
#include "gateway_client.h"

#define LIMIT_MS 10000
/* More than the longest drain_delay and drain_timeout. */
#define END_LIMIT_MS (2U * 3600 * 1000)

int command_drain(const struct command_arguments *arguments)
{
    int status = gateway_client_command(
        arguments, &(struct gateway_client_question){.command = "drain",
                                                     .method = HTTP_METHOD_POST,
                                                     .path = "/drain",
                                                     .limit_ms = LIMIT_MS});
    if (status != CLI_DONE) {
        return status;
    }
    return gateway_client_wait_for_end(arguments, END_LIMIT_MS) ? CLI_DONE : CLI_FAILED;
}
