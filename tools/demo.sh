#!/bin/bash
# A whole working set-up in one folder: certificates, a backend, an OCSP responder, the gateway, and clients good and bad in
# a table; then the responder dies, and another table has a fleet that was known before and one that is new.
#
# Goes on running until Ctrl-C, with curl lines to paste; DEMO_ONCE=1 ends after the table. DEMO_DIR says where the
# files go (build/demo), SALLYPORT which program runs (build/sallyport), DEMO_PORT, DEMO_BACKEND_PORT and DEMO_RESPONDER_PORT
# from where on a free port is looked for (8443, 8080, 8888). Exit status 1: a client got another answer than the tables
# expect, or something did not start.
set -u

tools=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$tools")
program=${SALLYPORT:-$root/build/sallyport}
case $program in
/*) ;;
*) program=$root/$program ;;
esac

# In the source tree the paste lines are relative to its top; an installed demo has no tree and uses a folder of its own.
if [ -f "$root/Makefile" ]; then
    cd "$root" || exit 1
    folder=${DEMO_DIR:-build/demo}
else
    folder=${DEMO_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/sallyport-demo.XXXXXX")}
fi

backend_pid=
responder_pid=
gateway_pid=

# Every way out comes through here, so that no process outlives the demo.
# shellcheck disable=SC2317  # the trap calls it
clean_up() {
    for pid in $gateway_pid $responder_pid $backend_pid; do
        kill "$pid" 2>/dev/null
    done
    for pid in $gateway_pid $responder_pid $backend_pid; do
        wait "$pid" 2>/dev/null
    done
}
trap clean_up EXIT
# Ctrl-C is how it is meant to end.
trap 'exit 0' INT
trap 'exit 143' TERM HUP

fail() {
    echo "demo: $1" >&2
    exit 1
}

# name of a command, name of its package
need() {
    command -v "$1" >/dev/null || fail "$1 is missing (apt-get install $2)"
}

is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The first free port from $1 on.
free_port() {
    local port=$1
    while is_taken "$port"; do
        port=$((port + 1))
    done
    echo "$port"
}

# $1 port, $2 pid of who is to listen there, $3 its name, $4 its log
wait_for_port() {
    for _ in $(seq 300); do
        is_taken "$1" && return
        if ! kill -0 "$2" 2>/dev/null; then
            cat "$4" >&2
            fail "$3 did not start"
        fi
        sleep 0.05
    done
    fail "$3 does not listen on port $1"
}

# A certificate that cannot be made ends the demo; the tool has said why.
pki() {
    "$tools/sallyport-pki" "$@" --dir "$folder/pki" --quiet || exit 1
}

# Clients that are known when the responder dies.
fleet='pump-1 pump-2 pump-3'

make_certificates() {
    local kind leaf
    pki tree
    pki root server-root --subject "/O=Sallyport Demo/CN=Server Root CA"
    pki leaf server --issuer server-root --server --subject /CN=localhost \
        --alternative-name DNS:localhost --alternative-name IP:127.0.0.1
    pki root stranger-root --subject "/O=Stranger/CN=Stranger Root CA"
    pki intermediate stranger-intermediate --issuer stranger-root
    pki leaf stranger --issuer stranger-intermediate
    for kind in expired server-only self-signed; do
        pki leaf "$kind" --kind "$kind" --issuer dev-intermediate
    done
    for leaf in revoked $fleet pump-new; do
        pki leaf "$leaf" --issuer dev-intermediate
    done
}

# $1 certificate, $2 V or R, $3 when and why it was revoked
write_status() {
    local serial
    serial=$(openssl x509 -noout -serial -in "$folder/pki/$1.pem") || exit 1
    printf '%s\t491231235959Z\t%s\t%s\tunknown\t/CN=%s\n' "$2" "$3" "${serial#serial=}" "$1"
}

# What the authority tells its responder, in the form of openssl's index.
write_index() {
    local leaf
    echo 'unique_subject = no' >"$folder/ocsp-index.txt.attr"
    {
        for leaf in dev-client-01 dev-client-02 $fleet pump-new; do
            write_status "$leaf" V ''
        done
        write_status revoked R "$(date -u -d '1 hour ago' +%y%m%d%H%M%SZ),keyCompromise"
    } >"$folder/ocsp-index.txt"
}

# By a question: a connection that says nothing, as a mere look at the port is, would occupy it for seconds.
wait_for_responder() {
    for _ in $(seq 300); do
        openssl ocsp -url "http://127.0.0.1:$responder_port/" -issuer "$folder/pki/dev-intermediate.pem" -no_nonce -timeout 5 \
            -cert "$folder/pki/dev-client-01.pem" -CAfile "$folder/pki/root.pem" >/dev/null 2>&1 && return
        if ! kill -0 "$responder_pid" 2>/dev/null; then
            cat "$folder/responder.log" >&2
            fail "the OCSP responder did not start"
        fi
        sleep 0.05
    done
    fail "the OCSP responder does not answer on port $responder_port"
}

# A real one, of the authority that issues all clients here. Its answers hold for an hour.
start_responder() {
    openssl ocsp -port "$responder_port" -index "$folder/ocsp-index.txt" -CA "$folder/pki/dev-intermediate.pem" \
        -rsigner "$folder/pki/dev-intermediate.pem" -rkey "$folder/pki/dev-intermediate.key" -nmin 60 -timeout 5 \
        >>"$folder/responder.log" 2>&1 </dev/null &
    responder_pid=$!
    wait_for_responder
}

stop_responder() {
    kill "$responder_pid" 2>/dev/null
    wait "$responder_pid" 2>/dev/null
    responder_pid=
}

start_nginx() {
    local user=
    # Its workers would become nobody, who need not be able to look into this folder.
    [ "$(id -u)" -eq 0 ] && user='user root;'
    cat >"$folder/nginx.conf" <<END
$user
daemon off;
worker_processes 1;
pid "$whole_folder/nginx.pid";
error_log "$whole_folder/backend.log" warn;
events {}
http {
    access_log off;
    client_body_temp_path "$whole_folder/body";
    proxy_temp_path "$whole_folder/proxy";
    fastcgi_temp_path "$whole_folder/fastcgi";
    uwsgi_temp_path "$whole_folder/uwsgi";
    scgi_temp_path "$whole_folder/scgi";
    server {
        listen 127.0.0.1:$backend_port;
        default_type text/plain;
        location / {
            return 200 "hello from the backend\nyou are   \$http_x_client_subject\nissued by \$http_x_client_issuer\nserial    \$http_x_client_serial\nfrom      \$http_x_forwarded_for\n";
        }
    }
}
END
    "$nginx" -p "$folder" -c "$whole_folder/nginx.conf" >>"$folder/backend.log" 2>&1 &
    backend_pid=$!
}

start_python() {
    /usr/bin/python3 - "$backend_port" >>"$folder/backend.log" 2>&1 <<'END' &
import http.server, sys

class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        of = lambda name: self.headers.get(name, "")
        body = (f"hello from the backend\nyou are   {of('X-Client-Subject')}\nissued by {of('X-Client-Issuer')}\n"
                f"serial    {of('X-Client-Serial')}\nfrom      {of('X-Forwarded-For')}\n").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Backend).serve_forever()
END
    backend_pid=$!
}

write_configuration() {
    cat >"$folder/gateway.ini" <<END
; What the demo runs. Paths are relative to this file.
[gateway]
access_log = access.log

[listener edge]
address = 127.0.0.1:$port
certificate = pki/server-chain.pem
certificate_key = pki/server.key
ssl_profile = devices
backend = app
rewrite = identity
forward_identity = x_client_cert

[ssl_profile devices]
trusted_client_ca = pki/root.pem
verify_client_auth_mode = strict
reveal_reason = on
; Usually the certificates name their responder, and only the first line is needed.
verify_client_revocation = ocsp
ocsp_responder = http://127.0.0.1:$responder_port/
ocsp_retry_after = 1s

[backend app]
server = 127.0.0.1:$backend_port

[rewrite identity]
request_header = X-Client-Subject: {var_client_certificate_subject}
request_header = X-Client-Issuer: {var_client_certificate_issuer}
request_header = X-Client-Serial: {var_client_certificate_serial}
END
}

# One row a client: name | certificate | status | reason | what it means
clients='
good        | dev-client-01 | 200 |                            | known and in order: forwarded to the backend
none        |               | 400 | no_certificate             | sent no certificate
expired     | expired       | 400 | expired                    | its certificate ended yesterday
stranger    | stranger      | 400 | unable_to_get_local_issuer | from an authority that is not trusted here
purpose     | server-only   | 400 | unsupported_purpose        | a certificate for servers, not for clients
self-signed | self-signed   | 400 | self_signed                | vouches for itself
revoked     | revoked       | 400 | revoked                    | in order, but its authority has revoked it: so says the responder
pump-1      | pump-1        | 200 |                            | one of a fleet: the responder says good, for an hour
pump-2      | pump-2        | 200 |                            | another one
pump-3      | pump-3        | 200 |                            | and another one
'

# The same when the responder has died.
clients_without_responder='
pump-1      | pump-1        | 200 |                            | known: the answer of before holds until its nextUpdate
pump-2      | pump-2        | 200 |                            | known
pump-3      | pump-3        | 200 |                            | known
revoked     | revoked       | 400 | revoked                    | known too: a dead responder helps no thief
pump-new    | pump-new      | 400 | revocation_unavailable     | new: nobody says whether it is revoked (ocsp_failure = deny)
'

# Sets identity: the options that make curl the client of that certificate.
take_identity() {
    identity=()
    [ -z "$1" ] || identity=(--cert "$folder/pki/$1-chain.pem" --key "$folder/pki/$1.key")
}

# The reason in the access log of the request for that path; the line may come a moment after the answer.
reason_of() {
    local line
    for _ in $(seq 500); do
        line=$(grep -F "\"requestUri\":\"$1\"" "$folder/access.log" 2>/dev/null)
        if [ -n "$line" ]; then
            sed -n 's/.*"reason":"\([^"]*\)".*/\1/p' <<<"$line"
            return
        fi
        sleep 0.02
    done
    echo "not in the log"
}

