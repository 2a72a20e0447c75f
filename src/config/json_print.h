/* JSON text for the reports of this folder. Any thread; no state. */
#ifndef CONFIG_JSON_PRINT_H
#define CONFIG_JSON_PRINT_H

#include <stdio.h>

/* A quoted JSON string (RFC 8259 section 7), or null for NULL. What is not UTF-8 becomes U+FFFD. */
void json_print_string(FILE *output, const char *string);

#endif
