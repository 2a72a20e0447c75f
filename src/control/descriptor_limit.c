/* A proxied client takes two descriptors; more clients than that allows are never promised. */
#include "control/descriptor_limit.h"

#include <sys/resource.h>

#include "base/text.h"
#include "control/message_log.h"

uint64_t descriptor_limit_raise(void)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

uint32_t descriptor_limit_fit(uint32_t wanted, uint64_t limit, uint64_t reserved)
{
    uint64_t possible = limit > reserved + 2 ? (limit - reserved) / 2 : 1;
    if (wanted <= possible) {
        return wanted;
    }
    message_log_say(MESSAGE_WARNING,
                    "warning: max_connections = %u needs %llu file descriptors, but only %llu are "
                    "allowed; serving at most %u %s (raise `ulimit -n`, or LimitNOFILE in the "
                    "unit)",
                    wanted, (unsigned long long)(wanted * 2ULL + reserved),
                    (unsigned long long)limit, (uint32_t)possible,
                    text_noun(possible, "client", "clients"));
    return (uint32_t)possible;
}
