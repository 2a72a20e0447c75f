/*
 * Which of the gateway's own certificates OCSP responses are stapled to: those of listeners with
 * ocsp_stapling = on that name a responder and whose issuer is known. Part of a generation; made,
 * kept fresh and destroyed by the control thread, read by every worker.
 */
#ifndef CONTROL_STAPLE_LIST_H
#define CONTROL_STAPLE_LIST_H

#include "config/diagnostics.h"
#include "ocsp/ocsp_engine.h"
#include "proxy/generation.h"

/*
 * Fills generation->staples; its certificates and policies are loaded. A certificate that cannot be
 * stapled to is warned of when that was asked for in so many words, or when the certificate itself
 * demands it (RFC 7633). ERROR_OUT_OF_MEMORY, ERROR_TLS_LIBRARY.
 */
struct result staple_list_create(struct generation *generation, struct diagnostics *diagnostics);

/* Harmless when there is none. No thread may use it any more. */
void staple_list_destroy(struct generation *generation);

/*
 * From now on the responses for generation's certificates, and no other's, are fetched and kept
 * fresh; they are copied. Those for clients are fetched ahead as generation's profiles ask, no
 * longer as former ones did. To be called again with each generation that is published.
 * ERROR_OUT_OF_MEMORY; then everything stays as it was.
 */
struct result staple_list_keep(struct ocsp_engine *engine, const struct generation *generation);

#endif
