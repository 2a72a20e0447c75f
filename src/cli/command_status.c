/* `sallyport status`: what a running gateway says of itself. */
#include "gateway_client.h"

#define LIMIT_MS 10000

int command_status(const struct command_arguments *arguments)
{
    return gateway_client_command(arguments, &(struct gateway_client_question){
                                                 .command = "status",
                                                 .method = HTTP_METHOD_GET,
                                                 .path = arguments->is_json ? "/stats" : "/status",
                                                 .limit_ms = LIMIT_MS});
}
