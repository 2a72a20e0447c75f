# For the checks that read C line by line: strip(line) gives the line without comments, and with empty strings.
# It remembers an open comment from one line to the next, so it must see every line of a file, in order.

FNR == 1 { in_comment = 0 }

function strip(line,    code) {
    code = ""
    while (line != "") {
        if (in_comment) {
            if (!match(line, /\*\//)) return code
            line = substr(line, RSTART + 2)
            in_comment = 0
        } else if (match(line, /"([^"\\]|\\.)*"|'([^'\\]|\\.)+'|\/\*|\/\//)) {
            code = code substr(line, 1, RSTART - 1)
            opening = substr(line, RSTART, 2)
            line = substr(line, RSTART + RLENGTH)
            if (opening == "//") return code
            if (opening == "/*") in_comment = 1
            else code = code "\"\""
        } else {
            return code line
        }
    }
    return code
}
