/*
 * The generation that new clients come under, and those before it that still serve somebody. Owned
 * by the control thread.
 */
#ifndef CONTROL_GENERATIONS_H
#define CONTROL_GENERATIONS_H

#include "proxy/generation.h"

struct generations {
    struct generation *current; /* NULL: none was loaded yet */
    struct list former;
};

void generations_init(struct generations *generations);

/* Every worker has been given generation: it is current from now on, and this object's. */
void generations_replace(struct generations *generations, struct generation *generation);

/*
 * Frees what no worker uses any more: of a former generation first what it trusts and its
 * certificates, in the end all of it. True: some are left, to be looked at again.
 */
bool generations_collect(struct generations *generations);

/* Frees all; no worker is left. */
void generations_deinit(struct generations *generations);

#endif
