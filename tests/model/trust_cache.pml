/*
 * Insert, find, replace, remove and reclaim of the trust cache, one bucket of it, for spin to try in
 * every order (run_model.sh). A statement outside atomic is one access to shared memory.
 *
 *   here                       there
 *   --------------------------------------------------------------------------------------------------
 *   slot[]                     struct trust_bucket, slots                      src/trust/trust_table.h
 *   entries[].count            holder_count                                    include/trust/trust_entry.h
 *   entries[].is_in_cache      is_in_cache
 *   charged                    trust_table.charged.entry_count                 src/trust/trust_table.h
 *   revision                   trust_cache.revision                            src/trust/trust_cache.c
 *   epoch, seen[]              reclaim.epoch, reclaim_member.seen_epoch        src/base/reclaim.c
 *   retired_at, retired_by     reclaim_node.retired_at, the member's own list  src/base/reclaim.c
 *   wake, fall_asleep          reclaim_wake, reclaim_sleep
 *   quiet_point                reclaim_quiet: the store of seen_epoch
 *   look_at_members            epoch_seen_by_all, epoch_seen_by
 *   drop_retired               destroy_what_nobody_holds, then on_all_quiet    src/trust/trust_table.c
 *   swap                       swap: the mark, the compare-and-swap, reclaim_retire
 *   find                       trust_table_find, then trust_entry_acquire
 *   choose                     choose_slot; which free slot, or which stalest entry, is left open
 *   link_entry                 link_entry; whether the entry that is there is older is left open
 *   settle                     settle, settle_for
 *   remove                     trust_table_remove
 *   insert                     trust_cache_insert: revision, judge, charge, link, settle, late look
 *   make_room                  make_room; any slot, whenever it likes
 *   request                    trust_cache_lease_holds
 *   control                    the OCSP thread: a certificate is revoked, trust_cache_remove
 *
 * What must hold: nobody touches an entry that was freed or takes a count of none; the bound is never
 * passed; a lease is over once its removal is; and in the end nothing is lost, nothing is freed
 * twice, no key is there twice and the revoked key is not there.
 *
 * The model's memory is sequentially consistent. Two orders that weaker memory may break are modelled
 * as bugs: a wake-up that lingers in a store buffer, and a second look that comes too early. That
 * acquire and release suffice elsewhere is argued at each atomic operation and watched by
 * ThreadSanitizer in stress_trust_cache.
 *
 * Bugs to be found, one -D each: see the #ifdefs; all are mistakes that were thought about.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef TURNS
#define TURNS 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef KEYS
#define KEYS 2
#endif
#ifndef CAPACITY
#define CAPACITY 3
#endif

#define ENTRIES (WORKERS * TURNS)
#ifdef WITH_REMOVAL
#define MEMBERS (WORKERS + 1)
#define CONTROL WORKERS
#else
#define MEMBERS WORKERS
#endif
#define ASLEEP  0
#define NOBODY  255
#define NOWHERE 255

typedef entry {
    byte key;
    byte count;
    byte revision;
    byte retired_at;
    byte retired_by;
    bool is_in_cache;
    bool is_freed
};

entry entries[ENTRIES + 1]; /* the first is not used: 0 is an empty slot */
byte slot[SLOTS];
byte made = 0;
byte charged = 0;
byte revision = 0;
byte epoch = 1;
byte seen[MEMBERS];
#ifdef BUG_PLAIN_WAKE
byte store_buffer[MEMBERS];
#endif
bool is_revoked = false; /* key 0: what a judge would find */
bool is_removal_over = false;
byte ended = 0;

inline touch(e)
{
    assert(!entries[e].is_freed)
}

inline give_up_count(e)
{
    atomic {
        assert(!entries[e].is_freed && entries[e].count > 0);
        entries[e].count--;
        if
        :: entries[e].count == 0 -> entries[e].is_freed = true
        :: else
        fi
    }
}

inline take_count(e)
{
    atomic {
        assert(!entries[e].is_freed && entries[e].count > 0);
        entries[e].count++
    }
}

