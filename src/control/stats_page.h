/*
 * GET /: a page for browsers that needs nothing but this gateway. Its tables hold the figures of
 * the moment; its script keeps them so and draws charts. The stats thread's; no state.
 *
 * Its style and its script are files in page/, which the assembler takes in.
 */
#ifndef CONTROL_STATS_PAGE_H
#define CONTROL_STATS_PAGE_H

#include <stdio.h>

#include "stats_figures.h"

/* Base64 of 16 bytes and a NUL. */
#define STATS_PAGE_NONCE_SIZE 25

/* What only this answer's style and script know. ERROR_SYSTEM: no random bytes. */
struct result stats_page_make_nonce(char ret_nonce[STATS_PAGE_NONCE_SIZE]);

void stats_page_print(const struct stats_figures *figures, const char *nonce, FILE *output);

/* The field of the head with which a browser runs and loads nothing else (CSP level 3). */
void stats_page_print_policy(const char *nonce, FILE *output);

#endif
