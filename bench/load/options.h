/*
 * The command line of sallyport-load: one table that the parser, --help and the manual page are
 * made from. The main thread's.
 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "plan.h"

#define OPTIONS_MESSAGE_SIZE 256

enum options_answer {
    OPTIONS_RUN,
    OPTIONS_HELP,    /* --help was given */
    OPTIONS_MANUAL,  /* --manual was given */
    OPTIONS_VERSION, /* --version was given */
    OPTIONS_WRONG,
};

/*
 * Reads arguments (as main() has them) into *ret_plan, whose defaults are filled in. On
 * OPTIONS_WRONG message says what is wrong, without a full stop.
 */
enum options_answer options_read(int argument_count, char **arguments, struct plan *ret_plan,
                                 char message[OPTIONS_MESSAGE_SIZE]);

#endif