# $1 the rows, $2 where their requests go
show_table() {
    local wrong=0 name certificate expected expected_reason meaning status reason mark
    printf '\n  %-12s %-7s %-28s %s\n' client status 'reason in the log' 'what it means'
    printf '  %-12s %-7s %-28s %s\n' ------ ------ ----------------- -------------
    while IFS='|' read -r name certificate expected expected_reason meaning; do
        read -r name <<<"$name"
        [ -n "$name" ] || continue
        read -r certificate <<<"$certificate"
        read -r expected <<<"$expected"
        read -r expected_reason <<<"$expected_reason"
        read -r meaning <<<"$meaning"
        take_identity "$certificate"
        status=$(curl --silent --max-time 10 --cacert "$folder/pki/server-root.pem" "${identity[@]}" \
            --output /dev/null --write-out '%{http_code}' "https://localhost:$port$2/$name")
        reason=$(reason_of "$2/$name")
        mark=
        if [ "$status" != "$expected" ] || [ "$reason" != "$expected_reason" ]; then
            mark="  <-- expected $expected ${expected_reason:-and no reason}"
            wrong=1
        fi
        printf '  %-12s %-7s %-28s %s%s\n' "$name" "$status" "${reason:--}" "$meaning" "$mark"
    done <<<"$1"
    echo
    return $wrong
}

