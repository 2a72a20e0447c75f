/* The signals that the control thread waits for. */
#ifndef CONTROL_CONTROL_SIGNALS_H
#define CONTROL_CONTROL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Before any thread exists: blocks them, in the threads to come too, so that only who waits for
 * them ever sees them. */
void control_signals_take(sigset_t *ret_signals);

/* Whether one of those that end the gateway waits to be taken; it goes on waiting. */
bool control_signals_is_end_pending(void);

#endif
