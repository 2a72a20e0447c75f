/* `sallyport demo`: hands over to the script that is installed beside the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command.h"

/* Where the script lies, seen from the program's folder: in the source tree, and installed. */
static const char *const places[] = {"../tools/demo.sh", "../lib/sallyport/demo.sh"};

int command_demo(const struct command_arguments *arguments)
{
    char program[4096];
    (void)arguments;
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length <= 0) {
        (void)fprintf(stderr, "sallyport demo: cannot tell where this program lies\n");
        return CLI_FAILED;
    }
    program[length] = '\0';
    (void)setenv("SALLYPORT", program, 1);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char script[sizeof(program) + 32];
        struct text path = text_over(script, sizeof(script));
        size_t folder_length = (size_t)(strrchr(program, '/') - program) + 1;
        text_append(&path, bytes_from(program, folder_length));
        text_append_string(&path, places[i]);
        (void)execl(text_terminate(&path), "demo.sh", (char *)NULL);
    }
    (void)fprintf(stderr, "sallyport demo: its script is not installed\n");
    return CLI_FAILED;
}
