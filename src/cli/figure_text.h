/* Figures as people read them at a glance: three digits and a unit. Any thread; no state. */
#ifndef CLI_FIGURE_TEXT_H
#define CLI_FIGURE_TEXT_H

#define FIGURE_TEXT_SIZE 32

/* "0", "3.2", "152", "48k", "1.2M"; what is none or negative is "0". */
const char *figure_text_count(double count, char memory[FIGURE_TEXT_SIZE]);

/* The word that goes with a count as it is shown: "1" has one. */
const char *figure_text_noun(const char *count, const char *one, const char *many);

/* "0.21 ms", "12 ms", "1.9 s"; "-" for NAN. */
const char *figure_text_time(double seconds, char memory[FIGURE_TEXT_SIZE]);

/* "0 B", "312 B", "1.2 MB", in powers of a thousand. */
const char *figure_text_size(double bytes, char memory[FIGURE_TEXT_SIZE]);

/* "12s", "5m 12s", "2h 03m", "3d 04h"; negative is "0s". */
const char *figure_text_age(double seconds, char memory[FIGURE_TEXT_SIZE]);

#endif
