#!/bin/sh
# Fails when an exported symbol does not begin with the name of its file. It reads the objects, not the sources: what the
# linker sees is what is exported.
#
# Usage: tools/check_names.sh <folder of objects> <folder of sources>        such as build/release src
set -eu
usage='usage: tools/check_names.sh <folder of objects> <folder of sources>'
folder=${2:?$usage}
objects=${1:?$usage}/$folder
[ -d "$objects" ] || exit 0
objects=$(cd "$objects" && pwd)
cd "$(dirname "$0")/.."

# An object whose source is gone is a left-over. Names that begin with two underscores belong to the compiler.
find "$objects" -name '*.o' | sort | while read -r object; do
    source=${object#"$objects"/}
    [ ! -e "$folder/${source%.o}.c" ] || echo "$object"
done | xargs --no-run-if-empty nm --print-file-name --defined-only --extern-only | awk -v objects="$objects/" -v folder="$folder" '
    $2 ~ /^[TDRBGSVWC]$/ && $3 !~ /^__/ {
        source = folder "/" substr($1, length(objects) + 1)
        sub(/\.o:.*/, ".c", source)
        stem = source
        gsub(/.*\/|\.c$/, "", stem)
        if ($3 != "main" && $3 != stem && index($3, stem "_") != 1)
            print source ":" $3 "\t" source " exports " $3 "; make it static or name it " stem "_..."
    }' | awk -v check=names -f tools/report_findings.awk tools/exceptions -
