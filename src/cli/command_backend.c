/* `sallyport backend`: the servers behind a running gateway, and taking them out of service. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gateway_client.h"

#define LIMIT_MS         10000
#define TARGET_BYTES_MAX 256

/* The path, and behind it the name with every byte escaped that means something in a target. */
static int ask_for(const struct command_arguments *arguments, const char *path, const char *name)
{
    char memory[sizeof("/backends/disable?") + 3 * TARGET_BYTES_MAX];
    struct text target = text_over(memory, sizeof(memory));
    if (strlen(name) > TARGET_BYTES_MAX) {
        (void)fprintf(stderr, "sallyport backend: the name is too long: %s\n", name);
        return CLI_FAILED;
    }
    text_append_string(&target, path);
    text_append_percent_encoded(&target, bytes_from_string(name));
    return gateway_client_command(arguments,
                                  &(struct gateway_client_question){.command = "backend",
                                                                    .method = HTTP_METHOD_POST,
                                                                    .path = text_terminate(&target),
                                                                    .limit_ms = LIMIT_MS});
}

/* Each name is one change; the first that fails ends it. */
static int change(const struct command_arguments *arguments, const char *path)
{
    if (arguments->operand_count < 2 || arguments->is_json) {
        (void)fprintf(stderr, "sallyport backend: %s\n",
                      arguments->is_json ? "--json goes with `backend list`"
                                         : "say which one: BACKEND or BACKEND/SERVER");
        return CLI_WRONG_USAGE;
    }
    int status = CLI_DONE;
    for (size_t i = 1; i < arguments->operand_count && status == CLI_DONE; i++) {
        status = ask_for(arguments, path, arguments->operands[i]);
    }
    return status;
}

static int list(const struct command_arguments *arguments, const char *path)
{
    (void)path;
    if (arguments->operand_count > 1) {
        (void)fprintf(stderr, "sallyport backend: unexpected argument %s\n",
                      arguments->operands[1]);
        return CLI_WRONG_USAGE;
    }
    return gateway_client_command(
        arguments,
        &(struct gateway_client_question){.command = "backend",
                                          .method = HTTP_METHOD_GET,
                                          .path = arguments->is_json ? "/backends" : "/servers",
                                          .limit_ms = LIMIT_MS});
}

/* clang-format off */
static const struct {
    const char *word;
    int (*run)(const struct command_arguments *arguments, const char *path);
    const char *path;
} rows[] = {
    {"list",    list,   NULL},
    {"disable", change, "/backends/disable?"},
    {"enable",  change, "/backends/enable?"},
};
/* clang-format on */

int command_backend(const struct command_arguments *arguments)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (arguments->operand != NULL && strcmp(arguments->operand, rows[i].word) == 0) {
            return rows[i].run(arguments, rows[i].path);
        }
    }
    (void)fprintf(stderr, "sallyport backend: say `list`, `disable` or `enable`\n");
    return CLI_WRONG_USAGE;
}
