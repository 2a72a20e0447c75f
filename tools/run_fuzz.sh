#!/bin/sh
# Replays each fuzzer's seeds, then fuzzes it: tools/run_fuzz.sh SECONDS FUZZER...
#
# FUZZ_SEED: what is tried follows from it, where addresses may be had that do not change; other inputs each time when it is
# not set.
#
# What it finds is kept under build/fuzz; a crash ends the run with status 1 and the input's place.
set -eu
seconds=$1
shift
same_each_time=
fixed_addresses=
if [ -n "${FUZZ_SEED:-}" ]; then
    # Files are not read again at times of the clock, and pointers that are compared have the same values.
    same_each_time="-seed=$FUZZ_SEED -reload=0"
    ! setarch "$(uname -m)" -R true 2>/dev/null || fixed_addresses="setarch $(uname -m) -R"
fi
for fuzzer in "$@"; do
    name=$(basename "$fuzzer" | sed 's/^fuzz_//')
    seeds=tests/fuzz/corpus/$name
    found=build/fuzz/found/$name
    mkdir -p "$found"
    echo "fuzzing $name for $seconds s"
    # shellcheck disable=SC2086 # lists of words
    if ! $fixed_addresses "$fuzzer" $same_each_time -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=0 \
        -artifact_prefix="build/fuzz/$name-" "$found" "$seeds" >"build/fuzz/$name.log" 2>&1; then
        tail -n 40 "build/fuzz/$name.log"
        echo "fuzzing $name found a fault"
        exit 1
    fi
    tail -n 1 "build/fuzz/$name.log"
done
