#!/bin/sh
# Makes CAs of every kind of key, a client of each, and what `openssl ocsp` asks and answers about that client.
#
# Usage: tests/pki/make_ocsp_pki.sh <folder>
#
# For each kind (p256 p384 p521 ed25519 rsa2048 pss sha384):
#
#   <kind>.ca.der  <kind>.leaf.der      the issuer and the client
#   <kind>.good.der                     the issuer's answer, by name
#   <kind>.by_key.der                   the same by key
#   <kind>.revoked.der                  keyCompromise at 2025-01-02 03:04:05 UTC
#   <kind>.delegate.der                 by a delegate, whose certificate comes after the issuer's own
#   <kind>.request.der  .nonce.der      what openssl asks, without and with a nonce
set -eu

folder=${1:?usage: tests/pki/make_ocsp_pki.sh <folder>}
mkdir -p "$folder"
cd "$folder"

cat >ca.cnf <<'END'
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
END
cat >leaf.cnf <<'END'
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:http://ocsp.test:8080/path
END
cat >delegate.cnf <<'END'
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
END
printf '[req]\ndistinguished_name = dn\n[dn]\n' >openssl.cnf
printf 'V\t401231235959Z\t\t1001\tunknown\t/CN=leaf\n' >good.index
printf 'R\t401231235959Z\t250102030405Z,keyCompromise\t1001\tunknown\t/CN=leaf\n' >revoked.index

quietly() {
    "$@" >quiet.log 2>&1 || { cat quiet.log >&2; exit 1; }
}

# new_key <name> <options of openssl genpkey>
new_key() {
    out=$1
    shift
    quietly openssl genpkey "$@" -out "$out.key"
}

# issue <name> <subject> <serial> <extensions> <signing options>; signed by $kind.ca unless it is self-signed
issue() {
    out=$1 subject=$2 serial=$3 extensions=$4
    shift 4
    quietly openssl req -new -config openssl.cnf -key "$out.key" -subj "$subject" -out "$out.csr"
    quietly openssl x509 -req -in "$out.csr" -days 30 -set_serial "$serial" -extfile "$extensions" -out "$out.pem" "$@"
    quietly openssl x509 -in "$out.pem" -outform der -out "$out.der"
}

# answer <out> <index> <signer> <options of openssl ocsp>
answer() {
    out=$1 index=$2 signer=$3
    shift 3
    quietly openssl ocsp -index "$index" -CA "$kind.ca.pem" -rsigner "$signer.pem" -rkey "$signer.key" -issuer "$kind.ca.pem" \
        -serial 0x1001 -no_nonce -ndays 1 -noverify -respout "$out" "$@"
}

# make_kind <kind> <signing options of certificates> <signing options of answers> <options of openssl genpkey>
make_kind() {
    kind=$1 certificate_options=$2 answer_options=$3
    shift 3
    for name in ca leaf delegate; do
        new_key "$kind.$name" "$@"
    done
    # shellcheck disable=SC2086 # lists of words
    {
        issue "$kind.ca" /O=Test/CN="$kind" 1 ca.cnf -signkey "$kind.ca.key" $certificate_options
        set -- -CA "$kind.ca.pem" -CAkey "$kind.ca.key" $certificate_options
        issue "$kind.leaf" /CN=leaf 0x1001 leaf.cnf "$@"
        issue "$kind.delegate" /CN=delegate 0x2001 delegate.cnf "$@"
        answer "$kind.good.der" good.index "$kind.ca" $answer_options
        answer "$kind.by_key.der" good.index "$kind.ca" -resp_key_id $answer_options
        answer "$kind.revoked.der" revoked.index "$kind.ca" $answer_options
        answer "$kind.delegate.der" good.index "$kind.delegate" -rother "$kind.ca.pem" $answer_options
    }
    quietly openssl ocsp -issuer "$kind.ca.pem" -cert "$kind.leaf.pem" -no_nonce -reqout "$kind.request.der"
    quietly openssl ocsp -issuer "$kind.ca.pem" -cert "$kind.leaf.pem" -nonce -reqout "$kind.nonce.der"
}

make_kind p256 '' '' -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_kind p384 -sha384 '-rmd sha384' -algorithm EC -pkeyopt ec_paramgen_curve:P-384
make_kind p521 -sha512 '-rmd sha512' -algorithm EC -pkeyopt ec_paramgen_curve:P-521
make_kind ed25519 '' '' -algorithm ED25519
make_kind rsa2048 '' '-rmd sha256' -algorithm RSA -pkeyopt rsa_keygen_bits:2048
make_kind pss '' '-rmd sha256 -rsigopt rsa_padding_mode:pss' -algorithm RSA -pkeyopt rsa_keygen_bits:2048
make_kind sha1 '' '-rmd sha1' -algorithm RSA -pkeyopt rsa_keygen_bits:2048