inline release(e)
{
    if
    :: e != 0 -> give_up_count(e); e = 0
    :: else
    fi
}

/* --- reclaim --- */

inline wake(me)
{
#ifdef BUG_PLAIN_WAKE
    store_buffer[me] = epoch
#else
    seen[me] = epoch; /* epoch read earlier is as good: it may only be older */
#endif
}

inline fall_asleep(me)
{
    atomic {
#ifdef BUG_PLAIN_WAKE
        store_buffer[me] = 0;
#endif
        seen[me] = ASLEEP
    }
}

inline look_at_members(m, lowest)
{
    lowest = 254;
    m = 0;
    do
    :: atomic { m < MEMBERS ->
        if
        :: seen[m] != ASLEEP && seen[m] < lowest -> lowest = seen[m]
        :: else
        fi;
        m++ }
    :: atomic { m == MEMBERS -> m = 0; break }
    od
}

/* Has the member retired anything that is not destroyed yet? */
inline is_waiting(me, e, answer)
{
    answer = false;
    e = 1;
    do
    :: e <= made ->
        answer = answer || entries[e].retired_by == me;
        e++
    :: else -> break
    od;
    e = 0
}

inline drop(e)
{
    charged--;
    entries[e].retired_by = NOBODY;
    give_up_count(e)
}

inline drop_retired(me, e, lowest)
{
    atomic {
        e = 1;
        do
        :: e <= made ->
            if
            :: entries[e].retired_by == me && entries[e].retired_at < lowest -> drop(e)
            :: else
            fi;
            e++
        :: else -> break
        od;
        e = 0;
        lowest = 0
    }
}

inline quiet_point(me)
{
    atomic {
        seen[me] = epoch;
#ifdef BUG_PLAIN_WAKE
        store_buffer[me] = 0;
#endif
        is_waiting(me, i, has_key)
    };
    if
    :: has_key ->
        has_key = false;
        look_at_members(i, lowest);
        drop_retired(me, i, lowest)
    :: else
    fi
}

/* --- table --- */

inline retire(me, e)
{
#ifdef BUG_FREE_WITHOUT_QUIET
    atomic { charged--; give_up_count(e) }
#else
#ifdef BUG_STAMP_BEFORE_UNLINK
    atomic { entries[e].retired_at = stamp; entries[e].retired_by = me }
#else
    atomic { entries[e].retired_at = epoch; epoch++; entries[e].retired_by = me }
#endif
#endif
}

/* At place, from what was seen there to another; is_done tells. */
inline swap(me, place, what, to)
{
#ifndef BUG_MARK_AFTER_SWAP
    atomic {
        if
        :: what != 0 -> touch(what); entries[what].is_in_cache = false
        :: else
        fi
    };
#endif
#ifdef BUG_STAMP_BEFORE_UNLINK
    atomic {
        if
        :: what != 0 -> stamp = epoch; epoch++
        :: else
        fi
    };
#endif
#ifdef BUG_STORE_INSTEAD_OF_SWAP
    is_done = (slot[place] == what);
    if
    :: is_done -> slot[place] = to
    :: else
    fi;
#else
    atomic {
        is_done = (slot[place] == what);
        if
        :: is_done -> slot[place] = to
        :: else
        fi
    };
#endif
#ifdef BUG_MARK_AFTER_SWAP
    atomic {
        if
        :: is_done && what != 0 -> entries[what].is_in_cache = false
        :: else
        fi
    };
#endif
    if
    :: is_done && what != 0 -> retire(me, what)
    :: else
    fi
}

inline choose(k)
{
    i = 0;
    do
    :: atomic { i < SLOTS && !has_key ->
        other = slot[i];
        if
        :: other != 0 && entries[other].key == k ->
            touch(other);
            place = i; word = other; has_key = true
        :: other == 0 -> place = i; word = 0
        :: other != 0 && entries[other].key != k && (place == NOWHERE || word != 0) ->
            touch(other);
            place = i; word = other
        :: other == 0 && place != NOWHERE && word == 0 -> skip
        :: other != 0 && entries[other].key != k && place != NOWHERE -> skip
        fi;
        i++ }
    :: atomic { i == SLOTS || has_key -> i = 0; other = 0; break }
    od
}

