/* JSON text for reports. Any thread; no state. */
#ifndef CONFIG_JSON_PRINT_H
#define CONFIG_JSON_PRINT_H

#include <stdio.h>

#include "base/bytes.h"

/* A quoted JSON string (RFC 8259 section 7), or null for NULL. What is not UTF-8 becomes U+FFFD. */
void json_print_string(FILE *output, const char *string);

/* The same of a view; an empty one is "". */
void json_print_bytes(FILE *output, struct bytes bytes);

#endif
