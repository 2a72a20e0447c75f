/*
 * From a certificate that was chosen to the response that the OCSP cache has. Called from within a
 * handshake: looks up and never waits; what is not known yet is not stapled.
 */
#include "staple.h"

#include "base/clock.h"
#include "proxy_generation.h"
#include "trust/ocsp_life.h"

static const struct staple_questions *questions_of(const struct site *site)
{
    return &site->generation->content->staples[site->listener->index];
}

bool staple_is_possible(const struct site *site)
{
    bool is_possible = false;
    bool is_served = site->generation->content->staples != NULL &&
                     site->generation->proxy->around.ocsp_cache != NULL;
    for (enum tls_key_kind kind = 0; is_served && kind < TLS_KEY_KIND_COUNT; kind++) {
        is_possible |= questions_of(site)->items[kind] != NULL;
    }
    return is_possible;
}

/* The worker is awake in a step, so that the record stays until its end. */
struct bytes staple_find(void *owner, enum tls_key_kind key_kind)
{
    const struct connection *connection = owner;
    const struct ocsp_question *question = questions_of(connection->site)->items[key_kind];
    if (question == NULL) {
        return (struct bytes){0};
    }
    int64_t now_seconds = clock_wall_seconds();
    const struct ocsp_record *record =
        ocsp_cache_find(connection->proxy->around.ocsp_cache, &question->id, now_seconds);
    bool is_presentable =
        record != NULL &&
        ocsp_life_is_presentable(&record->state, record->manner.max_age_ms, now_seconds);
    return is_presentable ? record->response : (struct bytes){0};
}
