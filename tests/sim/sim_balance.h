/* Whether the gateway's figures agree, when everything is over. */
#ifndef TESTS_SIM_SIM_BALANCE_H
#define TESTS_SIM_SIM_BALANCE_H

#include "sim.h"

/* What came in went out, and is told in the log; nothing is left. */
void sim_balance_check(const struct sim_world *world);

/* In a fair world nobody was failed, and nobody's patience ended but that of who was waited for. */
void sim_balance_check_fairness(const struct sim_world *world);

#endif
