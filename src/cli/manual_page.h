/* sallyport(8), from the tables of commands and options. The main thread's. */
#ifndef CLI_MANUAL_PAGE_H
#define CLI_MANUAL_PAGE_H

#include <stdio.h>

#include "base/result.h"

/* In the macros of man(7). ERROR_OUT_OF_MEMORY: it is not whole. */
struct result manual_page_print(FILE *output);

#endif
