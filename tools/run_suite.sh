#!/bin/sh
# Runs suites of tests and counts: tools/run_suite.sh release asan tsan fuzz lint bench full. Each word is one suite.
#
# Goes on after a failure, so that one run tells everything, and ends with the line `N passed, N failed`. Whatever only compiles
# or reads is done beside the tests, which wait for a third of their time, and for which it makes way; the tests that stand for
# themselves and the bench have the machine alone, so they come last.
set -u
cd "$(dirname "$0")/.."
mkdir -p build/results
# Freed memory is held back for a while to catch late uses; 4 MiB of it do not hide what the memory tests look for.
export ASAN_OPTIONS="quarantine_size_mb=4:${ASAN_OPTIONS:-}"
passed=0
failed=0
flavours= # whose tests that stand for themselves are still to be run
jobs=$(nproc)
scenario_jobs=$((2 * jobs)) # they wait most of the time, for what is to happen

log_of() {
    echo "build/results/$(echo "$1" | tr ' /' '__').log"
}

# $1 what, $2 the status with which it ended; its output is in its log.
count() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok   $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1"
        tail -n 40 "$(log_of "$1")"
    fi
}

# $1 what, then the command; one test.
step() {
    what=$1
    shift
    "$@" >"$(log_of "$what")" 2>&1
    count "$what" $?
}

# The lines `WHAT: COMMAND` of the file $1, one after the other while we go on; each is a test, which await() counts.
start_chores() {
    while IFS= read -r line; do
        rm -f "$(log_of "${line%%: *}").status"
    done <"$1"
    while IFS= read -r line; do
        log=$(log_of "${line%%: *}")
        nice -n 19 sh -c "${line#*: }" >"$log" 2>&1 </dev/null
        echo $? >"$log.new"
        mv "$log.new" "$log.status"
    done <"$1" &
    chores=$!
    trap 'kill "$chores" 2>/dev/null' EXIT
}

# $1 what, of the chores.
await() {
    until [ -e "$(log_of "$1").status" ]; do
        kill -0 "$chores" 2>/dev/null || echo 1 >"$(log_of "$1").status" # it was killed
        sleep 0.2
    done
    count "$1" "$(cat "$(log_of "$1").status")"
}

# Runs the lines `LOG: COMMAND` of stdin, as many at once as there are cores; leaves each one's status in LOG.status.
run_at_once() {
    # shellcheck disable=SC2016 # for the shell within
    tr '\n' '\0' | xargs -0 -P"$jobs" -I '{}' sh -c '
        line=$1
        log=${line%%: *}
        sh -c "${line#*: }" >"$log" 2>&1
        echo $? >"$log.status"' run_at_once '{}'
}

# The lines `WHAT: COMMAND` of the file $list; each one is a test, as with step.
list=build/results/steps
steps_at_once() {
    while IFS= read -r line; do
        echo "$(log_of "${line%%: *}"): ${line#*: }"
    done <"$list" | run_at_once
    while IFS= read -r line; do
        what=${line%%: *}
        count "$what" "$(cat "$(log_of "$what").status")"
    done <"$list"
}

# Every cmocka program of a flavour; each of its functions is a test.
run_units() {
    find tests/unit -name 'test_*.c' | sort >build/results/units
    while read -r source; do
        echo "$(log_of "unit_$1_$source"): CMOCKA_MESSAGE_OUTPUT=TAP build/$1/${source%.c}"
    done <build/results/units | run_at_once
    while read -r source; do
        count_unit "build/$1/${source%.c}" "$(log_of "unit_$1_$source")"
    done <build/results/units
}

# $1 the program, $2 its log.
count_unit() {
    good=$(grep -c '^ok' "$2")
    bad=$(grep -c '^not ok' "$2")
    # A program that died, or a sanitizer that spoke, is a failure even if every line said ok.
    if [ "$(cat "$2.status")" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$bad" -ne 0 ]; then
        echo "FAIL $1"
        grep -v '^ok' "$2" | tail -n 40
    else
        echo "ok   $1: $good"
    fi
}

# The simulation of the proxy and the stress programs of a flavour, the simulation with the Makefile's number of seeds; a
# program that hangs is a failure, not a wait. A busy machine takes many times what a quiet one does.
run_programs() {
    {
        echo "simulation $1: timeout 1800 make --no-print-directory FLAVOUR=$1 sim"
        for source in tests/stress/stress_*.c; do
            name=$(basename "$source" .c)
            echo "$name $1: timeout 900 build/$1/tests/stress/$name"
        done
    } >"$list"
    steps_at_once
}

# What judges of the trust engine but the tests beside it: every order of the cache's steps, and OpenSSL, of the chains that
# follow from $3: the same code gives the same answer. Without it they are new ones.
run_second_opinions() {
    cat >"$list" <<END
model of the trust cache: timeout 3600 make --no-print-directory model MODEL=$1
differential test of the trust engine: make --no-print-directory differential DIFFERENTIAL_SECONDS=$2 DIFFERENTIAL_SEED=${3:-}
END
    steps_at_once
}

# $1 name of the run, $2 the program, then the tests; one line of pytest's is what was counted.
run_scenarios() {
    name=$1
    program=$2
    shift 2
    log=build/results/scenario_$(echo "$name" | tr -d ',' | tr ' ' '_').log
    SALLYPORT=$program /usr/bin/python3 -m pytest -q -n "$scenario_jobs" --dist loadfile --maxfail=20 --durations=40 -p no:cacheprovider "$@" >"$log" 2>&1
    status=$?
    summary=$(tail -n 1 "$log")
    good=$(echo "$summary" | sed -n 's/.*[^0-9]*\b\([0-9][0-9]*\) passed.*/\1/p')
    bad=$(echo "$summary" | sed -n 's/.*\b\([0-9][0-9]*\) failed.*/\1/p')
    errors=$(echo "$summary" | sed -n 's/.*\b\([0-9][0-9]*\) error.*/\1/p')
    bad=$((${bad:-0} + ${errors:-0}))
    if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + ${good:-0}))
    failed=$((failed + bad))
    if [ "$bad" -ne 0 ]; then
        echo "FAIL scenarios ($name)"
        tail -n 120 "$log"
    else
        echo "ok   scenarios ($name): ${good:-0}"
    fi
}

