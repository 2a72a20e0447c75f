/* `sallyport reload`: waits for the true result, with its reasons. */
#include "gateway_client.h"

/* Reading files and resolving names, perhaps behind another reload. */
#define LIMIT_MS 300000

int command_reload(const struct command_arguments *arguments)
{
    return gateway_client_command(arguments,
                                  &(struct gateway_client_question){.command = "reload",
                                                                    .method = HTTP_METHOD_POST,
                                                                    .path = "/reload",
                                                                    .limit_ms = LIMIT_MS});
}
