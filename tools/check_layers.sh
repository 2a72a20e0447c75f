#!/bin/sh
# Fails when a file includes a folder that its own folder may not use, or a library outside its door (README).
set -eu
cd "$(dirname "$0")/.."
[ -d src ] && [ -d include ] || exit 0

# A folder (or a file of src itself), then what it may use beside itself.
layers='
base          :
config        : base
net           : base
tls           : base config
http          : base config
trust         : base config net
ocsp          : base config net http trust
proxy         : base config net tls http trust ocsp
worker        : base config net tls http trust ocsp proxy
control       : base config net tls http trust ocsp proxy worker
cli           : base config net tls http trust ocsp proxy worker control
gateway       : base config net tls http trust ocsp proxy worker control cli gateway_parts
gateway_start : base config net tls http trust ocsp proxy worker control gateway_parts
gateway_parts : base config net tls http trust ocsp proxy worker control
main          : base config net tls http trust ocsp proxy worker control cli
load          : base tls trust
'

# The beginning of a system header's name, then where it may be included. The headers in include/ never show a library, so that
# a fake can stand behind the same header and a library can be replaced in one place.
doors='
wolfssl/  : ^(src/(tls/|trust/x509_)|bench/load/(tls_client|certificate_maker))
liburing  : ^src/net/(ring|ring_buffers|ring_features)\.c$
ini.h     : ^src/config/ini_reader\.c$
llhttp.h  : ^src/http/http1_parser\.c$
pcre2     : ^src/http/pattern\.c$
nghttp2/  : ^src/http/http2_
'

grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' src include bench/load | LAYERS=$layers DOORS=$doors awk '
    BEGIN {
        rows = split(ENVIRON["LAYERS"], row, "\n")
        for (i = 1; i <= rows; i++) {
            if (split(row[i], part, ":") != 2) continue
            gsub(/ /, "", part[1])
            folders[part[1]] = 1
            allowed[part[1], part[1]] = 1
            uses = split(part[2], used, " ")
            for (j = 1; j <= uses; j++) allowed[part[1], used[j]] = 1
        }
        rows = split(ENVIRON["DOORS"], row, "\n")
        for (i = 1; i <= rows; i++)
            if (split(row[i], part, " ") >= 3) door[part[1]] = part[3]
    }
    {
        split($0, field, ":")
        file = field[1]
        at = file ":" field[2] ": "
        split(file, path, "/")
        folder = path[2]
        sub(/\.[ch]$/, "", folder)
        match($0, /["<][^">]+/)
        target = substr($0, RSTART + 1, RLENGTH - 1)

        for (library in door)
            if (index(target, library) == 1 && file !~ door[library])
                print file ":" library "\t" at target " is included outside its door"

        if (substr($0, RSTART, 1) == "<") next
        if (target ~ /\.\./) print file ":.." "\t" at "name the folder instead of " target
        if (target !~ /\//) next
        sub(/\/.*/, "", target)
        if (!(folder in folders)) print file ":" target "\t" at "tools/check_layers.sh does not know the folder " folder
        else if (target in folders && !((folder, target) in allowed))
            print file ":" target "\t" at folder " may not include " target
    }' | sort -u | awk -v check=layers -f tools/report_findings.awk tools/exceptions -
