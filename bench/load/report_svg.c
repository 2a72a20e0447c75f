/* The charts of report_html.c: lines over a grid, drawn by hand. Called by it. */
#include <math.h>

#include "quantity.h"
#include "report.h"
#include "results.h"

#define WIDTH       860
#define HEIGHT      300
#define LEFT        80
#define RIGHT       20
#define TOP         16
#define BOTTOM      40
#define PLOT_WIDTH  (WIDTH - LEFT - RIGHT)
#define PLOT_HEIGHT (HEIGHT - TOP - BOTTOM)
#define POINT_COUNT 200

/* A line below the text, from the left end to the right. */
static void begin_chart(FILE *output, const char *title)
{
    (void)fprintf(output,
                  "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n<title>%s</title>\n",
                  WIDTH, HEIGHT, title, title);
}

static double x_of(double part)
{
    return LEFT + part * PLOT_WIDTH;
}

static double y_of(double part)
{
    return TOP + (1 - part) * PLOT_HEIGHT;
}

static void draw_level(FILE *output, double part, const char *label)
{
    (void)fprintf(output,
                  "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                  "<text class=\"left\" x=\"%d\" y=\"%.1f\">%s</text>\n",
                  LEFT, WIDTH - RIGHT, y_of(part), y_of(part), LEFT - 8, y_of(part) + 4, label);
}

static void draw_place(FILE *output, double part, const char *label)
{
    (void)fprintf(output,
                  "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                  "<text class=\"below\" x=\"%.1f\" y=\"%d\">%s</text>\n",
                  x_of(part), x_of(part), TOP, TOP + PLOT_HEIGHT, x_of(part), HEIGHT - 16, label);
}

/* Powers of ten between the two, each with its label. */
static void draw_time_levels(FILE *output, double lowest_log, double highest_log)
{
    for (int power = (int)ceil(lowest_log); power <= (int)floor(highest_log); power++) {
        char label[QUANTITY_SIZE];
        draw_level(output, (power - lowest_log) / (highest_log - lowest_log),
                   quantity_write_duration(pow(10, power), label));
    }
}

/* Both ends of a logarithmic axis, at whole powers of ten that hold the values. */
static void choose_powers(double least, double most, double *ret_lowest, double *ret_highest)
{
    *ret_lowest = floor(log10(fmax(least, 1)));
    *ret_highest = ceil(log10(fmax(most, 2)));
    if (*ret_highest <= *ret_lowest) {
        *ret_highest = *ret_lowest + 1;
    }
}

/* To the right by nines, upwards by powers of ten. */
void report_svg_percentiles(FILE *output, const struct results *results)
{
    static const struct {
        double nines;
        const char *label;
    } places[] = {{0, "0"},      {1, "90 %"},    {2, "99 %"},
                  {3, "99.9 %"}, {4, "99.99 %"}, {5, "99.999 %"}};
    const struct histogram *latency = &results->tally->latency;
    double nines = fmax(1, fmin(5, log10((double)latency->count + 1)));
    double lowest;
    double highest;
    choose_powers((double)latency->least_ns, (double)latency->most_ns, &lowest, &highest);
    begin_chart(output, "Latency by percentile");
    draw_time_levels(output, lowest, highest);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && places[i].nines <= nines; i++) {
        draw_place(output, places[i].nines / nines, places[i].label);
    }
    (void)fputs("<polyline class=\"line\" points=\"", output);
    for (int i = 0; i <= POINT_COUNT; i++) {
        double part = 1 - pow(10, -nines * i / POINT_COUNT);
        double level = log10(fmax((double)histogram_at(latency, part), 1));
        (void)fprintf(output, "%.1f,%.1f ", x_of((double)i / POINT_COUNT),
                      y_of((level - lowest) / (highest - lowest)));
    }
    (void)fputs("\"/>\n</svg>\n", output);
}

static double most_of(const struct tally *tally, size_t count)
{
    double most = 1;
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, (double)tally->slices[i].operations);
    }
    return most;
}

static void draw_rate_levels(FILE *output, double per_second_most)
{
    for (int i = 0; i <= 4; i++) {
        char label[QUANTITY_SIZE];
        draw_level(output, i / 4.0,
                   quantity_write_count((uint64_t)(per_second_most * i / 4), label));
    }
}

/* Operations a second as a line, the slowest operation of each slice as a bar from below. */
void report_svg_course(FILE *output, const struct results *results)
{
    const struct tally *tally = results->tally;
    size_t count = (size_t)(results->elapsed_ns / tally->slice_ns);
    count = count < 1 ? 1 : count < TALLY_SLICES_MAX ? count : TALLY_SLICES_MAX;
    double most = most_of(tally, count);
    double slowest = fmax(1, (double)tally->latency.most_ns);
    double seconds = fmin((double)tally->slice_ns, (double)results->elapsed_ns) / 1e9;
    char label[QUANTITY_SIZE];
    begin_chart(output, "Course of the run");
    draw_rate_levels(output, most / seconds);
    draw_place(output, 0, "0 s");
    draw_place(output, 1, quantity_write_duration((double)results->elapsed_ns, label));
    for (size_t i = 0; i < count; i++) {
        double height = (double)tally->slices[i].slowest_ns / slowest;
        (void)fprintf(output,
                      "<rect class=\"bar\" x=\"%.1f\" width=\"%.1f\" y=\"%.1f\" height=\"%.1f\"/>",
                      x_of((double)i / (double)count), PLOT_WIDTH / (double)count * 0.8,
                      y_of(height), height * PLOT_HEIGHT);
    }
    (void)fputs("\n<polyline class=\"line\" points=\"", output);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(output, "%.1f,%.1f ", x_of(((double)i + 0.4) / (double)count),
                      y_of((double)tally->slices[i].operations / most));
    }
    (void)fprintf(output, "\"/>\n<text class=\"left\" x=\"%d\" y=\"%d\">/s</text>\n</svg>\n",
                  LEFT - 8, TOP + PLOT_HEIGHT + 24);
}
