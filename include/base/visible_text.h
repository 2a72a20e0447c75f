/*
 * Text for people's eyes, made of what may hold anything: names of files, words of a configuration.
 * Any thread; keeps nothing.
 *
 * What utf8_visible_length() lets through stays as it is; each other byte becomes \xHH with
 * uppercase digits, four bytes for one. So nothing ends a line or plays with a terminal.
 */
#ifndef BASE_VISIBLE_TEXT_H
#define BASE_VISIBLE_TEXT_H

#include <stdio.h>

#include "base/text.h"

/* Of one line: line ends in it are escaped, too. */
void visible_text_append(struct text *text, struct bytes line);
void visible_text_print(FILE *output, struct bytes line);

/* The same of several lines, whose ends stay. */
void visible_text_print_lines(FILE *output, struct bytes lines);

#endif
