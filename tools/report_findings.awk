# The last part of each check: reads lines "key<tab>message", leaves out what tools/exceptions allows, prints the rest and
# fails when there is any. Usage: ... | awk -v check=sizes -f tools/report_findings.awk tools/exceptions -
#
# An exception that no finding needs any more is a finding itself: the list only ever gets shorter by itself.

BEGIN { FS = "\t" }

FILENAME != "-" {
    if ($0 ~ /^#/ || $0 ~ /^[ ]*$/) next
    words = split($0, word, " ")
    if (word[1] != check) next
    if (words < 5) { print "tools/exceptions:" FNR ": an exception needs its reason: " $0; bad = 1 }
    line_of[word[2]] = FNR
    next
}

$1 in line_of { used[$1] = 1; next }
{ print $2; bad = 1 }

END {
    for (key in line_of)
        if (!(key in used)) { print "tools/exceptions:" line_of[key] ": not needed any more: " check " " key; bad = 1 }
    exit bad
}
