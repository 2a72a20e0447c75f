/*
 * Which modes an option is for, in words: for --help, the manual page and whoever gives it to
 * another one. Any thread; keeps nothing.
 */
#ifndef LOAD_OPTION_MODES_H
#define LOAD_OPTION_MODES_H

#include "option_table.h"

#define OPTION_MODES_SIZE 80

/* "mix", "request, bulk and mix", "all modes but idle", "all modes" or "--compare"; of an option
 * that goes with both "all modes". */
const char *option_modes_write(const struct option_row *row, char memory[OPTION_MODES_SIZE]);

/* What is told of it: its help, behind the modes that take it when those are not all. */
const char *option_modes_help(const struct option_row *row, char *memory, size_t size_bytes);

#endif
