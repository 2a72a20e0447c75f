/*
 * Servers behind the gateway: each connection reads requests, checks what it was given and answers
 * as the request's target says. One thread.
 */
#ifndef TESTS_SIM_SIM_BACKEND_H
#define TESTS_SIM_SIM_BACKEND_H

#include "sim.h"

/* The far end of a connection that the gateway made. */
void sim_backend_start(struct sim_world *world, struct fake_socket *socket);

/* Goes on with every connection; whether anything moved. */
bool sim_backend_step_all(struct sim_world *world);

/* When the next one wakes up; UINT64_MAX: none sleeps. */
uint64_t sim_backend_next_wake_ms(const struct sim_world *world);

#endif
