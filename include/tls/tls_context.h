/*
 * What all TLS sessions of one listener on one worker share: certificates, policy, and whether the
 * client is asked for a certificate.
 *
 * One for each (worker, listener) so that no lock is ever contended. Made by the control thread or
 * the worker, then used by that worker only. Sessions may outlive it: they hold a count on what
 * they need.
 */
#ifndef TLS_TLS_CONTEXT_H
#define TLS_TLS_CONTEXT_H

#include <stddef.h>

#include "base/result.h"
#include "config/config.h"
#include "tls/tls_credential.h"
#include "tls/tls_site.h"

struct tls_context;

/*
 * credentials: 1 to TLS_KEY_KIND_COUNT of them, of different kinds; copied. profile: policy and
 * verify mode are used, here only. site is copied; NULL: as if zeroed.
 * ERROR_BAD_CONFIG when the policy leaves nothing to offer (tls_policy_check() says why),
 * ERROR_OUT_OF_MEMORY, ERROR_TLS_LIBRARY.
 */
struct result tls_context_create(const struct tls_credential *const *credentials, size_t count,
                                 const struct config_ssl_profile *profile,
                                 const struct tls_site *site, struct tls_context **ret_context);

/* Accepts NULL. */
void tls_context_destroy(struct tls_context *context);

#endif
