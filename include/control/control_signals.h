/* The signals that the control thread waits for. Called before any thread exists. */
#ifndef CONTROL_CONTROL_SIGNALS_H
#define CONTROL_CONTROL_SIGNALS_H

#include <signal.h>

/* Blocks them, in the threads to come too, so that only who waits for them ever sees them. */
void control_signals_take(sigset_t *ret_signals);

#endif
