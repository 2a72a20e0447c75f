/*
 * When a verdict is looked at without a request: at the end of its lease, after a removal, when an
 * answer has come. Called by timers, by the worker's orders and by steps that leave a client idle.
 *
 * Looking is cheap as long as a lease holds; the judging is client_trust.c's.
 */
#include "client_lease.h"

#include "base/clock.h"
#include "client_trust.h"
#include "trust/ocsp_cache.h"

/* A lease that is longer is looked at now and then: wall clocks jump. */
#define LOOK_SECONDS_MAX 60

/* After a removal leases are looked at so many milliseconds apart, not all at once. */
#define RECHECK_STEP_MS 16
#define RECHECK_STEPS   256

static bool refuses_anybody(const struct connection *connection)
{
    return connection->site->listener->ssl_profile->verify_mode == CONFIG_VERIFY_STRICT;
}

/* Without a request nobody asks again: for a tunnel, and for a certificate that may be revoked. */
static bool is_watched(const struct connection *connection)
{
    const struct trust_entry *entry = connection->entry;
    return entry != NULL && verdict_is_success(&entry->verdict) &&
           (entry->certificate_count > 0 || connection->state == CONNECTION_TUNNELLING) &&
           refuses_anybody(connection);
}

void client_lease_watch(struct connection *connection)
{
    struct timer_wheel *wheel = connection->proxy->around.wheel;
    if (!is_watched(connection)) {
        timer_wheel_clear(wheel, &connection->lease_timer);
        return;
    }
    int64_t left_seconds = connection->entry->lease_end_seconds - clock_wall_seconds();
    left_seconds = left_seconds < 1 ? 1 : left_seconds;
    left_seconds = left_seconds > LOOK_SECONDS_MAX ? LOOK_SECONDS_MAX : left_seconds;
    timer_wheel_set(wheel, &connection->lease_timer, (uint64_t)left_seconds * 1000);
}

/* A request under way asks by itself when it has a head, and ends undisturbed when it has gone on.
 */
static bool is_reviewed(const struct connection *connection)
{
    bool is_idle = connection->state == CONNECTION_SERVING && connection->exchange == NULL;
    return connection->state == CONNECTION_TUNNELLING || (is_idle && connection->entry != NULL);
}

static enum close_reason reason_of(const struct connection *connection)
{
    if (client_trust_is_undecided(connection)) {
        return CLOSE_OVERLOAD;
    }
    return connection->verdict.reason == VERDICT_REVOKED ? CLOSE_REVOKED : CLOSE_REFUSED;
}

/* Who is idle and merely refused is told so at its next request. */
static void end_if_out(struct connection *connection)
{
    enum close_reason reason = reason_of(connection);
    if (client_trust_lets_in(connection)) {
        client_lease_watch(connection);
        return;
    }
    if (connection->state == CONNECTION_TUNNELLING || reason != CLOSE_REFUSED) {
        connection->must_break = connection->state == CONNECTION_TUNNELLING;
        (void)connection_close(connection, reason);
        connection_advance(connection);
    }
}

void client_lease_review(struct connection *connection)
{
    if (!is_reviewed(connection)) {
        client_lease_watch(connection); /* it will be idle again */
        return;
    }
    switch (client_trust_renew(connection)) {
    case CLIENT_TRUST_DECIDED:
        end_if_out(connection);
        break;
    case CLIENT_TRUST_WAITS:
        break;
    case CLIENT_TRUST_FAILED:
    default:
        (void)connection_close(connection, CLOSE_OVERLOAD);
        connection_advance(connection);
        break;
    }
}

/* Whether the OCSP cache says so of any of its certificates; no signature is checked. */
static bool is_known_as_bad(const struct connection *connection)
{
    const struct ocsp_cache *cache = connection->proxy->around.ocsp_cache;
    const struct trust_entry *entry = connection->entry;
    for (uint32_t i = 0; cache != NULL && i < entry->certificate_count; i++) {
        const struct ocsp_record *record =
            ocsp_cache_find(cache, &entry->certificates[i], clock_wall_seconds());
        if (record != NULL && record->state.has_answer &&
            record->state.answer.status != OCSP_GOOD) {
            return true;
        }
    }
    return false;
}

void client_lease_recheck(struct connection *connection)
{
    struct timer_wheel *wheel = connection->proxy->around.wheel;
    struct timer *timer = &connection->lease_timer;
    uint64_t delay_ms = (connection->number % RECHECK_STEPS + 1) * RECHECK_STEP_MS;
    if (!is_watched(connection) || client_trust_lease_holds(connection)) {
        return;
    }
    if (is_known_as_bad(connection)) {
        client_lease_review(connection);
    } else if (!timer_is_set(timer) || timer->deadline_ms > wheel->now_ms + delay_ms) {
        timer_wheel_set(wheel, timer, delay_ms); /* the next removal does not put it off */
    }
}

void client_lease_look_soon(struct connection *connection)
{
    if (is_watched(connection) && !client_trust_lease_holds(connection)) {
        timer_wheel_set(connection->proxy->around.wheel, &connection->lease_timer, 1);
    }
}

void client_lease_answered(struct connection *connection)
{
    if (is_reviewed(connection)) {
        client_lease_review(connection);
    } else {
        connection_advance(connection);
    }
}
