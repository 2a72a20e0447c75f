/* Lists of CPUs; see the header. Called by run.c. */
#include "cpu_list.h"

#include <sched.h>

#include "base/bytes.h"

static bool read_range(struct bytes range, struct cpu_list *list)
{
    uint64_t first;
    uint64_t last;
    size_t dash = bytes_find(range, '-');
    if (!bytes_to_number(bytes_slice(range, 0, dash), CPU_LIST_MAX - 1, &first)) {
        return false;
    }
    last = first;
    if (dash < range.length &&
        !bytes_to_number(bytes_slice(range, dash + 1, range.length), CPU_LIST_MAX - 1, &last)) {
        return false;
    }
    for (uint64_t cpu = first; cpu <= last; cpu++) {
        if (list->count == CPU_LIST_MAX) {
            return false;
        }
        list->at[list->count++] = (int)cpu;
    }
    return first <= last;
}

struct result cpu_list_read(const char *text, struct cpu_list *ret_list)
{
    struct cpu_list list = {.count = 0};
    struct bytes rest = bytes_from_string(text);
    bool is_last = false;
    while (!is_last) {
        size_t end = bytes_find(rest, ',');
        is_last = end == rest.length;
        if (!read_range(bytes_slice(rest, 0, end), &list)) {
            return result_failure(ERROR_BAD_INPUT);
        }
        rest = bytes_slice(rest, is_last ? end : end + 1, rest.length);
    }
    *ret_list = list;
    return RESULT_OK;
}

struct cpu_list cpu_list_allowed(void)
{
    struct cpu_list list = {.count = 0};
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return list;
    }
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
        if (CPU_ISSET((size_t)cpu, &set) && list.count < CPU_LIST_MAX) {
            list.at[list.count++] = cpu;
        }
    }
    return list;
}

bool cpu_list_may_run_on(int cpu)
{
    cpu_set_t before;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_getaffinity(0, sizeof(before), &before) != 0) {
        return false;
    }
    bool may_run = sched_setaffinity(0, sizeof(set), &set) == 0;
    (void)sched_setaffinity(0, sizeof(before), &before);
    return may_run;
}
