#!/bin/sh
# Checks tests/model/trust_cache.pml in every order: the design in several sizes must have no error, and each seeded bug must be
# found. Needs spin and gcc (Debian: spin).
#
# Usage: tests/model/run_model.sh [--whole]        with the larger sizes too, some minutes
set -eu
cd "$(dirname "$0")"
command -v spin >/dev/null || {
    echo "run_model.sh: spin is not installed (apt-get install spin)" >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp trust_cache.pml "$work"
cd "$work"
failed=0
whole=no
[ "${1:-}" != --whole ] || whole=yes

# $1 expected errors (0 or 1), then the -D options.
check() {
    expected=$1
    shift
    spin -a "$@" trust_cache.pml >spin.log 2>&1 || {
        cat spin.log
        exit 1
    }
    gcc -O1 -w -DSAFETY -DCOLLAPSE -DMEMLIM=6000 -o pan pan.c
    ./pan -m100000 >pan.log 2>&1 || true
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log)
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
    seconds=$(sed -n 's/^pan: elapsed time \([0-9.e+]*\) seconds/\1/p' pan.log)
    why=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' pan.log)
    verdict=ok
    # A search without an error that was cut short has proved nothing; nor has a model that got stuck found the bug.
    if [ "${errors:-none}" != "$expected" ] ||
        { [ "$expected" = 0 ] && grep -qE 'max search depth|out of memory|not completed' pan.log; } ||
        { [ "$expected" = 1 ] && [ "${why#assertion violated}" = "$why" ]; }; then
        verdict=FAIL
        failed=1
    fi
    printf '%-4s %s: %s states, %s s%s\n' "$verdict" "$*" "$states" "$seconds" "${why:+: $why}"
    [ "$verdict" = ok ] || head -n 20 pan.log
}

echo "the design: nothing may be found"
check 0 -DWORKERS=2 -DTURNS=1 -DSLOTS=2 -DKEYS=1
check 0 -DWORKERS=2 -DTURNS=1 -DSLOTS=1 -DKEYS=2 -DWITH_REMOVAL
check 0 -DWORKERS=2 -DTURNS=2 -DSLOTS=2 -DKEYS=1
check 0 -DWORKERS=2 -DTURNS=2 -DSLOTS=1 -DKEYS=2
check 0 -DWORKERS=2 -DTURNS=2 -DSLOTS=1 -DKEYS=2 -DCAPACITY=1
check 0 -DWORKERS=2 -DTURNS=2 -DSLOTS=2 -DKEYS=1 -DWITH_ROOM
if [ "$whole" = yes ]; then
    check 0 -DWORKERS=2 -DTURNS=1 -DSLOTS=2 -DKEYS=1 -DWITH_REMOVAL
    check 0 -DWORKERS=2 -DTURNS=1 -DSLOTS=2 -DKEYS=1 -DWITH_REMOVAL -DWITH_ROOM
    check 0 -DWORKERS=2 -DTURNS=2 -DSLOTS=2 -DKEYS=2
    check 0 -DWORKERS=3 -DTURNS=1 -DSLOTS=2 -DKEYS=1
    check 0 -DWORKERS=3 -DTURNS=1 -DSLOTS=1 -DKEYS=2
fi

echo "seeded bugs: each must be found"
check 1 -DBUG_FREE_WITHOUT_QUIET -DWORKERS=2 -DTURNS=2 -DSLOTS=1 -DKEYS=2
check 1 -DBUG_TAKE_AFTER_QUIET -DWORKERS=2 -DTURNS=2 -DSLOTS=1 -DKEYS=2
check 1 -DBUG_STAMP_BEFORE_UNLINK -DWORKERS=2 -DTURNS=2 -DSLOTS=1 -DKEYS=2
check 1 -DBUG_PLAIN_WAKE -DWORKERS=2 -DTURNS=2 -DSLOTS=1 -DKEYS=2
check 1 -DBUG_STORE_INSTEAD_OF_SWAP -DWORKERS=2 -DTURNS=1 -DSLOTS=1 -DKEYS=2
check 1 -DBUG_EARLY_RESCAN -DWORKERS=2 -DTURNS=1 -DSLOTS=2 -DKEYS=1
check 1 -DBUG_NO_LATE_LOOK -DWORKERS=2 -DTURNS=1 -DSLOTS=1 -DKEYS=2 -DWITH_REMOVAL
check 1 -DBUG_MARK_AFTER_SWAP -DWORKERS=2 -DTURNS=1 -DSLOTS=1 -DKEYS=2 -DWITH_REMOVAL

exit $failed
