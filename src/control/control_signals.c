/* One list of signals. */
#include "control/control_signals.h"

#include <pthread.h>
#include <stddef.h>

void control_signals_take(sigset_t *ret_signals)
{
    /* SIGIO comes of files that are watched, see file_watch.h. */
    static const int taken[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGIO};
    (void)sigemptyset(ret_signals);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        (void)sigaddset(ret_signals, taken[i]);
    }
    (void)pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a log that may not grow any more is a full disk */
}

bool control_signals_is_end_pending(void)
{
    sigset_t pending;
    (void)sigemptyset(&pending);
    (void)sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
           sigismember(&pending, SIGQUIT) == 1;
}
