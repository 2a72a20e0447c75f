/* The end of the program after a bug of ours. Async-signal-safe enough: stdio only on the way out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

void check_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "sallyport: internal error at %s:%d: %s does not hold\n", file, line,
                  condition);
    abort();
}
