#!/bin/sh
# Makes the certificates of the simulation in a folder, with the openssl command alone.
#
# Usage: tests/sim/make_sim_pki.sh <folder>      the folder must exist
#
# RSA only and with fixed serial numbers: whatever the keys are, every certificate and every signature is as long as in the
# last run, so a seed cuts the streams of bytes at the same places.
set -eu

cd "${1:?usage: make_sim_pki.sh <folder>}"
exec 2>openssl.log

cat >sim.conf <<'CONF'
[req]
distinguished_name = subject
[subject]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = CA:false
extendedKeyUsage = serverAuth
subjectAltName = DNS:*.example.com
[client]
basicConstraints = CA:false
extendedKeyUsage = clientAuth
CONF

for name in root server client_good client_stranger; do
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$name.key"
done

# self_signed NAME EXTENSIONS SERIAL
self_signed() {
    openssl req -x509 -config sim.conf -extensions "$2" -key "$1.key" -subj "/CN=$1" -days 3650 -set_serial "$3" \
        -out "$1.pem"
}

# leaf NAME EXTENSIONS SERIAL
leaf() {
    openssl req -new -config sim.conf -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA root.pem -CAkey root.key -set_serial "$3" -days 3650 -extfile sim.conf \
        -extensions "$2" -out "$1.pem"
}

self_signed root root 1001
leaf server server 1002
leaf client_good client 1003
self_signed client_stranger client 1004
chmod 600 ./*.key
