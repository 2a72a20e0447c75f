/* Refusals, backends, certificates, OCSP. Called by top_view.c with the area that each has. */
#include "top_section.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_text.h"

#define SECONDS_OF_DAY 86400
#define DAYS_BAD       7
#define DAYS_WARNING   30
#define REASON_WIDTH   26
#define RATE_WIDTH     7
#define BAR_LEAST      6
#define ITEMS_LEAST    1 /* rows below a title */

/* Where and how in an area; offset is from its left edge. */
static struct screen_place place_in(struct top_area area, size_t offset, enum screen_paint paint)
{
    return (struct screen_place){area.row, area.column + offset, area.end, paint};
}

/* Ends before the right edge, as offset says. */
static struct screen_place place_before(struct top_area area, size_t offset,
                                        enum screen_paint paint)
{
    size_t end = area.end > area.column + offset ? area.end - offset : area.column;
    return (struct screen_place){area.row, end, end, paint};
}

/* Refusals. */

static int compare_refusals(const void *left, const void *right)
{
    const struct top_refusal *a = left;
    const struct top_refusal *b = right;
    if (a->rate != b->rate) {
        return a->rate < b->rate ? 1 : -1;
    }
    if (a->total != b->total) {
        return a->total < b->total ? 1 : -1;
    }
    return strcmp(a->reason, b->reason);
}

size_t top_section_refusals(const struct top_view *view,
                            struct top_refusal ret_refusals[GATEWAY_FIGURES_WORDS_MAX])
{
    const struct gateway_words *verdicts = &view->latest->verdicts;
    size_t count = 0;
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct gateway_word *verdict = &verdicts->items[i];
        if (strcmp(verdict->word, "success") == 0 || verdict->count <= 0) {
            continue;
        }
        ret_refusals[count++] = (struct top_refusal){
            verdict->word,
            gateway_rates_of_word(view->former_verdicts, verdicts, i, view->interval.seconds),
            verdict->count};
    }
    qsort(ret_refusals, count, sizeof(*ret_refusals), compare_refusals);
    return count;
}

static size_t count_refusals(const struct top_view *view)
{
    struct top_refusal refusals[GATEWAY_FIGURES_WORDS_MAX];
    return top_section_refusals(view, refusals);
}

/* Where the columns end: reason, rate, perhaps a bar, total. */
struct refusal_columns {
    size_t reason;
    size_t rate;
    size_t bar; /* 0: no room for one */
};

static struct refusal_columns divide(struct top_area area)
{
    size_t width = area.end - area.column;
    size_t figures = 2 * RATE_WIDTH;
    size_t reason = width > REASON_WIDTH + figures ? REASON_WIDTH : width - figures;
    struct refusal_columns columns = {.reason = area.column + (width > figures ? reason : 0)};
    columns.rate = columns.reason + RATE_WIDTH;
    columns.bar = columns.rate + 1 + BAR_LEAST + RATE_WIDTH <= area.end ? area.end - RATE_WIDTH : 0;
    return columns;
}

static void draw_refusal(struct screen *screen, struct top_area area,
                         const struct top_refusal *refusal, double rate_max)
{
    char memory[FIGURE_TEXT_SIZE];
    struct refusal_columns columns = divide(area);
    bool is_now = refusal->rate > 0;
    struct screen_place place = place_in(area, 0, is_now ? SCREEN_PLAIN : SCREEN_FAINT);
    place.end = columns.reason;
    (void)screen_print(screen, place, "%s", refusal->reason);
    place = (struct screen_place){area.row, columns.rate, 0, is_now ? SCREEN_STRONG : SCREEN_FAINT};
    screen_print_before(screen, place, " %s", figure_text_count(refusal->rate, memory));
    if (columns.bar > 0) {
        place = (struct screen_place){area.row, columns.rate + 1, columns.bar, SCREEN_BAD};
        screen_draw_bar(screen, place, rate_max > 0 ? refusal->rate / rate_max : 0);
    }
    screen_print_before(screen, place_before(area, 0, SCREEN_FAINT), " %s",
                        figure_text_count(refusal->total, memory));
}

static void draw_refusal_title(const struct top_view *view, struct screen *screen,
                               struct top_area area)
{
    struct screen_place place = {area.row, divide(area).rate, 0, SCREEN_FAINT};
    if (count_refusals(view) == 0) {
        return;
    }
    screen_print_before(screen, place, " per s");
    screen_print_before(screen, place_before(area, 0, SCREEN_FAINT), " in all");
}

