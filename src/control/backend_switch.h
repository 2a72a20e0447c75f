/*
 * `sallyport backend disable` and `enable`: servers that somebody takes out of service and back.
 * Any thread.
 */
#ifndef CONTROL_BACKEND_SWITCH_H
#define CONTROL_BACKEND_SWITCH_H

#include "backend_health.h"
#include "base/bytes.h"
#include "base/text.h"

/*
 * target: BACKEND, or BACKEND/SERVER with the server as it is written in the configuration or one
 * of its addresses. Requests under way go on; it stays so through reloads, for a whole backend also
 * of the servers that come to it, until it is enabled, leaves the configuration or the gateway
 * stops. report gets lines on what came of it; ERROR_NOT_FOUND: there is none of that name.
 */
struct result backend_switch_set(struct backend_health *health, struct bytes target,
                                 bool is_disabled, struct text *report);

#endif
