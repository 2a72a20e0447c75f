#!/bin/sh
# Fails on a function over 70 lines or with more than 5 parameters, a file over 500 lines, a header over 150; of the tests and
# of what is written in Python or shell, on a file over 500 lines.
# It relies on our layout (.clang-format): the braces of a function stand alone in the first column.
set -eu
cd "$(dirname "$0")/.."
[ -d src ] && [ -d include ] || exit 0

# A script is named so or may be run.
print_long_files() {
    {
        find tests bench -name '*.[ch]'
        find tests bench tools .ci -type f \( -name '*.py' -o -name '*.sh' -o -perm -u+x \)
    } | sort -u | xargs wc -l | awk '$2 != "total" && $1 > 500 { print $2 "\t" $2 ": " $1 " lines, 500 at most" }'
}

# shellcheck disable=SC2016 # it is awk that has variables
print_findings_in_sources() {
    find src include bench/load -name '*.[ch]' | sort | xargs --no-run-if-empty awk "$(cat tools/strip_c.awk)"'
    # Takes a declaration in one line. Types of function pointers, variables and macros (in capitals) are none of ours.
    function check_parameters(declaration,    list, depth, commas, i, letter) {
        if (declaration ~ /^ *(typedef|static_assert|_Static_assert)/ || declaration !~ /[a-z0-9_]\(/) return
        match(declaration, /[A-Za-z0-9_]+\(/)
        name = substr(declaration, RSTART, RLENGTH - 1)
        if (substr(declaration, 1, RSTART) ~ /=/ || name !~ /[a-z]/) return
        list = substr(declaration, RSTART + RLENGTH)
        sub(/, *\.\.\./, "", list)
        depth = 1
        commas = 0
        for (i = 1; depth > 0 && i <= length(list); i++) {
            letter = substr(list, i, 1)
            if (letter == "(") depth++
            else if (letter == ")") depth--
            else if (letter == "," && depth == 1) commas++
        }
        if (commas + 1 > 5)
            print FILENAME ":" name "\t" FILENAME ":" FNR ": " name " has " commas + 1 " parameters, 5 at most"
    }

    function check_file() {
        most = file ~ /\.h$/ ? 150 : 500
        if (lines > most) print file "\t" file ": " lines " lines, " most " at most"
    }

    FNR == 1 {
        check_file()
        file = FILENAME
        depth_of_braces = 0
        declaration = ""
        in_macro = 0
    }

    {
        lines = FNR
        line = strip($0)
        # A preprocessor line goes on after a backslash.
        is_macro = in_macro || line ~ /^[ \t]*#/
        in_macro = is_macro && line ~ /\\$/
        if (is_macro) next
    }

    line == "{" { start = FNR; title = declaration; check_parameters(declaration) }
    line == "}" && start {
        if (FNR - start > 70) {
            match(title, /[A-Za-z0-9_]+\(/)
            name = substr(title, RSTART, RLENGTH - 1)
            print FILENAME ":" name "\t" FILENAME ":" start ": " name " has " FNR - start " lines, 70 at most"
        }
        start = 0
    }

    {
        if (depth_of_braces == 0) declaration = declaration " " line
        depth_of_braces += gsub(/[{]/, "{", line) - gsub(/[}]/, "}", line)
        if (depth_of_braces == 0 && line ~ /[;}][ \t]*$/) {
            if (line ~ /;[ \t]*$/) check_parameters(declaration)
            declaration = ""
        }
    }

    END { check_file() }
'
}

{
    print_findings_in_sources
    print_long_files
} | awk -v check=sizes -f tools/report_findings.awk tools/exceptions -