static void draw_refusals(const struct top_view *view, struct screen *screen, struct top_area area)
{
    struct top_refusal refusals[GATEWAY_FIGURES_WORDS_MAX];
    size_t count = top_section_refusals(view, refusals);
    if (count == 0) {
        (void)screen_print(screen, place_in(area, 0, SCREEN_FAINT), "nobody so far");
        return;
    }
    for (size_t i = 0; i < count && area.row < area.end_row; i++, area.row++) {
        draw_refusal(screen, area, &refusals[i], refusals[0].rate);
    }
}

/* Backends. */

static size_t count_servers(const struct top_view *view)
{
    return gateway_figures_server_count(view->latest);
}

static enum screen_paint paint_of_state(const char *state)
{
    /* clang-format off */
    static const struct {
        const char *word;
        enum screen_paint paint;
    } words[] = {
        {"up", SCREEN_GOOD}, {"healthy", SCREEN_GOOD}, {"down", SCREEN_BAD}, {"unhealthy", SCREEN_BAD},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(state, words[i].word) == 0) {
            return words[i].paint;
        }
    }
    return SCREEN_WARNING; /* disabled, ejected, draining */
}

static void draw_backend_title(const struct top_view *view, struct screen *screen,
                               struct top_area area)
{
    char memory[FIGURE_TEXT_SIZE];
    double failures = view->interval.numbers[GATEWAY_CONNECT_FAILURES];
    if (failures > 0) {
        screen_print_before(screen, place_before(area, 0, SCREEN_BAD), " %s failed connects/s",
                            figure_text_count(failures, memory));
        return;
    }
    const char *open = figure_text_count(view->latest->numbers[GATEWAY_BACKENDS_OPEN], memory);
    screen_print_before(screen, place_before(area, 0, SCREEN_FAINT), " %s %s", open,
                        figure_text_noun(open, "connection", "connections"));
}

static void draw_backends(const struct top_view *view, struct screen *screen, struct top_area area)
{
    for (size_t i = 0; i < count_servers(view) && area.row < area.end_row; i++, area.row++) {
        const struct gateway_server *server = &view->latest->servers[i];
        bool is_new = i == 0 || strcmp(server->backend, server[-1].backend) != 0;
        struct screen_place place = place_in(area, 0, is_new ? SCREEN_PLAIN : SCREEN_FAINT);
        size_t width = (area.end - area.column) / 3;
        place.end = area.column + width;
        (void)screen_print(screen, place, "%s", server->backend);
        place = place_in(area, width + 1, SCREEN_PLAIN);
        place.column = screen_print(screen, place, "%s", server->address);
        screen_print_before(screen, place_before(area, 0, paint_of_state(server->state)), "%s%s",
                            server->state[0] == '\0' ? "" : " ", server->state);
    }
    if (count_servers(view) == 0) {
        (void)screen_print(screen, place_in(area, 0, SCREEN_FAINT), "none");
    }
}

/* Certificates. */

static size_t count_certificates(const struct top_view *view)
{
    return gateway_figures_certificate_count(view->latest);
}

static void draw_certificate_title(const struct top_view *view, struct screen *screen,
                                   struct top_area area)
{
    (void)view;
    screen_print_before(screen, place_before(area, 0, SCREEN_FAINT), " first to expire");
}

static void draw_days(struct screen *screen, struct top_area area, double days)
{
    enum screen_paint paint = days < DAYS_BAD       ? SCREEN_BAD
                              : days < DAYS_WARNING ? SCREEN_WARNING
                                                    : SCREEN_GOOD;
    struct screen_place place = place_in(area, 7, paint);
    if (!isfinite(days)) {
        place.paint = SCREEN_FAINT;
        screen_print_before(screen, place, "-");
    } else if (days < 0) {
        screen_print_before(screen, place, "expired");
    } else {
        screen_print_before(screen, place, "%.0f d", floor(days));
    }
}

static void draw_certificates(const struct top_view *view, struct screen *screen,
                              struct top_area area)
{
    for (size_t i = 0; i < count_certificates(view) && area.row < area.end_row; i++, area.row++) {
        const struct gateway_certificate *certificate = &view->latest->certificates[i];
        double seconds =
            certificate->not_after_seconds - view->latest->numbers[GATEWAY_TIME_SECONDS];
        draw_days(screen, area, seconds / SECONDS_OF_DAY);
        (void)screen_print(screen, place_in(area, 8, SCREEN_FAINT), "%s", certificate->role);
        (void)screen_print_tail(screen, place_in(area, 18, SCREEN_PLAIN), certificate->path);
    }
    if (count_certificates(view) == 0) {
        (void)screen_print(screen, place_in(area, 0, SCREEN_FAINT), "none");
    }
}

/* OCSP. */

/* Two lines of answers, for they may not fit one; then the faults. */
static size_t count_ocsp_rows(const struct top_view *view)
{
    return view->latest->numbers[GATEWAY_OCSP_FAILED] > 0 ? 4 : 3;
}

