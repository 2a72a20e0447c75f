/* A disk that is all but full takes a line now and then: only a quiet while ends an outage. */
#include "log_outage.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "control/message_log.h"

#define QUIET_MS 1000

void log_outage_note_loss(struct log_outage *outage, const struct log_outage_subject *subject,
                          uint64_t lines, int reason)
{
    outage->has_written = false;
    outage->latest_ms = clock_monotonic_ms();
    if (outage->is_said) {
        return;
    }
    outage->is_said = true;
    outage->lost_lines_first = subject->lost_lines - lines;
    message_log_say(MESSAGE_ERROR, "error: %s = %s: %s; its lines are dropped, requests go on",
                    subject->setting, subject->name,
                    reason == EAGAIN ? "nobody reads what was written" : strerror(reason));
}

void log_outage_note_success(struct log_outage *outage)
{
    outage->has_written = true;
}

void log_outage_look(struct log_outage *outage, const struct log_outage_subject *subject)
{
    if (!outage->is_said || !outage->has_written ||
        clock_monotonic_ms() - outage->latest_ms < QUIET_MS) {
        return;
    }
    uint64_t lost_lines = subject->lost_lines - outage->lost_lines_first;
    *outage = (struct log_outage){0};
    message_log_say(MESSAGE_NOTICE, "%s = %s: takes lines again; %llu %s dropped", subject->setting,
                    subject->name, (unsigned long long)lost_lines,
                    text_noun(lost_lines, "was", "were"));
}
