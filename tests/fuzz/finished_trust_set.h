/* The end of filling a trust set, as a profile does it that has one CA file. For fuzz targets. */
#ifndef TESTS_FUZZ_FINISHED_TRUST_SET_H
#define TESTS_FUZZ_FINISHED_TRUST_SET_H

#include "../../src/trust/trust_set.h"

/* False: it can be used for nothing but trust_set_deinit(). */
static inline bool finish_trust_set(struct trust_set *trusted)
{
    struct signature_register signatures;
    if (!result_is_ok(signature_register_init(&signatures, 1))) {
        return false;
    }
    bool is_finished = result_is_ok(trust_set_finish(trusted, &signatures));
    signature_register_deinit(&signatures);
    return is_finished;
}

#endif
