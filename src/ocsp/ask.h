/*
 * A question of another thread, seen from the engine: what is known already, and the way back.
 * Called on the OCSP thread.
 */
#ifndef OCSP_ASK_H
#define OCSP_ASK_H

#include "ocsp/ocsp_engine.h"

/* Where manner and question say that the responder is; empty: nowhere. */
struct bytes ask_url(const struct ocsp_question *question, const struct ocsp_manner *manner);

/* Whether record (may be NULL) answers ask without a fetch. */
bool ask_is_answered_by(const struct ocsp_ask *ask, const struct ocsp_record *record,
                        int64_t now_seconds);

/* ask goes back with state; its question is freed. */
void ask_answer(struct ocsp_ask *ask, const struct ocsp_state *state);

/* The same with a fault that is remembered nowhere; the answer of record (may be NULL) goes with
 * it. */
void ask_refuse(struct ocsp_ask *ask, const struct ocsp_record *record, enum ocsp_fault fault,
                int64_t now_seconds);

#endif
