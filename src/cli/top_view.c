/* The head, the rates with their charts, and the sections below. Called by command_top.c. */
#include "top_view.h"

#include <string.h>

#include "figure_text.h"
#include "top_section.h"

#define MARGIN           1
#define NAME_WIDTH       17
#define SHORT_NAME_WIDTH 10
#define RATE_WIDTH       8
#define TIME_WIDTH       9
#define CHART_GAP        3
#define CHART_LEAST      6
#define SECTION_LEAST    16
#define TWO_COLUMNS_MIN  72
#define GUTTER           3
#define FIRST_SHARE      58 /* of a hundred columns: names of reasons are long */
#define ROWS_WITH_STATE  16 /* in a lower window the second line of the head gives way */
#define ROWS_WITH_GAPS   20
#define ROWS_WITH_FOOT   14
#define ROWS_ABOVE       12 /* the head, the rates, and the gaps around them */

void top_view_note(struct top_history *history, const struct gateway_interval *interval)
{
    if (interval->seconds <= 0) {
        return;
    }
    bool is_full = history->count == SCREEN_COLUMNS_MAX;
    for (size_t i = 0; i < GATEWAY_TIMING_COUNT; i++) {
        double *rates = history->timings[i];
        if (is_full) {
            memmove(rates, rates + 1, (SCREEN_COLUMNS_MAX - 1) * sizeof(*rates));
        }
        rates[is_full ? SCREEN_COLUMNS_MAX - 1 : history->count] = interval->timings[i];
    }
    history->count += is_full ? 0 : 1;
}

/* A line of words with figures, as many as fit. */
struct pair {
    const char *word;
    const char *figure;
    enum screen_paint paint;
};

static void draw_pairs(struct screen *screen, struct screen_place place, const struct pair *pairs,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t width = strlen(pairs[i].word) + 1 + strlen(pairs[i].figure);
        if (place.column + width > screen->columns) {
            return; /* half a figure would be another one */
        }
        place.paint = SCREEN_FAINT;
        place.column = screen_print(screen, place, "%s ", pairs[i].word);
        place.paint = strcmp(pairs[i].figure, "0") == 0 ? SCREEN_FAINT : pairs[i].paint;
        place.column = screen_print(screen, place, "%s", pairs[i].figure) + 3;
    }
}

/* The head. */

static enum screen_paint paint_of_phase(const char *phase)
{
    return strcmp(phase, "ready") == 0 ? SCREEN_GOOD : SCREEN_WARNING;
}

