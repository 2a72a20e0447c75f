/* The times of operations; see the header. The n-th is computed anew, so that nothing adds up. */
#include "pace.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* Lanes take turns: the operations of all together are evenly spaced. */
uint64_t pace_due_ns(const struct pace *pace, uint64_t number)
{
    unsigned __int128 place = (unsigned __int128)number * pace->lane_count + pace->lane;
    return pace->start_ns + (uint64_t)(place * NS_PER_SECOND / pace->rate);
}

uint64_t pace_next_ns(const struct pace *pace, uint64_t now_ns)
{
    uint64_t next_ns = pace->rate == 0 ? now_ns : pace_due_ns(pace, pace->taken);
    return pace->taken >= pace->most || next_ns >= pace->end_ns ? UINT64_MAX : next_ns;
}

bool pace_take(struct pace *pace, uint64_t now_ns, uint64_t *ret_intended_ns)
{
    uint64_t next_ns = pace_next_ns(pace, now_ns);
    if (next_ns > now_ns) {
        return false;
    }
    pace->taken++;
    *ret_intended_ns = next_ns;
    return true;
}

/* Its time has passed in an open loop, so it is another one that may begin. */
void pace_give_back(struct pace *pace)
{
    pace->most += pace->most < UINT64_MAX ? 1 : 0;
}

uint64_t pace_behind(const struct pace *pace, uint64_t now_ns)
{
    uint64_t until_ns = now_ns < pace->end_ns ? now_ns : pace->end_ns;
    if (pace->rate == 0 || until_ns <= pace->start_ns) {
        return 0;
    }
    /* The numbers whose time is before until_ns. */
    unsigned __int128 places =
        ((unsigned __int128)(until_ns - pace->start_ns) * pace->rate + NS_PER_SECOND - 1) /
        NS_PER_SECOND;
    uint64_t due =
        places <= pace->lane ? 0 : (uint64_t)((places - pace->lane - 1) / pace->lane_count) + 1;
    due = due < pace->most ? due : pace->most;
    return due > pace->taken ? due - pace->taken : 0;
}
