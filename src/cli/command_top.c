/*
 * `sallyport top`: looks at a running gateway again and again, and shows what happened in between.
 * It only reads; a gateway that goes away and comes back is met again.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "gateway_client.h"
#include "live_terminal.h"
#include "top_json.h"
#include "top_view.h"

#define INTERVAL_DEFAULT 1
#define INTERVAL_LEAST   0.1
#define INTERVAL_MOST    3600
#define LIMIT_MS         5000

/* What is seen and by whom. Large: on the heap. */
struct top {
    const struct command_arguments *arguments;
    char socket_path[CONFIG_SOCKET_PATH_BYTES_MAX + 1];
    struct gateway_figures looks[2];
    size_t latest; /* of the two looks */
    size_t look_count;
    uint64_t looked_ms; /* at the latest */
    struct top_view view;
    struct live_terminal *terminal; /* NULL: none was taken over */
};

static bool read_interval(const char *written, double *ret_seconds)
{
    char *end = NULL;
    *ret_seconds = INTERVAL_DEFAULT;
    if (written == NULL) {
        return true;
    }
    *ret_seconds = strtod(written, &end);
    bool is_number = end != written && *end == '\0' && isfinite(*ret_seconds);
    return is_number && *ret_seconds >= INTERVAL_LEAST && *ret_seconds <= INTERVAL_MOST;
}

/* Asking. */

/* NULL, or what is wrong. */
static const char *take_answer(struct top *top, const struct gateway_client_answer *answer)
{
    static const struct gateway_words no_words;
    struct gateway_figures *next = &top->looks[top->latest ^ 1];
    uint64_t now_ms = clock_monotonic_ms();
    if (answer->status == 403) {
        return "not permitted: be root, the owner of the socket, or in its group";
    }
    if (answer->status != 200 ||
        !gateway_figures_read(bytes_from(answer->body, answer->length), next)) {
        return "the answer tells no figures; is that a gateway?";
    }
    const struct gateway_figures *former = top->look_count == 0 ? NULL : &top->looks[top->latest];
    gateway_rates_measure(former, next, (double)(now_ms - top->looked_ms) / 1000,
                          &top->view.interval);
    top->view.former_verdicts = top->view.interval.seconds > 0 ? &former->verdicts : &no_words;
    top_view_note(&top->view.history, &top->view.interval);
    top->latest ^= 1;
    top->view.latest = next;
    top->looked_ms = now_ms;
    top->look_count++;
    return NULL;
}

static const char *look(struct top *top)
{
    struct gateway_client_answer answer = {0};
    struct gateway_client_question question = {
        .command = "top", .method = HTTP_METHOD_GET, .path = "/stats", .limit_ms = LIMIT_MS};
    if (top->terminal != NULL) {
        question.interruption = &top->terminal->wake;
    }
    const char *fault = gateway_client_try(top->socket_path, &question, &answer);
    if (fault == gateway_client_interrupted) {
        return top->view.fault; /* as before; a key or a signal comes first */
    }
    if (fault == NULL) {
        fault = take_answer(top, &answer);
        free(answer.body);
    }
    top->view.fault = fault;
    top->view.silent_seconds = (double)(clock_monotonic_ms() - top->looked_ms) / 1000;
    return fault;
}

/* Showing. */

static void show(struct top *top)
{
    struct screen screen;
    size_t rows = 0;
    size_t columns = 0;
    live_terminal_size(&rows, &columns);
    if (top->terminal == NULL) {
        rows = top_view_rows(&top->view, columns);
    }
    if (!result_is_ok(screen_init(&screen, rows, columns, terminal_style_of(stdout)))) {
        return; /* the next time, perhaps */
    }
    top_view_draw(&top->view, &screen);
    if (top->terminal == NULL) {
        screen_show_plain(&screen, stdout);
    } else {
        screen_show_live(&screen, stdout);
    }
    (void)fflush(stdout);
    screen_deinit(&screen);
}

