/*
 * JUDGING: between a request's head and the first byte to a backend. Called by exchange.c at each
 * request; the one place where a client is refused.
 */
#include "admission.h"

#include "client_trust.h"
#include "proxy_generation.h"
#include "route.h"

/* In the words that the profile's failure_style has for it. */
static enum answer refusal_of(const struct connection *connection)
{
    static const enum answer answers[][2] = {
        [CONFIG_FAILURE_APPLICATION_GATEWAY] = {ANSWER_CERTIFICATE_ERROR, ANSWER_NO_CERTIFICATE},
        [CONFIG_FAILURE_API_MANAGEMENT] = {ANSWER_API_CERTIFICATE_ERROR, ANSWER_API_NO_CERTIFICATE},
    };
    bool is_missing = connection->verdict.reason == VERDICT_NO_CERTIFICATE;
    return answers[connection->site->listener->ssl_profile->failure_style][is_missing];
}

/* The client is let in; its request may still be for somebody else. */
static enum step choose_site(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    const struct config_listener *listener = route_by_host(
        connection->endpoint, connection->site->listener, exchange_request(exchange)->host);
    if (listener == NULL) {
        return exchange_answer(exchange, ANSWER_MISDIRECTED_REQUEST, CLOSE_NONE);
    }
    proxy_generation_serve(exchange, connection_site_of(connection, listener));
    exchange->state = EXCHANGE_FINDING;
    return STEP_MOVED;
}

static enum step refuse(struct exchange *exchange)
{
    return client_trust_is_undecided(exchange->connection)
               ? exchange_answer(exchange, ANSWER_SERVICE_UNAVAILABLE, CLOSE_OVERLOAD)
               : exchange_answer(exchange, refusal_of(exchange->connection), CLOSE_REFUSED);
}

enum step admission_step(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    switch (client_trust_renew(connection)) {
    case CLIENT_TRUST_DECIDED:
        return client_trust_lets_in(connection) ? choose_site(exchange) : refuse(exchange);
    case CLIENT_TRUST_WAITS:
        client_trust_wait(connection);
        return STEP_WAIT;
    case CLIENT_TRUST_FAILED:
    default:
        return exchange_answer(exchange, ANSWER_SERVICE_UNAVAILABLE, CLOSE_OVERLOAD);
    }
}