/* known or is_done tell how it went; neither: others were faster. */
inline link_entry(me, k)
{
    do
    :: attempts < 2 && !is_done && known == 0 ->
        atomic { attempts++; place = NOWHERE; word = 0; has_key = false };
        choose(k);
        if
        :: has_key -> known = word
        :: true -> swap(me, place, word, mine)
        fi
    :: else -> break
    od;
    atomic { attempts = 0; place = 0; word = 0; has_key = false }
}

inline settle(me, k)
{
    i = 0;
    do
    :: i < SLOTS ->
        atomic {
            word = slot[i];
            if
            :: word != 0 && entries[word].key == k -> touch(word)
            :: else -> word = 0
            fi;
            if
            :: word != 0 && first == 0 -> first = word; word = 0
            :: else
            fi
        };
        if
        :: word != 0 -> swap(me, i, word, 0)
        :: else
        fi;
        i++
    :: else -> break
    od;
    atomic { i = 0; word = 0; is_done = false }
}

inline remove(me, k)
{
    i = 0;
    do
    :: i < SLOTS ->
        atomic {
            word = slot[i];
            if
            :: word != 0 && entries[word].key == k -> touch(word)
            :: else -> word = 0
            fi
        };
        if
        :: word != 0 ->
            swap(me, i, word, 0);
            i = (is_done -> i + 1 : i) /* if it has changed it is looked at again */
        :: else -> i++
        fi
    :: else -> break
    od;
    atomic { i = 0; word = 0; is_done = false }
}

inline make_room(me)
{
    atomic {
        if
        :: i = 0
        :: i = SLOTS - 1
        fi;
        word = slot[i];
        if
        :: word != 0 -> touch(word)
        :: else
        fi
    };
    if
    :: word != 0 -> swap(me, i, word, 0)
    :: else
    fi;
    atomic { i = 0; word = 0; is_done = false }
}

inline unmark(e)
{
    atomic { entries[e].is_in_cache = false; entries[e].count = 1 }
}

/* Nobody sees the entry yet: one step with the charge. */
inline make_and_charge(k)
{
    atomic {
        made++;
        mine = made;
        entries[mine].key = k;
        entries[mine].revision = before;
        entries[mine].retired_by = NOBODY;
        entries[mine].is_in_cache = charged < CAPACITY;
        entries[mine].count = (charged < CAPACITY -> 2 : 1);
        is_own = charged == CAPACITY;
        charged = (charged < CAPACITY -> charged + 1 : charged)
    }
}

inline use_first()
{
    if
    :: first != 0 && first != mine ->
        take_count(first);
        release(mine);
        mine = first;
        is_own = false
    :: else
    fi;
    first = 0
}

inline look_late(me, k)
{
#if defined(WITH_REMOVAL) && !defined(BUG_NO_LATE_LOOK)
    if
    :: entries[mine].revision != revision -> remove(me, k)
    :: else
    fi
#else
    skip
#endif
}

inline link_and_settle(me, k)
{
    link_entry(me, k);
    if
    :: is_done ->
        is_own = true;
        is_done = false;
#ifndef BUG_EARLY_RESCAN /* it would see the bucket from before the swap: no second one of the key */
        settle(me, k);
        use_first();
#endif
        if
        :: is_own -> look_late(me, k)
        :: else
        fi
    :: else ->
        atomic { unmark(mine); charged-- };
        if
        :: known != 0 -> take_count(known); release(mine); mine = known; known = 0
        :: else -> is_own = true
        fi
    fi
}

/* The caller's count is in held afterwards. */
inline insert(me, k)
{
    before = revision;
    if
#ifdef WITH_REMOVAL
    :: k == 0 && is_revoked -> skip /* refused */
#endif
    :: else ->
        make_and_charge(k);
        if
        :: !is_own -> link_and_settle(me, k)
        :: else
        fi;
        release(held);
        atomic { held = mine; mine = 0; is_done = false }
    fi;
    before = 0
}

