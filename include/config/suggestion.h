/*
 * "Did you mean": the known word nearest to a mistyped one. Any thread; a plain value.
 *
 * A caller considers every word that would have been right and asks for the best at the end.
 */
#ifndef CONFIG_SUGGESTION_H
#define CONFIG_SUGGESTION_H

#include <stddef.h>

struct suggestion {
    const char *word;
    const char *best; /* NULL: nothing near enough */
    size_t best_distance;
};

/* word must outlive the suggestion. */
struct suggestion suggestion_for(const char *word);

/* candidate must outlive the suggestion. The first of equally near ones wins. */
void suggestion_consider(struct suggestion *suggestion, const char *candidate);

#endif