show_lines() {
    local certificate
    echo "To paste${1}:"
    echo
    for certificate in dev-client-01 pump-new revoked expired ''; do
        take_identity "$certificate"
        echo "  curl --cacert $folder/pki/server-root.pem ${identity[*]:+${identity[*]} }https://localhost:$port/"
    done
    echo "  tail -f $folder/access.log"
    echo "  ${program#"$root"/} explain -c $folder/gateway.ini $folder/pki/revoked-chain.pem"
    echo "  kill $responder_pid    # the OCSP responder"
    echo
}

need curl curl
need openssl openssl
need /usr/bin/python3 python3
[ -x "$program" ] || fail "$program is not built: run make first"

mkdir -p "$folder" || exit 1
whole_folder=$(cd "$folder" && pwd)
rm -f "$folder/access.log" "$folder/backend.log" "$folder/responder.log" "$folder/gateway.log"
make_certificates
write_index

backend_port=$(free_port "${DEMO_BACKEND_PORT:-8080}")
port=$(free_port "${DEMO_PORT:-8443}")
responder_port=$(free_port "${DEMO_RESPONDER_PORT:-8888}")
nginx=$(command -v nginx || command -v /usr/sbin/nginx || true)
if [ -n "$nginx" ]; then
    backend_kind=nginx
    start_nginx
else
    backend_kind=python3
    start_python
fi
wait_for_port "$backend_port" "$backend_pid" "the backend" "$folder/backend.log"

start_responder

write_configuration
"$program" run -c "$folder/gateway.ini" >"$folder/gateway.log" 2>&1 &
gateway_pid=$!
wait_for_port "$port" "$gateway_pid" "the gateway" "$folder/gateway.log"

echo "backend on 127.0.0.1:$backend_port ($backend_kind), OCSP responder on port $responder_port (openssl ocsp)"
echo "gateway on https://localhost:$port, configuration in $folder/gateway.ini"
wrong=0
show_table "$clients" /demo || wrong=1
stop_responder
echo "The OCSP responder has died."
show_table "$clients_without_responder" /demo/without-responder || wrong=1
[ $wrong -eq 0 ] || cat "$folder/gateway.log" "$folder/responder.log" >&2

if [ "${DEMO_ONCE:-0}" != 0 ]; then
    exit $wrong
fi
start_responder
echo "The OCSP responder is back."
if [ -f "$root/Makefile" ]; then
    show_lines " (from $root)"
else
    show_lines ""
fi
echo "Ctrl-C ends it."
# The gateway ending by itself is news; Ctrl-C is not.
wait "$gateway_pid"
gateway_pid=
fail "the gateway ended; see $folder/gateway.log"
