/*
 * Results as text, JSON, an HdrHistogram file and a page; each in a file of its own. The main
 * thread's. All but report_text write what a run was as well, so that a file stands for itself.
 */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

#include <stdio.h>

struct results;

void report_text(FILE *output, const struct results *results);
void report_json(FILE *output, const struct results *results);

/* As HdrHistogram's outputPercentileDistribution() does, in milliseconds: hdr-plot reads it. */
void report_hgrm(FILE *output, const struct results *results);

/* One page without anything from elsewhere: figures, latency by percentile, course over time. */
void report_html(FILE *output, const struct results *results);

/* In HTML and SVG text or attributes. */
void report_html_escaped(FILE *output, const char *text);

/* The two charts of the page; SVG elements. */
void report_svg_percentiles(FILE *output, const struct results *results);
void report_svg_course(FILE *output, const struct results *results);

#endif
