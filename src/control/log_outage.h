/*
 * A log that takes no lines: said when it begins and when it has ended, and not with every line in
 * between. The log writer's thread.
 */
#ifndef CONTROL_LOG_OUTAGE_H
#define CONTROL_LOG_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

struct log_outage {
    bool is_said;
    bool has_written;          /* since the latest loss */
    uint64_t latest_ms;        /* monotonic, of a loss */
    uint64_t lost_lines_first; /* how many were lost before it began */
};

/* setting and name: `access_log = /var/log/a.log`. */
struct log_outage_subject {
    const char *setting;
    const char *name;
    uint64_t lost_lines; /* all that was lost until now, this loss too */
};

/* lines were lost just now; reason: of errno, EAGAIN: nobody reads. */
void log_outage_note_loss(struct log_outage *outage, const struct log_outage_subject *subject,
                          uint64_t lines, int reason);

void log_outage_note_success(struct log_outage *outage);

/* Once a turn: says that it has ended when nothing was lost for a while. */
void log_outage_look(struct log_outage *outage, const struct log_outage_subject *subject);

#endif
