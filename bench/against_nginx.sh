#!/bin/bash
# Four figures of the gateway beside those of the distribution's nginx: same machine, same core, same certificates, suite and
# group, in turn. Usage: bench/against_nginx.sh [ROUNDS]    (3; build/sallyport must be built)
#
# Counted is the CPU time of the gateway's process as the scheduler accounts for it, not throughput: on a shared machine the
# clients' share of a core comes and goes, the work of the gateway does not. Medians over the rounds, and their ratio.
# One worker on CPU 0; clients and the backend on the others.
set -eu
rounds=${1:-3}
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
chmod 755 "$work" # nginx reads its files as another user
seconds=4
clients=8
idle_count=1000

cleanup() {
    # shellcheck disable=SC2046
    kill $(jobs -p) 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

for tool in nginx openssl wrk curl python3; do
    command -v $tool >/dev/null || { echo "against_nginx: $tool is missing; \`make deps-test\` installs it" >&2; exit 1; }
done

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# --- certificates: P-256, leaf and intermediate on both sides ---
certificate() { # name, issuer, subject, extensions
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "$3" 2>/dev/null
    printf '%b' "$4" >"$work/$1.ext"
    openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -CAcreateserial -days 2 \
        -out "$work/$1.pem" -extfile "$work/$1.ext" 2>/dev/null
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/root.key" -out "$work/root.pem" -days 2 \
    -subj "/CN=Bench Root" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
certificate ca root "/CN=Bench CA" "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
certificate server ca "/CN=localhost" "subjectAltName=DNS:localhost\n"
certificate client ca "/CN=device" "extendedKeyUsage=clientAuth\n"
cat "$work/server.pem" "$work/ca.pem" >"$work/server-chain.pem"
cat "$work/client.pem" "$work/ca.pem" >"$work/client-chain.pem"

# --- backend, nginx as the peer, the gateway ---
backend=$(free_port) ours=$(free_port) ours_open=$(free_port) theirs=$(free_port) theirs_open=$(free_port)
mkdir -p "$work/www"
head -c 300 /dev/zero | tr '\0' x >"$work/www/300"
head -c 1000000 /dev/zero >"$work/www/1m"
paths="client_body_temp_path $work/tmp1; proxy_temp_path $work/tmp2; fastcgi_temp_path $work/tmp3; uwsgi_temp_path $work/tmp4; scgi_temp_path $work/tmp5;"
cat >"$work/backend.conf" <<CONF
worker_processes 1; daemon off; pid $work/backend.pid; error_log $work/backend.err;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; $paths server { listen 127.0.0.1:$backend; root $work/www; } }
CONF
tls="ssl_certificate $work/server-chain.pem; ssl_certificate_key $work/server.key; ssl_session_tickets off; ssl_session_cache off;
     ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
     location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\"; }"
cat >"$work/peer.conf" <<CONF
worker_processes 1; worker_cpu_affinity 1; daemon off; pid $work/peer.pid; error_log $work/peer.err;
events { worker_connections 8192; }
http {
    access_log off; keepalive_requests 100000000; $paths
    upstream app { server 127.0.0.1:$backend; keepalive 64; keepalive_requests 100000000; }
    server { listen 127.0.0.1:$theirs ssl; ssl_client_certificate $work/root.pem; ssl_verify_client on; ssl_verify_depth 3; $tls }
    server { listen 127.0.0.1:$theirs_open ssl; $tls }
}
CONF
cat >"$work/gateway.ini" <<CONF
[gateway]
workers = 1
cpu_affinity = 0
access_log = off
max_connections = 4000
[listener edge]
address = 127.0.0.1:$ours
certificate = server-chain.pem
certificate_key = server.key
ssl_profile = devices
backend = app
[listener open]
address = 127.0.0.1:$ours_open
certificate = server-chain.pem
certificate_key = server.key
ssl_profile = open
backend = app
[ssl_profile devices]
trusted_client_ca = root.pem
[ssl_profile open]
verify_client_auth_mode = off
[backend app]
server = 127.0.0.1:$backend
CONF
taskset -c 1 nginx -c "$work/backend.conf" &
nginx -c "$work/peer.conf" &
"$root/build/sallyport" run -c "$work/gateway.ini" 2>"$work/gateway.err" &
our_process=$!
for port in $ours $theirs $backend; do
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        sleep 0.05
    done
done
their_process=$(pgrep -P "$(cat "$work/peer.pid")")

# Both must let the client in and reach the backend, or what is measured is a refusal.
for port in $ours $theirs; do
    printf 'GET /300 HTTP/1.0\r\n\r\n' | openssl s_client -quiet -connect "127.0.0.1:$port" -cert "$work/client.pem" -key "$work/client.key" \
        -CAfile "$work/ca.pem" 2>/dev/null | head -n 1 | grep -q ' 200 ' || { echo "against_nginx: port $port does not let the client in" >&2; exit 1; }
done

# Nanoseconds of CPU that a process has used.
cpu_of() { awk '{ sum += $1 } END { printf "%d\n", sum }' /proc/"$1"/task/*/schedstat; }

# Each measurement prints one number for process $1 and port $2.
handshake() {
    before=$(cpu_of "$1")
    for number in $(seq $clients); do
        # s_time sends the leaf of -cert alone, and completes the chain from -CAfile.
        taskset -c 1 openssl s_time -new -connect "127.0.0.1:$2" -cert "$work/client.pem" -key "$work/client.key" -CAfile "$work/ca.pem" \
            -www /300 -time $seconds >"$work/time.$number" 2>/dev/null &
        pids[number]=$!
    done
    wait "${pids[@]}"
    after=$(cpu_of "$1")
    count=$(sed -n 's/^\([0-9]*\) connections in [0-9]* real.*/\1/p' "$work"/time.* | awk '{ sum += $1 } END { print sum }')
    awk -v ns=$((after - before)) -v count="$count" 'BEGIN { printf "%.1f\n", ns / count / 1000 }'
}
request() {
    before=$(cpu_of "$1")
    count=$(taskset -c 1 wrk -t1 -c32 -d$seconds "https://127.0.0.1:$2/300" | sed -n 's/^ *\([0-9]*\) requests in.*/\1/p')
    after=$(cpu_of "$1")
    awk -v ns=$((after - before)) -v count="$count" 'BEGIN { printf "%.2f\n", ns / count / 1000 }'
}
gigabyte() {
    before=$(cpu_of "$1")
    count=$(taskset -c 1 wrk -t1 -c8 -d$seconds "https://127.0.0.1:$2/1m" | sed -n 's/^ *\([0-9]*\) requests in.*/\1/p')
    after=$(cpu_of "$1")
    awk -v ns=$((after - before)) -v count="$count" 'BEGIN { printf "%.3f\n", ns / count / 1e6 }' # a request is 1 MB
}
idle() {
    WORK=$work python3 - "$1" "$2" $idle_count <<'PYTHON'
import os, socket, ssl, sys
process, port, count = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
def resident_kib():
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.load_cert_chain(os.environ["WORK"] + "/client-chain.pem", os.environ["WORK"] + "/client.key")
before, held = resident_kib(), []
for _ in range(count):
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname="localhost")
    client.sendall(b"GET /300 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer or len(answer.split(b"\r\n\r\n", 1)[1]) < 300:
        answer += client.recv(65536)
    held.append(client)
print(f"{(resident_kib() - before) / count:.2f}")
PYTHON
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# $1 what is shown, $2 measurement, $3 and $4 the ports, $5 rounds
compare() {
    : >"$work/a"
    : >"$work/b"
    for _ in $(seq "$5"); do
        "$2" "$our_process" "$3" >>"$work/a"
        "$2" "$their_process" "$4" >>"$work/b"
    done
    a=$(median <"$work/a")
    b=$(median <"$work/b")
    printf '%-56s %10s %10s %8s\n' "$1" "$a" "$b" "$(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.2f", b / a }')"
}

echo "$(nginx -v 2>&1), $(openssl version | cut -d' ' -f1-2); $("$root/build/sallyport" version -v | sed -n 's/^tls_running *//p'); medians of $rounds rounds"
printf '%-56s %10s %10s %8s\n' "one worker on one core" sallyport nginx ratio
# First the memory, in fresh processes: later ones would find memory that was used and kept.
compare "idle mTLS connection, resident KiB" idle "$ours" "$theirs" 1
compare "full mTLS handshake + 1 request, CPU us" handshake "$ours" "$theirs" "$rounds"
compare "kept-alive request, 300-byte answer, CPU us" request "$ours_open" "$theirs_open" "$rounds"
compare "1 MB answers, CPU seconds per GB" gigabyte "$ours_open" "$theirs_open" "$rounds"

kill -USR2 "$our_process"
sleep 0.5
awk '$2 ~ /^verdict_/ && $2 != "verdict_success" && $2 != "verdict_no_certificate" && $3 > 0 { bad = 1 } END { exit bad }' "$work/gateway.err" ||
    { echo "against_nginx: some clients were refused; the figures above are of refusals" >&2; exit 1; }