static void draw_ocsp_title(const struct top_view *view, struct screen *screen,
                            struct top_area area)
{
    char memory[FIGURE_TEXT_SIZE];
    const char *kept = figure_text_count(view->latest->numbers[GATEWAY_OCSP_ENTRIES], memory);
    screen_print_before(screen, place_before(area, 0, SCREEN_FAINT), " %s %s kept", kept,
                        figure_text_noun(kept, "answer", "answers"));
}

/* The word and its figure, in the next row when this one is full; place is then behind them. */
static void draw_pair(struct screen *screen, struct top_area area, struct screen_place *place,
                      const char *word, double count)
{
    char memory[FIGURE_TEXT_SIZE];
    (void)figure_text_count(count, memory);
    if (place->column + strlen(word) + 1 + strlen(memory) > area.end) {
        place->row++;
        place->column = area.column;
    }
    if (place->row >= area.end_row) {
        return;
    }
    struct screen_place label = *place;
    label.paint = SCREEN_FAINT;
    place->column = screen_print(screen, label, "%s ", word);
    label = *place;
    label.paint = count > 0 ? place->paint : SCREEN_FAINT;
    place->column = screen_print(screen, label, "%s", memory) + 2;
}

static void draw_ocsp(const struct top_view *view, struct screen *screen, struct top_area area)
{
    /* clang-format off */
    static const struct {
        const char *word;
        enum gateway_number number;
        enum screen_paint paint;
    } answers[] = {
        {"good",    GATEWAY_OCSP_GOOD,    SCREEN_GOOD},
        {"revoked", GATEWAY_OCSP_REVOKED, SCREEN_BAD},
        {"unknown", GATEWAY_OCSP_UNKNOWN, SCREEN_WARNING},
        {"failed",  GATEWAY_OCSP_FAILED,  SCREEN_BAD},
    };
    /* clang-format on */
    struct screen_place place = place_in(area, 0, SCREEN_PLAIN);
    draw_pair(screen, area, &place, "asked per s", view->interval.numbers[GATEWAY_OCSP_ASKED]);
    draw_pair(screen, area, &place, "fetched per s", view->interval.numbers[GATEWAY_OCSP_FETCHES]);
    place.row++;
    place.column = area.column;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        place.paint = answers[i].paint;
        draw_pair(screen, area, &place, answers[i].word, view->latest->numbers[answers[i].number]);
    }
    place = (struct screen_place){place.row + 1, area.column, area.end, SCREEN_WARNING};
    for (size_t i = 0; i < view->latest->ocsp_faults.count; i++) {
        const struct gateway_word *fault = &view->latest->ocsp_faults.items[i];
        if (fault->count > 0) {
            draw_pair(screen, area, &place, fault->word, fault->count);
        }
    }
}

/* clang-format off */
static const struct {
    const char *title;
    bool is_list; /* what does not fit is counted */
    size_t (*count)(const struct top_view *view);
    void (*draw_title)(const struct top_view *view, struct screen *screen, struct top_area area);
    void (*draw)(const struct top_view *view, struct screen *screen, struct top_area area);
} sections[TOP_SECTION_COUNT] = {
    [TOP_REFUSALS]     = {"Refused",      true,  count_refusals,     draw_refusal_title,     draw_refusals},
    [TOP_BACKENDS]     = {"Backends",     true,  count_servers,      draw_backend_title,     draw_backends},
    [TOP_CERTIFICATES] = {"Certificates", true,  count_certificates, draw_certificate_title, draw_certificates},
    [TOP_OCSP]         = {"OCSP",         false, count_ocsp_rows,    draw_ocsp_title,        draw_ocsp},
};
/* clang-format on */

struct top_layout_wish top_section_wish(const struct top_view *view, enum top_section section)
{
    size_t count = sections[section].count(view);
    return (struct top_layout_wish){1 + ITEMS_LEAST, 1 + (count > 0 ? count : ITEMS_LEAST)};
}

void top_section_draw(const struct top_view *view, enum top_section section, struct screen *screen,
                      struct top_area area)
{
    struct screen_place place = place_in(area, 0, SCREEN_TITLE);
    (void)screen_print(screen, place, "%s", sections[section].title);
    sections[section].draw_title(view, screen, area);
    size_t count = sections[section].count(view);
    area.row++;
    size_t room = area.end_row - area.row;
    if (sections[section].is_list && count > room && room > 1) {
        area.end_row--;
        place = place_in(area, 0, SCREEN_FAINT);
        place.row = area.end_row;
        (void)screen_print(screen, place, "and %zu more", count - (room - 1));
    }
    sections[section].draw(view, screen, area);
}
