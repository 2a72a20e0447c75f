/* `sallyport top --json`: an object on a line of its own for each look. The main thread's; no
 * state. Its members are a promise: they are described in the README. */
#ifndef CLI_TOP_JSON_H
#define CLI_TOP_JSON_H

#include "top_view.h"

void top_json_print(FILE *output, const struct top_view *view);

#endif
