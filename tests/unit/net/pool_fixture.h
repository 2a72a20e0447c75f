/* A pool for each test of buffers and queues; a group's setup and teardown. */
#ifndef TESTS_UNIT_NET_POOL_FIXTURE_H
#define TESTS_UNIT_NET_POOL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/buffer.h"

static inline int make_pool(void **state)
{
    struct buffer_pool *pool = malloc(sizeof(*pool));
    *state = pool;
    if (pool == NULL) {
        return -1;
    }
    buffer_pool_init(pool);
    return 0;
}

/* Aborts when a test has not given everything back. */
static inline int free_pool(void **state)
{
    struct buffer_pool *pool = *state;
    assert_true(pool->lent_bytes == 0);
    buffer_pool_deinit(pool);
    free(pool);
    return 0;
}

#endif