# $1 the flavour. What it is tested with, which takes as long as some of the tests.
build_of() {
    units=$(find tests/unit -name 'test_*.c' | sed "s,^,build/$1/,; s,\.c$,," | tr '\n' ' ')
    program=$(program_of "$1")
    echo "build $1: make -j$jobs FLAVOUR=$1 $program $program-load $units sim-programs stress-programs bench-programs"
}

program_of() {
    [ "$1" = release ] && echo build/sallyport || echo "build/$1/sallyport"
}

run_flavour() {
    await "build $1"
    run_units "$1"
    run_programs "$1"
    run_scenarios "$1" "$(program_of "$1")" -m 'not big and not alone' tests/scenario
    flavours="$flavours $1"
}

# The scenarios that want the machine for themselves, of every flavour so far.
run_alone() {
    wait "$chores"
    together=$scenario_jobs
    scenario_jobs=0
    for flavour in $flavours; do
        which='not big and alone'
        [ "$flavour" = release ] || which="$which and not measuring"
        # shellcheck disable=SC2046
        run_scenarios "$flavour, one at a time" "$(program_of "$flavour")" -m "$which" \
            $(grep -l 'pytest\.mark\.alone' tests/scenario/test_*.py)
    done
    scenario_jobs=$together
    flavours=
}

# Not for their times, which a busy machine makes longer: what allocates, or writes what threads share, ends them.
run_micro_benches() {
    for source in bench/micro/bench_*.c; do
        name=$(basename "$source" .c)
        echo "$name: timeout 600 build/release/bench/micro/$name 2 50"
    done >"$list"
    echo 'loopback_floor: timeout 600 build/release/bench/floor/loopback_floor 10' >>"$list"
    echo 'receive_ways: timeout 600 build/release/bench/floor/receive_ways 5' >>"$list"
    steps_at_once
}

# The ratios to the peers, each beside the recorded one, as bench/compare prints them.
run_bench() {
    log=build/results/bench.log
    make --no-print-directory bench-check >"$log" 2>&1
    status=$?
    good=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^FAIL ' "$log")
    if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    grep -E '^(ok|FAIL) ' "$log"
    if [ "$bad" -ne 0 ]; then
        echo "FAIL bench"
        tail -n 60 "$log"
    fi
}

# What is too long for every change: the figures in full, a minute of mixed load, many more seeds, the larger models.
run_full() {
    step "build" make -j"$jobs" all sim-programs
    scenario_jobs=0 # one at a time: figures are compared
    export SALLYPORT_LOAD_SECONDS=60
    run_scenarios "full figures" build/sallyport -m big tests/scenario
    run_scenarios "a minute of mixed load" build/sallyport tests/scenario/test_mixed_load.py
    step "simulation, 1000 seeds" timeout 3600 make --no-print-directory SIM_FIRST=1000 SIM_SEEDS=1000 sim
    run_second_opinions --whole 600
}

# $1 a suite. Its chores; those that nothing waits for come last.
chores_of() {
    case $1 in
    release | asan | tsan) build_of "$1" ;;
    fuzz) echo "build fuzzers: make -j$jobs fuzzers" ;;
    lint)
        echo "lint: make lint"
        echo "clang builds without a warning: make -j$jobs CC=clang FLAVOUR=release BUILD=build/clang" \
            "PROGRAM=build/clang/sallyport all"
        ;;
    esac
}

for suite in "$@"; do
    chores_of "$suite"
done >build/results/chores
start_chores build/results/chores

for suite in "$@"; do
    case $suite in
    lint)
        await "lint"
        await "clang builds without a warning"
        ;;
    release)
        run_flavour release
        run_second_opinions '' 20 1
        ;;
    asan | tsan) run_flavour "$suite" ;;
    fuzz)
        export FUZZ_SEED="${FUZZ_SEED:-1}" # the same code gives the same answer; make fuzz tries others
        await "build fuzzers"
        for source in tests/fuzz/fuzz_*.c; do
            name=$(basename "$source" .c)
            echo "fuzz ${name#fuzz_}: tools/run_fuzz.sh ${FUZZ_SECONDS:-5} build/fuzz/$name"
        done >"$list"
        steps_at_once
        ;;
    full) run_full ;;
    bench)
        run_alone
        step "build for bench" make -j"$jobs" all bench-programs
        run_micro_benches
        run_bench
        ;;
    *)
        echo "run_suite.sh: there is no suite '$suite'" >&2
        exit 2
        ;;
    esac
done
run_alone
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
