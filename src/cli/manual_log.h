/* The sections of the manual about the access log, and about the words in it and in the metrics. */
#ifndef CLI_MANUAL_LOG_H
#define CLI_MANUAL_LOG_H

#include <stdio.h>

void manual_log_print(FILE *output);

#endif
