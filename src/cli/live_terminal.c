/*
 * Taking a terminal over and giving it back. Called by command_top.c. Signals wait in a signalfd,
 * so that no handler runs and nothing is half drawn when one comes.
 */
#include "live_terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"

#define ROWS_DEFAULT    24
#define COLUMNS_DEFAULT 80
#define SIZE_MAX_SAID   10000

/* Another screen, so that what was there before comes back; no cursor. */
#define SCREEN_ENTER "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
#define SCREEN_LEAVE "\x1b[0m\x1b[?25h\x1b[?1049l"

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};

static void write_out(const char *text)
{
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

/* Keys come one by one and are not shown; Ctrl-C is still a signal. */
static void take_keyboard(struct live_terminal *terminal)
{
    struct termios live;
    terminal->has_keyboard = tcgetattr(STDIN_FILENO, &terminal->former) == 0;
    if (!terminal->has_keyboard) {
        return;
    }
    live = terminal->former;
    live.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    live.c_cc[VMIN] = 1;
    live.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &live);
}

static void give_keyboard_back(const struct live_terminal *terminal)
{
    if (terminal->has_keyboard) {
        /* What was typed for us is not for the shell. */
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal->former);
    }
}

static bool watch(int wake, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(wake, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

static struct result watch_signals(struct live_terminal *terminal)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
        (void)sigaddset(&set, watched[i]);
    }
    terminal->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    terminal->wake = epoll_create1(EPOLL_CLOEXEC);
    if (terminal->signals < 0 || terminal->wake < 0 || !watch(terminal->wake, terminal->signals)) {
        (void)close(terminal->signals);
        (void)close(terminal->wake);
        return result_failure(ERROR_SYSTEM);
    }
    (void)sigprocmask(SIG_BLOCK, &set, &terminal->former_signals);
    return RESULT_OK;
}

struct result live_terminal_open(struct live_terminal *ret_terminal)
{
    TRY(watch_signals(ret_terminal));
    take_keyboard(ret_terminal);
    if (ret_terminal->has_keyboard) {
        (void)watch(ret_terminal->wake, STDIN_FILENO);
    }
    write_out(SCREEN_ENTER);
    return RESULT_OK;
}

void live_terminal_close(struct live_terminal *terminal)
{
    write_out(SCREEN_LEAVE);
    give_keyboard_back(terminal);
    (void)close(terminal->wake);
    (void)close(terminal->signals);
    (void)sigprocmask(SIG_SETMASK, &terminal->former_signals, NULL);
}

/* Ctrl-Z: the shell gets its terminal, and we another time. */
static void stop_for_a_while(struct live_terminal *terminal)
{
    write_out(SCREEN_LEAVE);
    give_keyboard_back(terminal);
    (void)raise(SIGSTOP);
    take_keyboard(terminal);
    write_out(SCREEN_ENTER);
}

static enum live_terminal_event take_signals(struct live_terminal *terminal)
{
    struct signalfd_siginfo got;
    enum live_terminal_event event = LIVE_TERMINAL_TIME;
    while (read(terminal->signals, &got, sizeof(got)) == (ssize_t)sizeof(got)) {
        if (got.ssi_signo != SIGWINCH && got.ssi_signo != SIGTSTP) {
            return LIVE_TERMINAL_END;
        }
        if (got.ssi_signo == SIGTSTP) {
            stop_for_a_while(terminal);
        }
        event = LIVE_TERMINAL_REDRAW;
    }
    return event;
}

static enum live_terminal_event take_keys(void)
{
    char keys[64];
    ssize_t count = read(STDIN_FILENO, keys, sizeof(keys));
    if (count == 0 || (count < 0 && errno != EINTR)) {
        return LIVE_TERMINAL_END; /* the terminal has gone */
    }
    for (ssize_t i = 0; i < count; i++) {
        if (strchr("qQ\x03\x04", keys[i]) != NULL && keys[i] != '\0') {
            return LIVE_TERMINAL_END;
        }
    }
    return count > 0 ? LIVE_TERMINAL_REDRAW : LIVE_TERMINAL_TIME;
}

enum live_terminal_event live_terminal_wait(struct live_terminal *terminal, uint64_t limit_ms)
{
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t end_ms = now_ms + limit_ms;
    do {
        struct pollfd polls[] = {
            {.fd = terminal->signals, .events = POLLIN},
            {.fd = terminal->has_keyboard ? STDIN_FILENO : -1, .events = POLLIN}};
        enum live_terminal_event event = LIVE_TERMINAL_TIME;
        (void)poll(polls, 2, (int)(end_ms - now_ms));
        if (polls[0].revents != 0) {
            event = take_signals(terminal);
        }
        if (event == LIVE_TERMINAL_TIME && polls[1].revents != 0) {
            event = take_keys();
        }
        if (event != LIVE_TERMINAL_TIME) {
            return event;
        }
        now_ms = clock_monotonic_ms();
    } while (now_ms < end_ms);
    return LIVE_TERMINAL_TIME;
}

static size_t said_by_environment(const char *name, size_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = 0;
    bool is_said = text != NULL && bytes_to_number(bytes_from_string(text), SIZE_MAX_SAID, &number);
    return is_said && number > 0 ? (size_t)number : otherwise;
}

void live_terminal_size(size_t *ret_rows, size_t *ret_columns)
{
    struct winsize size = {0};
    bool is_known =
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    *ret_rows = is_known ? size.ws_row : said_by_environment("LINES", ROWS_DEFAULT);
    *ret_columns = is_known ? size.ws_col : said_by_environment("COLUMNS", COLUMNS_DEFAULT);
}
