/*
 * A terminal taken over for a while: another screen, keys one by one, signals as events. The main
 * thread's, which has no other threads; one at a time.
 *
 * live_terminal_close() gives the terminal back as it was, whatever ended the view.
 */
#ifndef CLI_LIVE_TERMINAL_H
#define CLI_LIVE_TERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "base/result.h"

enum live_terminal_event {
    LIVE_TERMINAL_TIME, /* the time has passed */
    LIVE_TERMINAL_REDRAW,
    LIVE_TERMINAL_END,
};

struct live_terminal {
    bool has_keyboard;
    struct termios former; /* of the keyboard */
    sigset_t former_signals;
    int signals; /* a signalfd */
    int wake;    /* readable as soon as a key or a signal is there */
};

/* Standard output is a terminal. ERROR_SYSTEM, then nothing has changed. */
struct result live_terminal_open(struct live_terminal *ret_terminal);

/* What comes first: a key (q, Ctrl-C, Ctrl-D), a signal, or the end of the time. */
enum live_terminal_event live_terminal_wait(struct live_terminal *terminal, uint64_t limit_ms);

void live_terminal_close(struct live_terminal *terminal);

/* Of standard output; from LINES and COLUMNS when it has none, else 24 and 80. */
void live_terminal_size(size_t *ret_rows, size_t *ret_columns);

#endif