inline find(me, k)
{
    i = 0;
    do
    :: atomic { i < SLOTS && word == 0 ->
        word = slot[i];
        if
        :: word != 0 -> touch(word);
            if
            :: entries[word].key != k -> word = 0
            :: else
            fi
        :: else
        fi;
        i++ }
    :: atomic { i == SLOTS || word != 0 -> i = 0; break }
    od;
    if
    :: word != 0 ->
#ifdef BUG_TAKE_AFTER_QUIET
        quiet_point(me);
#endif
        take_count(word); /* reading its lease and identity would be another such step */
        release(held);
        atomic { held = word; is_own = false; word = 0 }
    :: else
    fi
}

/* Only of one's own insertion, which has had its late look: another's may be about to have it. */
inline request()
{
    if
    :: held != 0 && is_own && entries[held].key == 0 ->
        was_over = is_removal_over;
        if
        :: was_over ->
            assert(!entries[held].is_freed);
            assert(!entries[held].is_in_cache);
            assert(entries[held].revision != revision)
        :: else
        fi;
        was_over = false
    :: else
    fi
}

proctype worker(byte me)
{
    byte turn = 0, k = 0, i = 0, place = 0, word = 0, other = 0, attempts = 0, lowest = 0, before = 0;
    byte mine = 0, known = 0, first = 0, held = 0, stamp = 0;
    bool has_key = false, is_done = false, is_own = false, was_over = false;
    wake(me);
    do
    :: turn < TURNS ->
        turn++;
        if
        :: k = 0
        :: k = KEYS - 1
        fi;
        if
        :: find(me, k)
        :: insert(me, k)
#ifdef WITH_ROOM
        :: make_room(me)
#endif
        fi;
#ifdef WITH_REMOVAL
        request();
#endif
        if
        :: turn == TURNS -> skip /* the last quiet point is below */
        :: turn < TURNS -> quiet_point(me)
        :: turn < TURNS -> fall_asleep(me); wake(me)
        fi
    :: else -> break
    od;
    release(held);
    quiet_point(me);
    atomic {
        fall_asleep(me);
        turn = 0;
        k = 0;
        is_own = false;
        ended++
    }
}

#ifdef WITH_REMOVAL
proctype control()
{
    byte i = 0, word = 0, lowest = 0, stamp = 0;
    bool is_done = false, has_key = false;
    wake(CONTROL);
    is_revoked = true;
    revision++;
    remove(CONTROL, 0);
    is_removal_over = true;
    quiet_point(CONTROL);
    atomic { fall_asleep(CONTROL); ended++ }
}
#endif

#ifdef BUG_PLAIN_WAKE
/* The stores of two workers reach memory when they like. */
active proctype store_buffers()
{
    do
    :: ended == MEMBERS -> break
    :: atomic { store_buffer[0] != 0 -> seen[0] = store_buffer[0]; store_buffer[0] = 0 }
    :: atomic { store_buffer[1] != 0 -> seen[1] = store_buffer[1]; store_buffer[1] = 0 }
    od
}
#endif

inline check_end()
{
    i = 1;
    do /* reclaim_destroy */
    :: i <= made ->
        if
        :: entries[i].retired_by < NOBODY -> drop(i)
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < SLOTS ->
        j = slot[i];
        if
        :: j != 0 ->
            assert(!entries[j].is_freed && entries[j].count == 1 && entries[j].is_in_cache);
            assert(!is_revoked || entries[j].key != 0);
            assert(i == 0 || slot[0] == 0 || entries[slot[0]].key != entries[j].key);
            linked++;
            entries[j].is_freed = true
        :: else
        fi;
        i++
    :: else -> break
    od;
    assert(charged == linked);
    i = 1;
    do
    :: i <= made -> assert(entries[i].is_freed); i++
    :: else -> break
    od
}

init
{
    byte i = 0, j = 0, linked = 0;
    atomic {
        do
        :: i < WORKERS -> run worker(i); i++
        :: else -> break
        od;
#ifdef WITH_REMOVAL
        run control()
#endif
    };
    atomic { ended == MEMBERS -> check_end() }
}
