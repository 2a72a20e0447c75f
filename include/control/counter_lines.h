/* What SIGUSR2 asks for: every figure on a line of its own, `counter NAME VALUE`. Control thread.
 */
#ifndef CONTROL_COUNTER_LINES_H
#define CONTROL_COUNTER_LINES_H

#include <stdio.h>

#include "control/log_writer.h"
#include "control/shared_services.h"
#include "control/worker_group.h"

/* Ends with `counter end 0`. */
void counter_lines_print(const struct worker_group *group, const struct shared_services *services,
                         const struct log_writer *log_writer, FILE *output);

#endif
