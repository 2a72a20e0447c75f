#!/bin/sh
# clang-tidy over files that changed since they last passed: tools/check_tidy.sh "FLAGS" FILE...
#
# A file's mark is the hash of what the compiler sees of it, so that a changed header counts too.
set -u
flags=$1
shift
marks=build/results/tidy
mkdir -p "$marks"
cat .clang-tidy >"$marks/configuration"

# $1: file. Prints nothing when it is clean.
check() {
    # shellcheck disable=SC2086
    hash=$(clang $flags -E -P "$1" 2>/dev/null | cat - "$marks/configuration" | sha256sum | cut -d' ' -f1)
    mark=$marks/$(echo "$1" | tr '/' '_')
    [ "$(cat "$mark" 2>/dev/null)" = "$hash" ] && return 0
    # shellcheck disable=SC2086
    if clang-tidy --quiet "$1" -- $flags >"$mark.log" 2>/dev/null; then
        echo "$hash" >"$mark"
        return 0
    fi
    cat "$mark.log"
    return 1
}

if [ "${CHECK_TIDY_ONE:-}" = yes ]; then
    check "$1"
    exit
fi
export CHECK_TIDY_ONE=yes
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} "$0" "$flags" {}
