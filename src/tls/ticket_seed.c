/*
 * Where all workers' ticket keys begin. Called by the control thread.
 */
#include "tls/ticket_seed.h"

#include <string.h>

#include "base/check.h"
#include "base/random.h"

struct result ticket_seed_init(struct ticket_seed *seed, uint64_t lifetime_ms, uint64_t now_ms)
{
    CHECK(lifetime_ms > 0);
    *seed = (struct ticket_seed){.started_ms = now_ms, .lifetime_ms = lifetime_ms};
    TRY(random_fill(seed->secret, sizeof(seed->secret)));
    seed->has_secret = true;
    return RESULT_OK;
}

void ticket_seed_forget(struct ticket_seed *seed)
{
    uint64_t lifetime_ms = seed->lifetime_ms;
    ticket_seed_deinit(seed);
    seed->lifetime_ms = lifetime_ms;
}

void ticket_seed_deinit(struct ticket_seed *seed)
{
    explicit_bzero(seed, sizeof(*seed));
}
