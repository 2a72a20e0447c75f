#!/bin/sh
# Fails on what the house style bans and a compiler does not see:
#   fences (ThreadSanitizer does not model them), string functions without a bound, typedefs other than of function pointers,
#   a TODO without the number of an issue, and TRY in a function with a label: TRY would leave past the exit ladder.
set -eu
cd "$(dirname "$0")/.."
[ -d src ] && [ -d include ] || exit 0

# shellcheck disable=SC2016 # it is awk that has variables
find src include bench/load -name '*.[ch]' | sort | xargs --no-run-if-empty awk "$(cat tools/strip_c.awk)"'
    function report(word, why) {
        print FILENAME ":" word "\t" FILENAME ":" FNR ": " word ": " why
    }

    BEGIN {
        words = split("strcpy stpcpy strcat strncat sprintf vsprintf gets strtok strtok_r alloca", word)
        for (i = 1; i <= words; i++) call[i] = "(^|[^A-Za-z0-9_])" word[i] "[ \t]*[(]"
    }

    # In a comment, so before the comments go.
    /TODO|FIXME/ && !/TODO[ (]*#[0-9]/ { report("TODO", "give the number of its issue: TODO #12") }

    { line = strip($0) }

    line ~ /atomic_(thread|signal)_fence/ { report("atomic_thread_fence", "order the atomic operation itself") }
    line ~ /(^|[^A-Za-z0-9_])typedef / && line !~ /\(\*/ { report("typedef", "only for function pointers") }
    line ~ /(str|stp|gets|printf|alloca)/ {
        for (i = 1; i <= words; i++)
            if (line ~ call[i]) report(word[i], "name the number of bytes (memcpy, snprintf, base/text.h)")
    }

    line == "{" { uses_try = 0; label = "" }
    line ~ /(^|[^A-Za-z0-9_])TRY\(/ { uses_try = FNR }
    line ~ /^[ \t]*[a-z_][a-z0-9_]*:[ \t]*$/ && line !~ /^[ \t]*default:/ { label = line }
    line == "}" && uses_try && label != "" {
        gsub(/[ \t:]/, "", label)
        print FILENAME ":TRY\t" FILENAME ":" uses_try ": TRY leaves past the label " label
    }
' | awk -v check=banned -f tools/report_findings.awk tools/exceptions -
