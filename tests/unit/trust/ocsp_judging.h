/*
 * One world of ocsp_fixture.h, open while the tests of a program run, and short words for having a
 * response judged in it. One include a program, one thread.
 */
#ifndef TESTS_UNIT_TRUST_OCSP_JUDGING_H
#define TESTS_UNIT_TRUST_OCSP_JUDGING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ocsp_fixture.h"

#define NOW BUILDER_NOW

static struct ocsp_world world;
static struct ocsp_answer answer; /* of what was judged last */

static inline int open_world(void **state)
{
    (void)state;
    ocsp_world_open(&world, NOW);
    return 0;
}

static inline int close_world(void **state)
{
    (void)state;
    ocsp_world_close(&world);
    return 0;
}

static inline enum ocsp_fault judge_bytes(struct bytes response)
{
    answer = (struct ocsp_answer){.status = OCSP_UNKNOWN};
    return ocsp_response_judge(response, world.question, BYTES_OF(""), NOW, &answer);
}

static inline enum ocsp_fault judge(struct response_plan plan)
{
    struct built response = respond(&world, plan);
    return judge_bytes(built_bytes(&response));
}

static inline enum ocsp_fault judge_single(struct single_plan single)
{
    struct response_plan plan = {.signer = NULL};
    plan_single(&plan, &world, single);
    return judge(plan);
}

#endif