static int complain(const struct top *top, const char *fault)
{
    (void)fprintf(stderr, "sallyport top: %s: %s\n", top->socket_path, fault);
    return CLI_FAILED;
}

static uint64_t interval_ms(const struct top *top)
{
    return (uint64_t)(top->view.wanted_seconds * 1000);
}

/* Until q, Ctrl-C or a signal. Looks come at equal distances, however long an answer takes. */
static void watch(struct top *top)
{
    uint64_t next_ms = top->looked_ms + interval_ms(top);
    enum live_terminal_event event = LIVE_TERMINAL_REDRAW;
    while (event != LIVE_TERMINAL_END) {
        uint64_t now_ms = clock_monotonic_ms();
        if (event == LIVE_TERMINAL_TIME) {
            next_ms += interval_ms(top);
            next_ms = next_ms < now_ms ? now_ms : next_ms;
            (void)look(top);
        }
        show(top);
        now_ms = clock_monotonic_ms();
        event = live_terminal_wait(top->terminal, next_ms > now_ms ? next_ms - now_ms : 0);
    }
}

static int watch_live(struct top *top)
{
    struct live_terminal terminal;
    if (!result_is_ok(live_terminal_open(&terminal))) {
        (void)fprintf(stderr, "sallyport top: the terminal cannot be used; try --once\n");
        return CLI_FAILED;
    }
    top->terminal = &terminal;
    top->view.is_live = true;
    watch(top);
    live_terminal_close(&terminal);
    return CLI_DONE;
}

static void rest(const struct top *top)
{
    uint64_t all_ms = interval_ms(top);
    struct timespec time = {(time_t)(all_ms / 1000), (long)(all_ms % 1000) * 1000000};
    while (nanosleep(&time, &time) != 0) {
    }
}

/* One page or object after another, or a single one; a signal ends it as it ends any program. */
static int print_looks(struct top *top)
{
    bool is_first = true;
    do {
        rest(top);
        const char *fault = look(top);
        if (fault != NULL) {
            (void)complain(top, fault);
        } else if (top->arguments->is_json) {
            top_json_print(stdout, &top->view);
        } else {
            (void)fputs(is_first ? "" : "\n", stdout);
            show(top);
        }
        if (fflush(stdout) != 0 || ferror(stdout) != 0) {
            return CLI_FAILED; /* nobody reads any more, or the disk is full */
        }
        is_first = false;
    } while (!top->arguments->is_once);
    return top->view.fault == NULL ? CLI_DONE : CLI_FAILED;
}

static int run(struct top *top)
{
    const char *fault = look(top);
    if (fault != NULL) {
        return complain(top, fault);
    }
    bool is_live = !top->arguments->is_once && !top->arguments->is_json &&
                   isatty(STDOUT_FILENO) == 1 && !terminal_is_dumb();
    return is_live ? watch_live(top) : print_looks(top);
}

int command_top(const struct command_arguments *arguments)
{
    double seconds = 0;
    if (arguments->socket_path == NULL && arguments->config_path == NULL) {
        (void)fprintf(stderr, "sallyport top: say which gateway: give -c FILE or --socket PATH\n");
        return CLI_WRONG_USAGE;
    }
    if (!read_interval(arguments->interval, &seconds)) {
        (void)fprintf(stderr, "sallyport top: --interval is in seconds, from 0.1 to 3600\n");
        return CLI_WRONG_USAGE;
    }
    struct top *top = calloc(1, sizeof(*top));
    if (top == NULL) {
        (void)fprintf(stderr, "sallyport top: no memory\n");
        return CLI_FAILED;
    }
    top->arguments = arguments;
    top->view.wanted_seconds = seconds;
    bool is_found = gateway_client_find(arguments, "top", top->socket_path);
    int status = is_found ? run(top) : CLI_FAILED;
    free(top);
    return status;
}
