/* sallyport(8), from the tables of commands and options. The main thread's. */
#ifndef CLI_MANUAL_PAGE_H
#define CLI_MANUAL_PAGE_H

#include <stdio.h>

/* In the macros of man(7). */
void manual_page_print(FILE *output);

#endif