static void draw_head(const struct top_view *view, struct screen *screen)
{
    const struct gateway_figures *latest = view->latest;
    char memory[4][FIGURE_TEXT_SIZE];
    struct screen_place place = {0, MARGIN, screen->columns, SCREEN_STRONG};
    place.column = screen_print(screen, place, "sallyport");
    place.paint = SCREEN_FAINT;
    place.column = screen_print(screen, place, " %s  ", latest->version);
    place.paint = paint_of_phase(latest->state);
    place.column = screen_print(screen, place, "%s", latest->state);
    place.paint = SCREEN_PLAIN;
    place.column =
        screen_print(screen, place, " for %s",
                     figure_text_age(latest->numbers[GATEWAY_UPTIME_SECONDS], memory[0]));
    place.column += 3;
    double cpu = view->interval.numbers[GATEWAY_CPU_SECONDS] * 100;
    (void)snprintf(memory[1], FIGURE_TEXT_SIZE, "%.0f %%", cpu);
    const struct pair pairs[] = {
        {"CPU", memory[1], SCREEN_PLAIN},
        {"memory", figure_text_size(latest->numbers[GATEWAY_RESIDENT_BYTES], memory[2]),
         SCREEN_PLAIN},
        {"workers", figure_text_count(latest->numbers[GATEWAY_WORKERS], memory[3]), SCREEN_PLAIN},
    };
    draw_pairs(screen, place, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void draw_reload(const struct top_view *view, struct screen *screen, size_t row)
{
    const struct gateway_figures *latest = view->latest;
    const double *numbers = latest->numbers;
    char age[FIGURE_TEXT_SIZE];
    struct screen_place place = {row, MARGIN, screen->columns,
                                 latest->was_reload_good ? SCREEN_FAINT : SCREEN_BAD};
    (void)figure_text_age(numbers[GATEWAY_TIME_SECONDS] - numbers[GATEWAY_RELOAD_SECONDS], age);
    place.column = screen_print(screen, place,
                                latest->was_reload_good
                                    ? "configuration read %s ago"
                                    : "reload failed %s ago, the configuration before is in use",
                                age);
    place.paint = SCREEN_FAINT;
    place.column = screen_print(screen, place, "   %.0f reloads, %.0f failed",
                                numbers[GATEWAY_RELOADS_GOOD] + numbers[GATEWAY_RELOADS_BAD],
                                numbers[GATEWAY_RELOADS_BAD]);
    if (numbers[GATEWAY_LOG_DROPPED] > 0) {
        place.paint = SCREEN_WARNING;
        (void)screen_print(screen, place, "   %.0f lines of the access log dropped",
                           numbers[GATEWAY_LOG_DROPPED]);
    }
}

static bool has_reload_error(const struct top_view *view)
{
    return !view->latest->was_reload_good && view->latest->reload_error[0] != '\0';
}

/* How many there are stands first, since the end may be cut off. */
static void draw_reload_error(const struct top_view *view, struct screen *screen, size_t row)
{
    const struct gateway_figures *latest = view->latest;
    double further = latest->numbers[GATEWAY_RELOAD_FURTHER];
    struct screen_place place = {row, MARGIN, screen->columns, SCREEN_BAD};
    if (further > 0) {
        place.column = screen_print(screen, place, "%.0f errors, first: ", further + 1);
    }
    bool is_cut = place.column + strlen(latest->reload_error) > screen->columns;
    place.end -= is_cut && place.end > 0 ? 1 : 0;
    place.column = screen_print(screen, place, "%s", latest->reload_error);
    if (is_cut) {
        place.end = screen->columns;
        (void)screen_put(screen, place, SCREEN_ELLIPSIS);
    }
}

static void draw_fault(const struct top_view *view, struct screen *screen)
{
    char age[FIGURE_TEXT_SIZE];
    struct screen_place place = {0, 0, screen->columns, SCREEN_BANNER};
    for (; place.column < screen->columns; place.column++) {
        (void)screen_put(screen, place, SCREEN_NO_GLYPH);
    }
    place.column = MARGIN;
    place.column = screen_print(screen, place, "no answer for %s: %s",
                                figure_text_age(view->silent_seconds, age), view->fault);
    (void)screen_print(screen, place, "; asking again");
}

/* Rates. */

/* Where the columns of the table end. The chart takes what they leave. */
struct columns {
    bool has_short_names;
    size_t rate;
    size_t p50;
    size_t p99;
    size_t chart; /* 0: no room for one */
};

static struct columns divide(const struct screen *screen)
{
    size_t end = screen->columns > MARGIN ? screen->columns - MARGIN : 0;
    bool is_narrow = end < MARGIN + NAME_WIDTH + RATE_WIDTH + 2 * TIME_WIDTH;
    struct columns columns = {.has_short_names = is_narrow};
    columns.rate = MARGIN + (is_narrow ? SHORT_NAME_WIDTH : NAME_WIDTH) + RATE_WIDTH;
    columns.p50 = columns.rate + TIME_WIDTH;
    columns.p99 = columns.p50 + TIME_WIDTH;
    columns.chart = end >= columns.p99 + CHART_GAP + CHART_LEAST ? end : 0;
    return columns;
}

static void draw_rates_title(const struct top_view *view, struct screen *screen, size_t row)
{
    struct columns columns = divide(screen);
    char age[FIGURE_TEXT_SIZE];
    struct screen_place place = {row, columns.rate, screen->columns, SCREEN_FAINT};
    screen_print_before(screen, place, "per s");
    if (columns.chart > 0) {
        double seconds = (double)(columns.chart - columns.p99 - CHART_GAP) * view->wanted_seconds;
        screen_print_before(screen, (struct screen_place){row, columns.chart, 0, SCREEN_FAINT},
                            " the latest %s", figure_text_age(seconds, age));
    }
    place.column = columns.p50;
    screen_print_before(screen, place, "p50");
    place.column = columns.p99;
    screen_print_before(screen, place, "p99");
    place = (struct screen_place){row, MARGIN, columns.rate, SCREEN_TITLE};
    (void)screen_print(screen, place, "Traffic");
}

/* The latest rates that there is room for, the newest one at the right. */
static void draw_chart(struct screen *screen, struct screen_place place, const double *rates,
                       size_t count)
{
    size_t room = place.end - place.column;
    size_t shown = count < room ? count : room;
    double most = 0;
    rates += count - shown;
    for (size_t i = 0; i < shown; i++) {
        most = rates[i] > most ? rates[i] : most;
    }
    place.column = place.end - shown;
    for (size_t i = 0; i < shown; i++, place.column++) {
        screen_draw_level(screen, place, most > 0 ? rates[i] / most : 0);
    }
}

static void draw_rate(const struct top_view *view, struct screen *screen, size_t row,
                      enum gateway_timing timing)
{
    /* clang-format off */
    static const struct {
        const char *name;
        const char *short_name;
        enum screen_paint paint;
    } rows[GATEWAY_TIMING_COUNT] = {
        [GATEWAY_HANDSHAKE_FULL]    = {"full handshakes", "full",     SCREEN_ACCENT},
        [GATEWAY_HANDSHAKE_RESUMED] = {"resumed",         "resumed",  SCREEN_SECOND},
        [GATEWAY_JUDGING]           = {"clients judged",  "judged",   SCREEN_PLAIN},
        [GATEWAY_REQUEST]           = {"requests",        "requests", SCREEN_ACCENT},
        [GATEWAY_BACKEND]           = {"backend answers", "backends", SCREEN_PLAIN},
    };
    /* clang-format on */
    const struct gateway_interval *interval = &view->interval;
    struct columns columns = divide(screen);
    char memory[FIGURE_TEXT_SIZE];
    struct screen_place place = {row, MARGIN, columns.rate, SCREEN_PLAIN};
    (void)screen_print(screen, place, "%s",
                       columns.has_short_names ? rows[timing].short_name : rows[timing].name);
    place = (struct screen_place){row, columns.rate, screen->columns, SCREEN_STRONG};
    screen_print_before(screen, place, "%s", figure_text_count(interval->timings[timing], memory));
    if (columns.chart > 0) {
        place =
            (struct screen_place){row, columns.p99 + CHART_GAP, columns.chart, rows[timing].paint};
        draw_chart(screen, place, view->history.timings[timing], view->history.count);
    }
    place = (struct screen_place){row, columns.p50, screen->columns, SCREEN_PLAIN};
    screen_print_before(screen, place, " %s",
                        figure_text_time(interval->p50_seconds[timing], memory));
    place.column = columns.p99;
    screen_print_before(screen, place, " %s",
                        figure_text_time(interval->p99_seconds[timing], memory));
}

static void draw_answers(const struct top_view *view, struct screen *screen, size_t row)
{
    /* clang-format off */
    static const struct {
        const char *word;
        enum gateway_number number;
        enum screen_paint paint;
    } rows[] = {
        {"answers 2xx",       GATEWAY_ANSWERS_2XX,       SCREEN_GOOD},
        {"3xx",               GATEWAY_ANSWERS_3XX,       SCREEN_PLAIN},
        {"4xx",               GATEWAY_ANSWERS_4XX,       SCREEN_WARNING},
        {"5xx",               GATEWAY_ANSWERS_5XX,       SCREEN_BAD},
        {"none",              GATEWAY_UNANSWERED,        SCREEN_BAD},
        {"failed handshakes", GATEWAY_HANDSHAKES_FAILED, SCREEN_BAD},
    };
    /* clang-format on */
    struct pair pairs[sizeof(rows) / sizeof(rows[0])];
    char memory[sizeof(rows) / sizeof(rows[0])][FIGURE_TEXT_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double rate = view->interval.numbers[rows[i].number];
        pairs[i] = (struct pair){rows[i].word, figure_text_count(rate, memory[i]), rows[i].paint};
    }
    struct screen_place place = {row, MARGIN, screen->columns, SCREEN_FAINT};
    draw_pairs(screen, place, pairs, sizeof(rows) / sizeof(rows[0]));
}

static const char *add_unit(const char *figure, const char *unit, char memory[FIGURE_TEXT_SIZE])
{
    (void)snprintf(memory, FIGURE_TEXT_SIZE, "%.16s%s", figure, unit);
    return memory;
}

static void draw_levels(const struct top_view *view, struct screen *screen, size_t row)
{
    enum { LEVEL_COUNT = 5 };
    const double *now = view->latest->numbers;
    const double *rates = view->interval.numbers;
    double looked_up = rates[GATEWAY_TRUST_HITS] + rates[GATEWAY_TRUST_MISSES];
    double known = looked_up > 0 ? rates[GATEWAY_TRUST_HITS] * 100 / looked_up : 0;
    char memory[LEVEL_COUNT][FIGURE_TEXT_SIZE];
    char size[FIGURE_TEXT_SIZE];
    struct pair pairs[LEVEL_COUNT] = {
        {"clients", figure_text_count(now[GATEWAY_CLIENTS_OPEN], memory[0]), SCREEN_PLAIN},
        {"requests open", figure_text_count(now[GATEWAY_REQUESTS_OPEN], memory[1]), SCREEN_PLAIN},
        {"in", add_unit(figure_text_size(rates[GATEWAY_BYTES_RECEIVED], size), "/s", memory[2]),
         SCREEN_PLAIN},
        {"out", add_unit(figure_text_size(rates[GATEWAY_BYTES_SENT], size), "/s", memory[3]),
         SCREEN_PLAIN},
        {"known already", add_unit(figure_text_count(known, size), " %", memory[4]), SCREEN_PLAIN},
    };
    struct screen_place place = {row, MARGIN, screen->columns, SCREEN_FAINT};
    draw_pairs(screen, place, pairs, looked_up > 0 ? LEVEL_COUNT : LEVEL_COUNT - 1);
}

/* The order of a low window: time goes to what changes. */
static size_t draw_rates(const struct top_view *view, struct screen *screen, size_t row)
{
    draw_rates_title(view, screen, row++);
    for (enum gateway_timing i = 0; i < GATEWAY_TIMING_COUNT; i++) {
        draw_rate(view, screen, row++, i);
    }
    if (screen->rows < ROWS_WITH_STATE) {
        return row;
    }
    draw_answers(view, screen, row++);
    draw_levels(view, screen, row++);
    return row;
}

/* Sections. */

/* Of one column of sections, from the most urgent down. */
struct stack {
    enum top_section sections[TOP_SECTION_COUNT];
    size_t count;
};

static const struct stack one_stack[] = {
    {{TOP_REFUSALS, TOP_BACKENDS, TOP_CERTIFICATES, TOP_OCSP}, 4}};
static const struct stack two_stacks[] = {{{TOP_REFUSALS, TOP_OCSP}, 2},
                                          {{TOP_BACKENDS, TOP_CERTIFICATES}, 2}};

static size_t stacks_for(size_t columns, const struct stack **ret_stacks)
{
    bool is_wide = columns >= TWO_COLUMNS_MIN;
    *ret_stacks = is_wide ? two_stacks : one_stack;
    return is_wide ? 2 : 1;
}

static void gather_wishes(const struct top_view *view, const struct stack *stack,
                          struct top_layout_wish wishes[TOP_LAYOUT_SECTIONS_MAX])
{
    for (size_t i = 0; i < stack->count; i++) {
        wishes[i] = top_section_wish(view, stack->sections[i]);
    }
}

static void draw_stack(const struct top_view *view, const struct stack *stack,
                       struct screen *screen, struct top_area area)
{
    struct top_layout_wish wishes[TOP_LAYOUT_SECTIONS_MAX];
    size_t rows[TOP_LAYOUT_SECTIONS_MAX];
    size_t end_row = area.end_row;
    gather_wishes(view, stack, wishes);
    top_layout_share(wishes, stack->count, end_row > area.row ? end_row - area.row : 0, rows);
    for (size_t i = 0; i < stack->count; i++) {
        if (rows[i] > 0) {
            area.end_row = area.row + rows[i];
            top_section_draw(view, stack->sections[i], screen, area);
            area.row = area.end_row + 1;
        }
    }
}

static void draw_stacks(const struct top_view *view, struct screen *screen, size_t row,
                        size_t end_row)
{
    const struct stack *stacks;
    size_t count = stacks_for(screen->columns, &stacks);
    size_t end = screen->columns > MARGIN ? screen->columns - MARGIN : 0;
    if (end < MARGIN + SECTION_LEAST) {
        return;
    }
    size_t middle = count == 1 ? end : MARGIN + (end - MARGIN) * FIRST_SHARE / 100;
    struct top_area area = {row, end_row, MARGIN, middle};
    draw_stack(view, &stacks[0], screen, area);
    if (count > 1) {
        area.column = middle + GUTTER;
        area.end = end;
        draw_stack(view, &stacks[1], screen, area);
    }
}

static void draw_foot(const struct top_view *view, struct screen *screen)
{
    struct screen_place place = {screen->rows - 1, MARGIN, screen->columns, SCREEN_FAINT};
    (void)screen_print(screen, place, "every %.3g s   q quits", view->wanted_seconds);
}

void top_view_draw(const struct top_view *view, struct screen *screen)
{
    bool has_foot = view->is_live && screen->rows >= ROWS_WITH_FOOT;
    bool has_gaps = screen->rows >= ROWS_WITH_GAPS;
    size_t row = 1;
    if (view->fault == NULL) {
        draw_head(view, screen);
    } else {
        draw_fault(view, screen);
    }
    if (screen->rows >= ROWS_WITH_STATE || !view->latest->was_reload_good) {
        draw_reload(view, screen, row++);
    }
    if (has_reload_error(view)) {
        draw_reload_error(view, screen, row++);
    }
    row = draw_rates(view, screen, row + (has_gaps ? 1 : 0));
    draw_stacks(view, screen, row + (has_gaps ? 1 : 0), screen->rows - (has_foot ? 2 : 0));
    if (has_foot) {
        draw_foot(view, screen);
    }
}

size_t top_view_rows(const struct top_view *view, size_t columns)
{
    const struct stack *stacks;
    size_t count = stacks_for(columns, &stacks);
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        struct top_layout_wish wishes[TOP_LAYOUT_SECTIONS_MAX];
        size_t rows = 0;
        gather_wishes(view, &stacks[i], wishes);
        for (size_t j = 0; j < stacks[i].count; j++) {
            rows += wishes[j].most + 1;
        }
        most = rows > most ? rows : most;
    }
    most += ROWS_ABOVE;
    most += has_reload_error(view) ? 1 : 0;
    return most > ROWS_WITH_GAPS ? most : ROWS_WITH_GAPS;
}
