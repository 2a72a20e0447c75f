/*
 * What a backend says to one request, composed before its first byte leaves: good or bad as the
 * request's behaviour asks. A value.
 */
#ifndef TESTS_SIM_SIM_ANSWER_H
#define TESTS_SIM_SIM_ANSWER_H

#include "sim.h"

/* What becomes of the connection when the answer is out. */
enum sim_afterwards { SIM_THEN_GO_ON, SIM_THEN_FINISH, SIM_THEN_RESET, SIM_THEN_WAIT };

struct sim_answer {
    struct fake_pipe bytes;
    enum sim_afterwards afterwards;
    uint32_t delay_ms;     /* before the next piece; the writer sets it to 0 when it has slept */
    uint32_t pause_ms_max; /* between pieces */
    bool is_in_one_piece;  /* must arrive together */
    bool is_upgrade;
    bool is_final; /* no other request may come on the connection */
};

/* Whether it is given before the request's body was read. */
bool sim_answer_is_early(enum sim_behaviour behaviour);

void sim_answer_compose(struct sim_answer *answer, const struct sim_request *request,
                        struct dice *dice);
void sim_answer_deinit(struct sim_answer *answer);

/* The next piece, which is then taken; empty at the end. With a delay set it is not taken yet. */
struct bytes sim_answer_next(struct sim_answer *answer, struct dice *dice);

#endif
