/*
 * What the manual says of the stats socket and of its metrics, from what is printed there. Any
 * thread; allocates and gives back.
 */
#ifndef CONTROL_STATS_MANUAL_H
#define CONTROL_STATS_MANUAL_H

#include <stdio.h>

#include "base/result.h"

/* Sections for a manual page. ERROR_OUT_OF_MEMORY: the page is not whole. */
struct result stats_manual_print(FILE *output);

#endif
