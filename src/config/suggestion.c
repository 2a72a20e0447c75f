/*
 * The distance is that of optimal string alignment: a letter added, dropped, changed, or two
 * neighbours swapped, is one mistake; upper and lower case are the same. Words of a configuration
 * are short, so three rows on the stack hold the table.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "config/suggestion.h"

#define WORD_BYTES_MAX 64

/* One mistake is always forgiven, more when the words are long enough to be told apart. */
#define LETTERS_PER_MISTAKE 3

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int letter(const char *word, size_t index)
{
    return tolower((unsigned char)word[index]);
}

static size_t distance(const char *a, size_t length_a, const char *b, size_t length_b)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= length_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *second_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            bool is_same = letter(a, i - 1) == letter(b, j - 1);
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + !is_same);
            if (i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
                letter(a, i - 2) == letter(b, j - 1)) {
                row[j] = smaller(row[j], second_above[j - 2] + 1);
            }
        }
    }
    return rows[length_a % 3][length_b];
}

struct suggestion suggestion_for(const char *word)
{
    return (struct suggestion){.word = word, .best = NULL, .best_distance = SIZE_MAX};
}

void suggestion_consider(struct suggestion *suggestion, const char *candidate)
{
    size_t length = strlen(suggestion->word);
    size_t candidate_length = strlen(candidate);
    if (length == 0 || length > WORD_BYTES_MAX || candidate_length > WORD_BYTES_MAX) {
        return;
    }
    size_t shorter = smaller(length, candidate_length);
    size_t allowed = shorter / LETTERS_PER_MISTAKE > 0 ? shorter / LETTERS_PER_MISTAKE : 1;
    if (length + candidate_length - 2 * shorter > allowed) {
        return; /* that many letters are missing at least */
    }
    size_t found = distance(suggestion->word, length, candidate, candidate_length);
    if (found <= allowed && found < suggestion->best_distance) {
        suggestion->best = candidate;
        suggestion->best_distance = found;
    }
}
