/*
 * base/random.h from a seed, so that a whole simulation, keys and signatures included, can be
 * repeated. Linked in place of src/base/random.c; one thread.
 */
#ifndef TESTS_FAKE_FAKE_RANDOM_H
#define TESTS_FAKE_FAKE_RANDOM_H

#include <stdint.h>

#include "base/random.h"

void fake_random_seed(uint64_t seed);

#endif
